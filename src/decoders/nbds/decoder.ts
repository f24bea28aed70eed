// Reads a message of the NetBIOS datagram service (RFC 1002 §4.4): does it carry SMB? Called for each datagram, on packet
// workers.

import { readU16 } from '../big-endian.ts';
import type { DecoderContext, Direction } from '../contract.ts';

/** Kinds of messages: datagrams to one name, a group, all; errors; queries to and answers of a distribution server. */
export const MessageType = {
  directUnique: 0x10,
  broadcast: 0x12,
  error: 0x13,
  queryRequest: 0x14,
  negativeResponse: 0x16,
} as const;

/** Of datagrams: with their length and the offset of a fragment (§4.4.1). Others are shorter. */
export const datagramHeaderBytes = 14;

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  const type = bytes[from] as number;
  if (to - from < datagramHeaderBytes || type < MessageType.directUnique || type > MessageType.broadcast) return;
  // A later fragment begins anywhere.
  if (readU16(bytes, from + 12) !== 0) return;
  let at = from + datagramHeaderBytes;
  for (let name = 0; name < 2; name++) {
    at = behindName(bytes, at, to);
    if (at < 0) return;
  }
  if (at + 4 > to || bytes[at + 1] !== 0x53 || bytes[at + 2] !== 0x4d || bytes[at + 3] !== 0x42) return;
  if (bytes[at] === 0xff || bytes[at] === 0xfe) context.protocol('smb');
}

/** The offset behind the labels of a name and its root; -1 when it does not end. */
function behindName(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at += 1 + (bytes[at] as number)) if (bytes[at] === 0) return at + 1;
  return -1;
}
