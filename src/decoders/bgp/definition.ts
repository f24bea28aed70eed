// BGP (RFC 4271) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { bgpAnomalies } from './anomalies.ts';
import { headerLength, messageReader, messages, typeNames } from './decoder.ts';
import { bgpFields } from './fields.ts';

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messages.length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more) return Verdict.needMore;
  return typeNames[bytes[from + headerLength - 1] as number] ? Verdict.certain : Verdict.no;
}

export const bgpDecoder: DecoderDefinition = {
  name: 'bgp',
  // Its sessions last for months.
  saveSecs: 10,
  title: 'BGP message types',
  transports: ['tcp'],
  ports: [179],
  firstBytes: [0xff],
  records: [],
  sessionFields: Object.values(bgpFields),
  anomalies: Object.values(bgpAnomalies),
  options: Type.Object({}),
  probe,
  create: (context) => new MessageDecoder(context, messages, messageReader),
};
