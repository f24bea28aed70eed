export { formatAddress, formatIpv4, formatIpv6, formatMac } from './addresses.ts';
export { PacketView, packetsIn } from './packet-view.ts';
