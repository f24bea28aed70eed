// Lines of a text protocol out of a stream that comes in pieces. A line that lies whole in the piece at hand is read in
// place; only one cut by the end of a piece is copied, into a bounded buffer. Each direction of a decoder has its own.
// Used on a packet worker.

const nothing = Buffer.alloc(0);
const smallestCarry = 256;
/** A larger buffer is given up once its line was read. */
const keptCarry = 2048;

const LF = 0x0a;
const CR = 0x0d;

export class LineReader {
  /** Where the line is that `read` found, without its line end (LF or CR LF); valid until the next call. */
  bytes: Buffer;
  from: number;
  to: number;
  /** The line was longer than the limit; its rest is lost. */
  tooLong: boolean;
  readonly #limit: number;
  #carry: Buffer;
  #length: number;
  #isOver: boolean;
  #isPassing: boolean;

  /** @param limit longest line in bytes, without its LF */
  constructor(limit: number) {
    this.bytes = nothing;
    this.from = 0;
    this.to = 0;
    this.tooLong = false;
    this.#limit = limit;
    this.#carry = nothing;
    this.#length = 0;
    this.#isOver = false;
    this.#isPassing = false;
  }

  /** Nothing of an unfinished line is here. */
  get isEmpty(): boolean {
    return this.#length === 0 && !this.#isOver;
  }

  /** The next byte begins a line. */
  get isAtStart(): boolean {
    return this.isEmpty && !this.#isPassing;
  }

  /** Longest line in bytes, without its LF. */
  get limit(): number {
    return this.#limit;
  }

  /** Reads on in `bytes[at, to)`. @returns the offset behind the line's end; -1: it has not come, all bytes were taken */
  read(bytes: Buffer, at: number, to: number): number {
    let start = at;
    let end = lineEnd(bytes, at, to);
    if (this.#isPassing) {
      if (end === to) return -1;
      this.#isPassing = false;
      start = end + 1;
      end = lineEnd(bytes, start, to);
    }
    if (end < to && this.isEmpty) {
      this.#set(bytes, start, Math.min(end, start + this.#limit), end - start > this.#limit);
      return end + 1;
    }
    this.#keep(bytes, start, end);
    if (end === to) return -1;
    this.#finish();
    return end + 1;
  }

  /** What is there of a line whose end never came, as a line. @returns false when there is nothing */
  rest(): boolean {
    if (this.isEmpty) return false;
    this.#finish();
    return true;
  }

  clear(): void {
    this.#length = 0;
    this.#isOver = false;
    this.#isPassing = false;
  }

  /** Forgets the line at hand, with what is still to come of it. */
  pass(): void {
    this.clear();
    this.#isPassing = true;
  }

  #finish(): void {
    this.#set(this.#carry, 0, this.#length, this.#isOver);
    this.clear();
    if (this.#carry.length > keptCarry) this.#carry = nothing;
  }

  #set(bytes: Buffer, from: number, to: number, tooLong: boolean): void {
    this.bytes = bytes;
    this.from = from;
    this.to = !tooLong && to > from && bytes[to - 1] === CR ? to - 1 : to;
    this.tooLong = tooLong;
  }

  #keep(bytes: Buffer, from: number, end: number): void {
    const taken = Math.min(end - from, this.#limit - this.#length);
    if (taken < end - from) this.#isOver = true;
    const length = this.#length + taken;
    if (length > this.#carry.length) {
      const larger = Buffer.allocUnsafe(Math.max(smallestCarry, Math.min(this.#limit, length * 2)));
      this.#carry.copy(larger, 0, 0, this.#length);
      this.#carry = larger;
    }
    bytes.copy(this.#carry, this.#length, from, from + taken);
    this.#length = length;
  }
}

/** Where the first LF of `bytes[from, to)` is; `to` without one. */
export function lineEnd(bytes: Buffer, from: number, to: number): number {
  let end = from;
  while (end < to && bytes[end] !== LF) end += 1;
  return end;
}
