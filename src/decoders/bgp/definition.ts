// BGP (RFC 4271) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { bgpAnomalies } from './anomalies.ts';
import { BgpDecoder, headerLength, messageLength, typeNames } from './decoder.ts';
import { bgpFields } from './fields.ts';

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messageLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes) return Verdict.needMore;
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
  create: (context) => new BgpDecoder(context),
};
