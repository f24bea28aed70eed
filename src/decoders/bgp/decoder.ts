// BGP messages (RFC 4271 section 4) in a stream: their types. Runs on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
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

/** Length of the message at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function messageLength(bytes: Buffer, from: number, to: number): number {
  if (markerBytes(bytes, from, to) < 0) return noMessage;
  if (to - from < headerLength) return needMoreBytes;
  const length = bytes.readUInt16BE(from + markerLength);
  return length < headerLength ? noMessage : length;
}

export class BgpDecoder extends FramedDecoder {
  constructor(context: DecoderContext) {
    super(context, headerLength, { action: 'stop', anomaly: bgpAnomalies.bad_header });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return messageLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number): number {
    const name = typeNames[bytes[from + headerLength - 1] as number];
    if (name !== undefined && name !== '') this.context.note(bgpFields.type, name);
    return 0;
  }
}
