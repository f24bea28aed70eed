export { formatAddress, formatIpv4, formatIpv6, formatMac } from './addresses.ts';
export { communityId } from './community-id.ts';
export { MacTexts } from './mac-texts.ts';
export { PacketView } from './packet-view.ts';
