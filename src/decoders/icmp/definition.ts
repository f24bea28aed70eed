// ICMP (RFC 792) and ICMPv6 (RFC 4443): the types and codes of a session's messages. One decoder for both, because a reader
// of sessions asks for either by the one name.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { readPacket } from './decoder.ts';
import { icmpFields } from './fields.ts';

export const icmpDecoder: DecoderDefinition = {
  name: 'icmp',
  title: 'ICMP and ICMPv6 types and codes',
  transports: ['ip'],
  ports: [],
  numbers: [1, 58],
  records: [],
  sessionFields: Object.values(icmpFields),
  anomalies: [],
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, readPacket),
};
