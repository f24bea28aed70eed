// Is a stream SOCKS? Asked with the first bytes of each direction, on a packet worker. The client speaks first, and most send
// nothing behind their first message until it is answered.

import { type Direction, Verdict } from '../contract.ts';
import { greetingLength, Incomplete, isMethod, isNamed, Malformed, request4Length } from './messages.ts';

const dot = 0x2e;
const hyphen = 0x2d;
const underscore = 0x5f;

export function probeSocks(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  return bytes[from] === 5 ? probe5(bytes, from, to) : bytes[from] === 4 ? probe4(bytes, from, to) : Verdict.no;
}

function probe4(bytes: Buffer, from: number, to: number): Verdict {
  if (to - from > 1 && bytes[from + 1] !== 1 && bytes[from + 1] !== 2) return Verdict.no;
  if (to - from > 3 && bytes[from + 2] === 0 && bytes[from + 3] === 0) return Verdict.no;
  const length = request4Length(bytes, from, to);
  if (length === Incomplete) return Verdict.needMore;
  if (length === Malformed) return Verdict.no;
  if (length === to - from) return Verdict.certain;
  // What is for the tunnel may follow at once. Without a host's name there is little to tell such a request by.
  return isNamed(bytes, from) && isHost(bytes, from + length) ? Verdict.maybe : Verdict.faint;
}

/** Does a host's name with a dot end before the NUL that is the last byte before `end`? */
function isHost(bytes: Buffer, end: number): boolean {
  let hasDot = false;
  let at = end - 2;
  for (; bytes[at] !== 0; at--) {
    const byte = bytes[at] as number;
    const isLetter = (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
    if (byte === dot) hasDot = true;
    else if (!isLetter && !(byte >= 0x30 && byte <= 0x39) && byte !== hyphen && byte !== underscore) return false;
  }
  return hasDot;
}

function probe5(bytes: Buffer, from: number, to: number): Verdict {
  const length = greetingLength(bytes, from, to);
  if (length < 0) return Verdict.no;
  const seen = length === Incomplete ? to : from + length;
  for (let at = from + 2; at < seen; at++) if (!isMethod(bytes[at] as number)) return Verdict.no;
  if (length === Incomplete) return Verdict.needMore;
  if (length === to - from) return Verdict.certain;
  // A client may send its login or its request at once, or the list again.
  const next = bytes[seen] as number;
  return next === 5 || next === 1 ? Verdict.maybe : Verdict.no;
}
