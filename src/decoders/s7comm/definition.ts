// S7 communication over ISO transport (TPKT, RFC 1006, and COTP, ISO 8073) as recognition, configuration and the field
// registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { s7commAnomalies } from './anomalies.ts';
import { hasAccessPoints, isSetup, packetLength, payloadStart, S7commDecoder } from './decoder.ts';
import { s7commFields } from './fields.ts';
import { type S7commOptions, s7commOptions } from './options.ts';
import { isS7 } from './pdu.ts';

/**
 * `certain` when the first packet sets up a connection between transport service access points, which other users of TPKT
 * (RDP) do not name, or carries an S7 message.
 */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = packetLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes || to - from < 7) return Verdict.needMore;
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
  sessionFields: Object.values(s7commFields),
  anomalies: Object.values(s7commAnomalies),
  options: s7commOptions,
  probe,
  create: (context, options) => {
    return new S7commDecoder(context, options as unknown as S7commOptions);
  },
};
