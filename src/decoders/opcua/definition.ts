// OPC UA over TCP (OPC 10000-6 section 7.1) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { anomalies, ConnectionReader, messages, sessionFields } from './message.ts';

/** `certain` for what opens a connection from either side. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messages(0).length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more) return Verdict.needMore;
  const first = bytes[from];
  return first === 0x48 || first === 0x52 ? Verdict.certain : Verdict.maybe;
}

export const opcuaDecoder: DecoderDefinition = {
  name: 'opcua',
  title: 'OPC UA: endpoints, security policies, certificates',
  transports: ['tcp'],
  ports: [4840],
  // Hello, acknowledge, error, reverse hello, open, close, message.
  firstBytes: [...Buffer.from('HAEROCM')],
  records: [],
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_message_bytes: Type.Integer({
      default: 32_768,
      minimum: 256,
      maximum: 1_048_576,
      description: 'Bytes of a message that are read: certificates are long.',
    }),
  }),
  probe,
  create: (context, options) => {
    const { max_message_bytes } = options as { max_message_bytes: number };
    return new MessageDecoder(context, messages(max_message_bytes), new ConnectionReader());
  },
};
