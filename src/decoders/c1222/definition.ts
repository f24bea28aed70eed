// ANSI C12.22 (IEEE 1703), the network protocol of utility meters, over TCP (RFC 6142) as recognition, configuration and the
// field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { anomalies, beginsAssociation, messageReader, messages, sessionFields } from './message.ts';

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
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_message_bytes: Type.Integer({
      default: 8192,
      minimum: 256,
      maximum: 1_048_576,
      description: 'Bytes of a message that are read.',
    }),
  }),
  probe,
  create: (context, options) => {
    const { max_message_bytes } = options as { max_message_bytes: number };
    return new MessageDecoder(context, messages(max_message_bytes), messageReader);
  },
};
