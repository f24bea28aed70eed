// ARP for IPv4 over Ethernet (RFC 826): which addresses are asked for, and who has them.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { arpAnomalies } from './anomalies.ts';
import { readPacket } from './decoder.ts';
import { arpFields } from './fields.ts';

export const arpDecoder: DecoderDefinition = {
  name: 'arp',
  title: 'ARP: who asks for which IPv4 address, and who has it',
  transports: ['ethernet'],
  ports: [],
  numbers: [0x0806],
  records: [],
  sessionFields: Object.values(arpFields),
  anomalies: Object.values(arpAnomalies),
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, readPacket),
};
