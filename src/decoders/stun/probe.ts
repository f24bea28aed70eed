// Is this STUN? The cookie says so (RFC 8489 §5). Messages of RFC 3489 have none: kinds that it knows, with attributes that
// fill the datagram, on STUN's ports. A third kind begins with a line of text, `RSP/2.0 STUN`, of relays of games.

import { readU16, readU32 } from '../big-endian.ts';
import { type Direction, Verdict } from '../contract.ts';
import { beginVerdict } from '../first-bytes.ts';
import { headerBytes, magicCookie } from './message.ts';

/** Requests, responses and errors of Binding and SharedSecret. */
const classicTypes: readonly number[] = [0x0001, 0x0101, 0x0111, 0x0002, 0x0102, 0x0112];
/** Longest first line that is looked through. */
const lineBytesMax = 64;
const lineStart = Buffer.from('RSP/');
const lineWord = Buffer.from('STUN');

export function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (bytes[from] === lineStart[0]) return probeLine(bytes, from, to);
  if ((bytes[from] as number) > 3) return Verdict.no;
  if (to - from < 8) return to - from >= 4 && readU16(bytes, from + 2) % 4 !== 0 ? Verdict.no : Verdict.needMore;
  if (readU32(bytes, from + 4) === magicCookie) return Verdict.certain;
  if (!classicTypes.includes(readU16(bytes, from))) return Verdict.no;
  return isFilled(bytes, from, to) ? Verdict.faint : Verdict.no;
}

function isFilled(bytes: Buffer, from: number, to: number): boolean {
  if (from + headerBytes + readU16(bytes, from + 2) !== to) return false;
  let at = from + headerBytes;
  while (at + 4 <= to) at += 4 + readU16(bytes, at + 2);
  return at === to;
}

function probeLine(bytes: Buffer, from: number, to: number): Verdict {
  if (beginVerdict(lineStart, bytes, from, to) === Verdict.no) return Verdict.no;
  const end = Math.min(to, from + lineBytesMax);
  for (let at = from + lineStart.length; at + lineWord.length <= end && bytes[at] !== 0x0a; at++)
    if (bytes.compare(lineWord, 0, lineWord.length, at, at + lineWord.length) === 0) return Verdict.certain;
  for (let at = from; at < end; at++) if (bytes[at] === 0x0a) return Verdict.no;
  return end - from < lineBytesMax ? Verdict.needMore : Verdict.no;
}
