// ANSI C12.22 (IEEE 1703), the network protocol of utility meters, over TCP (RFC 6142) as recognition, configuration and the
// field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { c1222Anomalies } from './anomalies.ts';
import { beginsAssociation, messageReader, messages } from './decoder.ts';
import { c1222Fields } from './fields.ts';
import { type C1222Options, c1222Options } from './options.ts';

/** `certain` when the first element is one that an association begins with and in which a title or number is. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messages(0).length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more) return Verdict.needMore;
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
    const { max_message_bytes } = options as unknown as C1222Options;
    return new MessageDecoder(context, messages(max_message_bytes), messageReader);
  },
};
