// Lines of a head out of a stream that comes in pieces. A line that lies whole in the piece at hand is read in place;
// only a line cut by the end of a piece is copied, into a buffer lent by a bounded pool. Used by the decoder's two
// sides on a packet worker.

import { enlarge, giveBack, noBytes } from '../lent-buffers.ts';

const smallestBuffer = 1024;

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;
const HT = 0x09;

/** The bytes of a line whose end has not come. */
export class LineCarry {
  buffer: Buffer = noBytes;
  length = 0;

  append(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (length > this.buffer.length) {
      this.buffer = enlarge(this.buffer, this.length, length, smallestBuffer);
    }
    const buffer = this.buffer;
    if (to - from < 32) {
      let at = this.length;
      for (let source = from; source < to; source++) buffer[at++] = bytes[source] as number;
    } else {
      bytes.copy(buffer, this.length, from, to);
    }
    this.length = length;
  }

  /** A line that is whole but for the question whether the next one belongs to it. */
  endsLine(): boolean {
    return this.length > 0 && this.buffer[this.length - 1] === LF;
  }

  /** Forgets the first `count` bytes. */
  drop(count: number): void {
    if (count === 0) return;
    if (count === this.length) {
      this.clear();
      return;
    }
    this.buffer.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Gives the buffer back. Its bytes stay readable until the next `append` of any carry. */
  clear(): void {
    this.length = 0;
    if (this.buffer === noBytes) return;
    giveBack(this.buffer);
    this.buffer = noBytes;
  }
}

/** Where the line that `takeLine` found lies. One for the thread, overwritten by the next call. */
export class Line {
  bytes: Buffer = noBytes;
  from = 0;
  /** End of the line without its CR LF or LF. */
  to = 0;
  /** Bytes of the line with its end. */
  length = 0;
  /** Ends with LF alone. */
  bare = false;
  /** Holds line ends that are followed by space: obs-fold, RFC 9112 section 5.2. */
  folded = false;
  /** First byte after the line in the piece given to `takeLine`. */
  next = 0;

  set(bytes: Buffer, from: number, lineFeed: number, folded: boolean, next: number): void {
    this.bytes = bytes;
    this.from = from;
    this.bare = lineFeed === from || bytes[lineFeed - 1] !== CR;
    this.to = this.bare ? lineFeed : lineFeed - 1;
    this.length = lineFeed + 1 - from;
    this.folded = folded;
    this.next = next;
  }
}

export const Taken = { line: 0, partial: 1, tooLong: 2 } as const;
export type Taken = (typeof Taken)[keyof typeof Taken];

/**
 * Takes one line from `bytes[pos, to)`. `foldable`: a following line that begins with space belongs to it, so the line
 * is known to be whole only with the byte after it.
 * @returns `line`: `line` is set, and if it lies in the carry the caller clears that after reading. `partial`: all
 * bytes went into the carry. `tooLong`: the line with its end is longer than `limit`; nothing was set.
 */
export function takeLine(
  carry: LineCarry,
  bytes: Buffer,
  pos: number,
  to: number,
  limit: number,
  foldable: boolean,
  line: Line,
): Taken {
  if (carry.length > 0) return takeCarried(carry, bytes, pos, to, limit, foldable, line);
  let at = pos;
  let folded = false;
  for (;;) {
    while (at < to && bytes[at] !== LF) at++;
    if (at === to) break;
    if (!foldable || at === pos || (at === pos + 1 && bytes[pos] === CR)) break;
    if (at + 1 === to) {
      at = to;
      break;
    }
    const after = bytes[at + 1];
    if (after !== SP && after !== HT) break;
    folded = true;
    at += 2;
  }
  if (at === to) {
    if (to - pos > limit) return Taken.tooLong;
    carry.append(bytes, pos, to);
    return Taken.partial;
  }
  if (at + 1 - pos > limit) return Taken.tooLong;
  line.set(bytes, pos, at, folded, at + 1);
  return Taken.line;
}

function takeCarried(
  carry: LineCarry,
  bytes: Buffer,
  pos: number,
  to: number,
  limit: number,
  foldable: boolean,
  line: Line,
): Taken {
  let at = pos;
  while (at < to) {
    // Only a foldable line whose next byte was missing is carried with its LF.
    if (carry.endsLine()) {
      if (bytes[at] !== SP && bytes[at] !== HT) {
        line.set(carry.buffer, 0, carry.length - 1, holdsFold(carry), at);
        return Taken.line;
      }
    }
    let end = at;
    while (end < to && bytes[end] !== LF) end++;
    const ended = end < to;
    if (ended) end++;
    if (carry.length + end - at > limit) return Taken.tooLong;
    carry.append(bytes, at, end);
    at = end;
    if (ended && (!foldable || isEmptyLine(carry))) {
      line.set(carry.buffer, 0, carry.length - 1, false, at);
      return Taken.line;
    }
  }
  return Taken.partial;
}

function isEmptyLine(carry: LineCarry): boolean {
  return carry.length === 1 || (carry.length === 2 && carry.buffer[0] === CR);
}

function holdsFold(carry: LineCarry): boolean {
  for (let at = 0; at < carry.length - 1; at++) if (carry.buffer[at] === LF) return true;
  return false;
}
