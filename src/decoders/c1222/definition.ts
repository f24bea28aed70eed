// ANSI C12.22 (IEEE 1703), the network protocol of utility meters, over TCP (RFC 6142) as recognition, configuration and the
// field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { c1222Anomalies } from './anomalies.ts';
import { beginsAssociation, C1222Decoder, messageLength } from './decoder.ts';
import { c1222Fields } from './fields.ts';
import { type C1222Options, c1222Options } from './options.ts';

/** `certain` when the first element is one that an association begins with and in which a title or number is. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messageLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes) return Verdict.needMore;
  return beginsAssociation(bytes, from, to);
}

export const c1222Decoder: DecoderDefinition = {
  name: 'c1222',
  title: 'ANSI C12.22: titles, invocations, security',
  transports: ['tcp'],
  ports: [1153],
  firstBytes: [0x60],
  records: [],
  sessionFields: Object.values(c1222Fields),
  anomalies: Object.values(c1222Anomalies),
  options: c1222Options,
  probe,
  create: (context, options) => {
    return new C1222Decoder(context, options as unknown as C1222Options);
  },
};
