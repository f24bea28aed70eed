// Is a stream HTTP/1? Asked with the first bytes of each direction, on a packet worker.

import { probeLimitBytes, Verdict } from '../contract.ts';
import { tokenLower } from './header-table.ts';
import { matchesKnownMethod, maxMethodBytes } from './methods.ts';
import { isVersion, isVersionPrefix } from './start-line.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const SLASH = 0x2f;

export function probeHttp(bytes: Buffer, from: number, to: number): Verdict {
  let at = from;
  // RFC 9112 section 2.2: a server ignores empty lines before a request line.
  while (at < to && at - from < 8 && (bytes[at] === CR || bytes[at] === LF)) at++;
  if (at === to) return Verdict.needMore;
  if (!isLetter(bytes[at] as number)) return Verdict.no;
  if (isVersionPrefix(bytes, at, to)) return probeStatusLine(bytes, at, to);
  return probeRequestLine(bytes, at, to, to - from);
}

function probeStatusLine(bytes: Buffer, at: number, to: number): Verdict {
  if (to - at < 13) {
    if (to - at > 7 && !isVersion(bytes, at, to)) return Verdict.no;
    for (let index = at; index < to; index++) if (bytes[index] === LF) return Verdict.no;
    return Verdict.needMore;
  }
  if (!isVersion(bytes, at, to) || bytes[at + 8] !== SP) return Verdict.no;
  for (let index = at + 9; index < at + 12; index++) {
    const byte = bytes[index] as number;
    if (byte < 0x30 || byte > 0x39) return Verdict.no;
  }
  return Verdict.certain;
}

function probeRequestLine(bytes: Buffer, from: number, to: number, seen: number): Verdict {
  let at = from;
  while (at < to && tokenLower[bytes[at] as number] !== 0) at++;
  const length = at - from;
  if (length === 0 || length > maxMethodBytes) return Verdict.no;
  if (at === to) {
    return Verdict.needMore;
  }
  if (bytes[at] !== SP) return Verdict.no;
  const known = matchesKnownMethod(bytes, from, at);
  // Nothing else begins so; how the line goes on is the decoder's concern, and a part of it is enough.
  if (known && at + 1 < to && (bytes[at + 1] === SLASH || isHttpUrl(bytes, at + 1, to))) return Verdict.certain;
  let end = at;
  while (end < to && bytes[end] !== LF) end++;
  if (end === to) {
    return seen < probeLimitBytes ? Verdict.needMore : Verdict.no;
  }
  if (bytes[end - 1] === CR) end--;
  while (end > at && bytes[end - 1] === SP) end--;
  if (!isVersion(bytes, end - 8, end) || end - 9 <= at || bytes[end - 9] !== SP) return Verdict.no;
  return known ? Verdict.certain : Verdict.maybe;
}

function isHttpUrl(bytes: Buffer, at: number, to: number): boolean {
  const wanted = 'http://';
  if (at + wanted.length > to) return false;
  for (let index = 0; index < wanted.length; index++) {
    if (((bytes[at + index] as number) | 0x20) !== (wanted.charCodeAt(index) | 0x20)) return false;
  }
  return true;
}

function isLetter(byte: number): boolean {
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x7a;
}
