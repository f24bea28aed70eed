// DHCP and DHCPv6 as recognition, configuration and the field registry see them: two protocols with one purpose and few
// fields, but other ports and messages.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { isDhcp, readDhcp } from './decoder.ts';
import { isDhcpv6, readDhcpv6 } from './decoder-v6.ts';
import { dhcpFields, dhcpv6Fields } from './fields.ts';

export const dhcpDecoder: DecoderDefinition = {
  name: 'dhcp',
  title: 'DHCP for IPv4',
  transports: ['udp'],
  ports: [67, 68, 4011],
  firstBytes: [1, 2],
  records: [],
  sessionFields: Object.values(dhcpFields),
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => (isDhcp(bytes, from, to) ? Verdict.certain : Verdict.no),
  create: (context) => new PacketDecoder(context, readDhcp),
};

export const dhcpv6Decoder: DecoderDefinition = {
  name: 'dhcpv6',
  title: 'DHCPv6',
  transports: ['udp'],
  ports: [546, 547],
  records: [],
  sessionFields: Object.values(dhcpv6Fields),
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => (isDhcpv6(bytes, from, to) ? Verdict.faint : Verdict.no),
  create: (context) => new PacketDecoder(context, readDhcpv6),
};
