export { dhcpDecoder, dhcpv6Decoder } from './definition.ts';
