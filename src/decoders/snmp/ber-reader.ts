// Walks tag-length-value items (X.690) of management messages. Agents of all ages write them: an item that claims more than
// is there ends where the bytes end. Called by the message reader; never throws.

/** Octets of a length in long form that are believed. */
const lengthOctetsMax = 4;

export class BerReader {
  readonly bytes: Buffer;
  /** Of the item read last: its tag and its contents. */
  tag: number;
  from: number;
  to: number;
  #at: number;
  readonly #end: number;

  constructor(bytes: Buffer, from: number, end: number) {
    this.bytes = bytes;
    this.tag = 0;
    this.from = from;
    this.to = from;
    this.#at = from;
    this.#end = end;
  }

  /** Reads the next item and moves behind it. @returns false at the end, and where no tag and length stand */
  next(): boolean {
    let at = this.#at;
    if (at + 2 > this.#end) return false;
    this.tag = this.bytes[at] as number;
    let length = this.bytes[at + 1] as number;
    at += 2;
    if (length >= 0x80) {
      const octets = length & 0x7f;
      if (octets === 0 || octets > lengthOctetsMax || at + octets > this.#end) return false;
      length = this.bytes.readUIntBE(at, octets);
      at += octets;
    }
    this.from = at;
    this.to = Math.min(this.#end, at + length);
    this.#at = this.to;
    return true;
  }

  /** Reads the next item. @returns whether it is there and has this tag */
  expect(tag: number): boolean {
    return this.next() && this.tag === tag;
  }

  /** A reader of the contents of the item read last. */
  inside(): BerReader {
    return new BerReader(this.bytes, this.from, this.to);
  }

  /** The item read last as an integer without sign; NaN when it has more than four octets or none. */
  unsigned(): number {
    const length = this.to - this.from;
    return length > 0 && length <= 4 ? this.bytes.readUIntBE(this.from, length) : Number.NaN;
  }
}
