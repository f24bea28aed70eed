// S7 communication over ISO transport (TPKT, RFC 1006, and COTP, ISO 8073) as recognition, configuration and the field
// registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { isS7, sessionFields } from './pdu.ts';
import { anomalies, hasAccessPoints, isSetup, packets, payloadStart, S7Reader } from './transport.ts';

/**
 * `certain` when the first packet sets up a connection between transport service access points, which other users of TPKT
 * (RDP) do not name, or carries an S7 message.
 */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = packets(0).length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more || to - from < 7) return Verdict.needMore;
  const end = Math.min(to, from + length);
  if (isSetup(bytes, from)) {
    if (hasAccessPoints(bytes, from, end)) return Verdict.certain;
    return end - from < length ? Verdict.needMore : Verdict.no;
  }
  const start = payloadStart(bytes, from);
  if (start < 0 || start >= from + length) return Verdict.no;
  if (start >= end) return Verdict.needMore;
  return isS7(bytes[start] as number) ? Verdict.certain : Verdict.no;
}

export const s7commDecoder: DecoderDefinition = {
  name: 's7comm',
  title: 'S7 communication: functions, errors, classic and plus',
  transports: ['tcp'],
  ports: [102],
  firstBytes: [3],
  // What speaks over the transport is known with its first message.
  namesItself: true,
  records: [],
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_packet_bytes: Type.Integer({
      default: 1024,
      minimum: 64,
      maximum: 65_535,
      description: 'Bytes of a packet that are read.',
    }),
  }),
  probe,
  create: (context, options) => {
    const { max_packet_bytes } = options as { max_packet_bytes: number };
    return new MessageDecoder(context, packets(max_packet_bytes), new S7Reader());
  },
};
