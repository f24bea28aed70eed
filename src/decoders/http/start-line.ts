// Request lines and status lines (RFC 9112 sections 3 and 4), read from a whole line. Called by the decoder for every
// message, on a packet worker.

import { tokenLower } from './header-table.ts';
import { type Method, maxMethodBytes, methodOf, noMethod } from './methods.ts';
import { findSpace, wordsOf } from './wire-words.ts';

const SP = 0x20;
const HT = 0x09;

/** Most of a reason that a record holds. */
const maxReasonBytes = 256;

export const LineVerdict = { bad: 0, good: 1, lax: 2 } as const;
export type LineVerdict = (typeof LineVerdict)[keyof typeof LineVerdict];

/** What was read from the last good start line; one for the thread. */
export class StartLine {
  minorVersion = 1;
  method: Method = noMethod;
  targetCut = false;
  status = 0;
  /** The target or the reason lies here in the line's bytes. */
  textFrom = 0;
  textTo = 0;
}

/** Does `HTTP/1.` and a digit stand at `at`, inside `to`? */
export function isVersion(bytes: Uint8Array, at: number, to: number): boolean {
  if (at + 8 > to) return false;
  return isVersionPrefix(bytes, at, at + 7) && isDigit(bytes[at + 7] as number);
}

/** Is `bytes[at, to)` a beginning of `HTTP/1.`, or does it begin with it? */
export function isVersionPrefix(bytes: Uint8Array, at: number, to: number): boolean {
  if (at + 7 <= to) {
    return (
      bytes[at] === 0x48 &&
      bytes[at + 1] === 0x54 &&
      bytes[at + 2] === 0x54 &&
      bytes[at + 3] === 0x50 &&
      bytes[at + 4] === 0x2f &&
      bytes[at + 5] === 0x31 &&
      bytes[at + 6] === 0x2e
    );
  }
  for (let index = at; index < to; index++) if (bytes[index] !== 'HTTP/1.'.charCodeAt(index - at)) return false;
  return true;
}

function isDigit(byte: number): boolean {
  return byte >= 0x30 && byte <= 0x39;
}

/**
 * Reads `bytes[from, to)`, a line without its end, as a request line. `lax`: readable, but not as RFC 9112 section 3
 * has it (more spaces than two, spaces in the target, a lower-case method).
 */
export function readRequestLine(bytes: Buffer, from: number, to: number, maxUriBytes: number, into: StartLine): LineVerdict {
  let at = from;
  while (at < to && tokenLower[bytes[at] as number] !== 0) at++;
  const methodEnd = at;
  if (methodEnd === from || methodEnd - from > maxMethodBytes || methodEnd === to || !isSpace(bytes[methodEnd])) {
    return LineVerdict.bad;
  }
  let lax = false;
  while (at < to && isSpace(bytes[at])) at++;
  if (at !== methodEnd + 1 || bytes[methodEnd] === HT) lax = true;
  let end = to;
  while (end > at && isSpace(bytes[end - 1])) end--;
  if (end !== to) lax = true;
  const version = end - 8;
  if (version <= at || !isVersion(bytes, version, end) || !isSpace(bytes[version - 1])) return LineVerdict.bad;
  let targetEnd = version - 1;
  while (targetEnd > at && isSpace(bytes[targetEnd - 1])) targetEnd--;
  if (targetEnd !== version - 1 || targetEnd === at) lax = true;
  if (targetEnd === at) return LineVerdict.bad;
  for (let index = at; index < targetEnd; index++) {
    if ((bytes[index] as number) <= SP) {
      lax = true;
      break;
    }
  }
  for (let index = from; index < methodEnd; index++) {
    const byte = bytes[index] as number;
    if (byte >= 0x61 && byte <= 0x7a) {
      lax = true;
      break;
    }
  }
  setRequest(into, bytes, from, methodEnd, at, targetEnd, maxUriBytes);
  into.minorVersion = (bytes[end - 1] as number) - 0x30;
  return lax ? LineVerdict.lax : LineVerdict.good;
}

/** Reads `bytes[from, to)`, a line without its end, as a status line. The reason may be missing with its space. */
export function readStatusLine(bytes: Buffer, from: number, to: number, into: StartLine): LineVerdict {
  if (!isVersion(bytes, from, to)) return LineVerdict.bad;
  let at = from + 8;
  const spaces = at;
  while (at < to && isSpace(bytes[at])) at++;
  if (at === spaces || at + 3 > to) return LineVerdict.bad;
  let status = 0;
  for (let index = at; index < at + 3; index++) {
    const byte = bytes[index] as number;
    if (!isDigit(byte)) return LineVerdict.bad;
    status = status * 10 + byte - 0x30;
  }
  if (status < 100) return LineVerdict.bad;
  at += 3;
  if (at < to && !isSpace(bytes[at])) return LineVerdict.bad;
  while (at < to && isSpace(bytes[at])) at++;
  let end = to;
  while (end > at && isSpace(bytes[end - 1])) end--;
  into.status = status;
  into.textFrom = at;
  into.textTo = end - at > maxReasonBytes ? at + maxReasonBytes : end;
  into.minorVersion = (bytes[from + 7] as number) - 0x30;
  return LineVerdict.good;
}

function setRequest(
  into: StartLine,
  bytes: Buffer,
  from: number,
  methodEnd: number,
  target: number,
  targetEnd: number,
  maxUriBytes: number,
): void {
  into.method = methodOf(bytes, from, methodEnd);
  into.targetCut = targetEnd - target > maxUriBytes;
  into.textFrom = target;
  into.textTo = into.targetCut ? target + maxUriBytes : targetEnd;
}

/**
 * Reads a request line that begins at `from` in one go, when it is by the book and whole before `to`.
 * @returns the position of its LF; -1: it is to be taken and read the long way, which says what it is
 */
export function quickRequestLine(bytes: Buffer, from: number, to: number, maxUriBytes: number, into: StartLine): number {
  let at = from;
  while (at < to && isUpper(bytes[at] as number)) at++;
  const methodEnd = at;
  if (methodEnd === from || methodEnd - from > maxMethodBytes || bytes[at] !== SP) return -1;
  const target = at + 1;
  at = findSpace(bytes, wordsOf(bytes), target, to);
  // Room for ` HTTP/1.1`, CR and LF.
  if (at === target || at + 11 > to || bytes[at] !== SP || !isVersion(bytes, at + 1, to)) return -1;
  if (bytes[at + 9] !== 0x0d || bytes[at + 10] !== 0x0a) return -1;
  setRequest(into, bytes, from, methodEnd, target, at, maxUriBytes);
  into.minorVersion = (bytes[at + 8] as number) - 0x30;
  return at + 10;
}

function isUpper(byte: number): boolean {
  return byte >= 0x41 && byte <= 0x5a;
}

function isSpace(byte: number | undefined): boolean {
  return byte === SP || byte === HT;
}
