// Is a stream SOCKS? Asked with the first bytes of each direction, on a packet worker. The client speaks first, and its first
// message is the whole of what it sends until it is answered.

import { type Direction, Verdict } from '../contract.ts';
import { greetingLength, Incomplete, isMethod, request4Length } from './messages.ts';

export function probeSocks(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  return bytes[from] === 5 ? probe5(bytes, from, to) : bytes[from] === 4 ? probe4(bytes, from, to) : Verdict.no;
}

function probe4(bytes: Buffer, from: number, to: number): Verdict {
  if (to - from > 1 && bytes[from + 1] !== 1 && bytes[from + 1] !== 2) return Verdict.no;
  if (to - from > 3 && bytes[from + 2] === 0 && bytes[from + 3] === 0) return Verdict.no;
  const length = request4Length(bytes, from, to);
  if (length === Incomplete) return Verdict.needMore;
  return length === to - from ? Verdict.certain : Verdict.no;
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
