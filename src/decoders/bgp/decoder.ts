// BGP messages (RFC 4271 section 4) in a stream: their types. Runs on packet workers.

import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';
import { bgpAnomalies } from './anomalies.ts';
import { bgpFields } from './fields.ts';

/** RFC 4271 section 4.1, RFC 2918. */
export const typeNames = ['', 'OPEN', 'UPDATE', 'NOTIFICATION', 'KEEPALIVE', 'ROUTE-REFRESH'];
const markerLength = 16;
export const headerLength = 19;

/** How many of the 16 ones of the marker are there; -1 when another byte is. */
function markerBytes(bytes: Buffer, from: number, to: number): number {
  const end = Math.min(to, from + markerLength);
  for (let at = from; at < end; at += 1) if (bytes[at] !== 0xff) return -1;
  return end - from;
}

export const messages: MessageFraming = {
  // Only the header is read.
  mostBytes: headerLength,
  whenLost: 'stop',
  lost: bgpAnomalies.bad_header,
  length(bytes, from, to) {
    if (markerBytes(bytes, from, to) < 0) return Framing.lost;
    if (to - from < headerLength) return Framing.more;
    const length = bytes.readUInt16BE(from + markerLength);
    return length < headerLength ? Framing.lost : length;
  },
};

export const messageReader: MessageReader = {
  message(context, _direction, bytes, from) {
    const name = typeNames[bytes[from + headerLength - 1] as number];
    if (name !== undefined && name !== '') context.note(bgpFields.type, name);
    return true;
  },
};
