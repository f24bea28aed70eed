// Reads what a datagram of ISAKMP holds. On port 4500 four zero bytes tell a message from ESP in UDP (RFC 3948 section 2.2).
// Called for each datagram, on packet workers; keeps nothing.

import { readU32 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { isMessage, readMessage } from './message.ts';

const markerBytes = 4;

/** Where the message begins: behind the marker, if there is one; -1 when there is none. */
export function messageAt(bytes: Buffer, from: number, to: number): number {
  if (isMessage(bytes, from, to)) return from;
  if (to - from < markerBytes || readU32(bytes, from) !== 0) return -1;
  return isMessage(bytes, from + markerBytes, to) ? from + markerBytes : -1;
}

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  const at = messageAt(bytes, from, to);
  if (at >= 0) readMessage(context, bytes, at, to);
}
