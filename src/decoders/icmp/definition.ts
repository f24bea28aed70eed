// ICMP (RFC 792) and ICMPv6 (RFC 4443): the types and codes of a session's messages. One decoder for both, because a reader
// of sessions asks for either by the one name.

import { Type } from 'typebox';
import { collected } from '../collected-field.ts';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder, type PacketReader } from '../packet-decoder.ts';

const typeField = collected('long', 'icmp.type', 'Types of ICMP messages; those of ICMPv6 have numbers of their own.', {
  path: 'icmp.type',
  counted: false,
});
const codeField = collected('long', 'icmp.code', 'Codes of ICMP messages.', { path: 'icmp.code', counted: false });

const read: PacketReader = (context, _direction, bytes, from, to) => {
  if (to - from < 2) return;
  context.note(typeField, bytes[from] as number);
  context.note(codeField, bytes[from + 1] as number);
};

export const icmpDecoder: DecoderDefinition = {
  name: 'icmp',
  title: 'ICMP and ICMPv6 types and codes',
  transports: ['ip'],
  ports: [],
  numbers: [1, 58],
  records: [],
  sessionFields: [typeField, codeField],
  anomalies: [],
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, read),
};
