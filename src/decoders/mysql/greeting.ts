// A server's greeting (MySQL Internals, Protocol::HandshakeV10): what a session of MySQL begins with. Called by the
// decoder and by recognition, on packet workers; allocates nothing.

import { type Direction, Verdict } from '../contract.ts';
import type { HeadForms } from '../payload-condition.ts';

/** Three bytes of length in little endian and a sequence number. */
export const headBytes = 4;
const protocolVersion = 10;
const maxVersionBytes = 100;
const maxGreetingBytes = 512;
/** Behind the version: connection id, first part of the challenge and a NUL. */
const leastRestBytes = 13;

/** Number 0, and the version of the protocol. */
export const greetingForms: HeadForms = [[{ at: headBytes - 1, least: protocolVersion, most: protocolVersion }]];

export function packetLength(bytes: Buffer, at: number): number {
  return headBytes + bytes.readUIntLE(at, 3);
}

/** Does the packet `[from, to)` begin as a greeting does: with number 0, and the version of the protocol? */
export function isGreeting(bytes: Buffer, from: number, to: number): boolean {
  return to - from > headBytes && bytes[from + headBytes - 1] === 0 && bytes[from + headBytes] === protocolVersion;
}

/** Where the version that begins at `from` ends; `to` when no NUL comes; -1 when something other than text comes. */
export function versionEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  for (; at < to && bytes[at] !== 0; at++) {
    const code = bytes[at] as number;
    if (code < 0x20 || code > 0x7e || at - from === maxVersionBytes) return -1;
  }
  return at;
}

export function probeGreeting(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headBytes + 2) {
    if (to - from > headBytes && !isGreeting(bytes, from, to)) return Verdict.no;
    return to - from === headBytes && bytes[from + 3] !== 0 ? Verdict.no : Verdict.needMore;
  }
  const length = packetLength(bytes, from);
  if (length > maxGreetingBytes || !isGreeting(bytes, from, to)) return Verdict.no;
  // Versions begin with their number.
  const first = bytes[from + headBytes + 1] as number;
  if (first < 0x30 || first > 0x39) return Verdict.no;
  const end = versionEnd(bytes, from + headBytes + 1, to);
  if (end < 0) return Verdict.no;
  if (end === to) return Verdict.needMore;
  return end + 1 + leastRestBytes <= from + length ? Verdict.certain : Verdict.no;
}
