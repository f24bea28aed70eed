export { addressMost, writeHyphenMac, writeIpv4, writeIpv6 } from './address-bytes.ts';
export { formatAddress, formatIpv4, formatIpv6, formatMac } from './addresses.ts';
export { communityDigest, communityId, communityIdLength, digestWords, icmpPorts, writeCommunityId } from './community-id.ts';
export { PacketView, packetsIn } from './packet-view.ts';
