// Walks BER (X.690) items within a stretch of bytes: tags of any length, definite and indefinite lengths. Protocols that keep
// to DER walk with `x509/der-cursor.ts`, which lets less through. Every read is bounded; a fault sets `failed` and ends the
// walk. Never throws, never recurses.

/** Universal tags (X.690 section 8), sequence and set as constructed. */
export const Tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  enumerated: 0x0a,
  utcTime: 0x17,
  generalizedTime: 0x18,
  generalString: 0x1b,
  external: 0x28,
  sequence: 0x30,
  set: 0x31,
} as const;

const longTag = 0x1f;
/** Most bytes of a tag. */
const mostTagBytes = 4;
/** Most bytes of a length behind the one that counts them. */
const mostLengthBytes = 4;

/**
 * Bytes of the tag and length of the item at `at`, which has a tag of one byte and a definite length.
 * @returns 0 when they are not all there, -1 when the length is indefinite or has more than four bytes
 */
export function headerBytes(bytes: Buffer, at: number, to: number): number {
  if (to - at < 2) return 0;
  const first = bytes[at + 1] as number;
  if (first < 0x80) return 2;
  const count = first & 0x7f;
  if (count === 0 || count > mostLengthBytes) return -1;
  return to - at < 2 + count ? 0 : 2 + count;
}

/** Bytes of the contents of the item at `at`, whose header has `header` bytes. */
export function contentBytes(bytes: Buffer, at: number, header: number): number {
  return header === 2 ? (bytes[at + 1] as number) : bytes.readUIntBE(at + 2, header - 2);
}

export class BerCursor {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;
  /** Of the item read last: the bytes of its tag as one number (`0x9f32`), and its contents. */
  tag: number;
  from: number;
  to: number;
  failed: boolean;
  readonly #isStrict: boolean;

  /** @param isStrict only tags of one byte and definite lengths are items, all else a fault */
  constructor(bytes: Buffer, from: number, end: number, isStrict = false) {
    this.bytes = bytes;
    this.position = from;
    this.end = end;
    this.tag = 0;
    this.from = from;
    this.to = from;
    this.failed = false;
    this.#isStrict = isStrict;
  }

  /** Reads the next item and moves behind it. @returns false at the end or on a fault */
  next(): boolean {
    return this.#read(false);
  }

  /** As `next`, but an item may be longer than what is there: then it ends with it. */
  nextCut(): boolean {
    return this.#read(true);
  }

  /** Reads the next item, which must have this tag. */
  expect(tag: number): boolean {
    return this.next() && this.tag === tag ? true : this.#fail();
  }

  /** As `expect`, for an item that may be cut. */
  expectCut(tag: number): boolean {
    return this.nextCut() && this.tag === tag ? true : this.#fail();
  }

  /** First byte of the next item's tag; -1 at the end. */
  peek(): number {
    return !this.failed && this.position < this.end ? (this.bytes[this.position] as number) : -1;
  }

  /** A cursor over the contents of the item read last. */
  inside(): BerCursor {
    return new BerCursor(this.bytes, this.from, this.to, this.#isStrict);
  }

  /** Value of the item read last as an unsigned number; -1 when it has not 1 to 6 bytes. */
  number(): number {
    const length = this.to - this.from;
    return length >= 1 && length <= 6 ? this.bytes.readUIntBE(this.from, length) : -1;
  }

  #read(mayBeCut: boolean): boolean {
    if (this.failed || this.position >= this.end) return false;
    const start = this.#tagEnd(this.position);
    if (start < 0) return this.#fail();
    const tag = this.bytes.readUIntBE(this.position, start - this.position);
    const contents = this.#contents(start);
    if (contents < 0) return this.#fail();
    const length = this.#length(start);
    if (this.#isStrict && (length < 0 || start > this.position + 1)) return this.#fail();
    let behind: number;
    if (length < 0) {
      this.to = this.#closing(contents);
      if (this.to < 0) return this.#fail();
      behind = this.to + 2;
    } else {
      if (length > this.end - contents && !mayBeCut) return this.#fail();
      this.to = Math.min(this.end, contents + length);
      behind = this.to;
    }
    this.tag = tag;
    this.from = contents;
    this.position = behind;
    return true;
  }

  /** Where the tag at `at` ends; -1 when it is not all there or too long. */
  #tagEnd(at: number): number {
    if (((this.bytes[at] as number) & longTag) !== longTag) return at + 1;
    const last = Math.min(this.end, at + mostTagBytes);
    for (let next = at + 1; next < last; next += 1) if ((this.bytes[next] as number) < 0x80) return next + 1;
    return -1;
  }

  /** Where contents begin behind the length at `at`; -1 when it is not all there or too long. */
  #contents(at: number): number {
    if (at >= this.end) return -1;
    const first = this.bytes[at] as number;
    const count = first <= 0x80 ? 0 : first & 0x7f;
    return count > mostLengthBytes || count > this.end - at - 1 ? -1 : at + 1 + count;
  }

  /** The length at `at`, which is all there; -1 when it is indefinite. */
  #length(at: number): number {
    const first = this.bytes[at] as number;
    if (first < 0x80) return first;
    return first === 0x80 ? -1 : this.bytes.readUIntBE(at + 1, first & 0x7f);
  }

  /** Where the end-of-contents octets are that close the indefinite contents at `from`; -1 when there are none. */
  #closing(from: number): number {
    let depth = 1;
    for (let at = from; at < this.end; ) {
      const start = this.#tagEnd(at);
      const contents = start < 0 ? -1 : this.#contents(start);
      if (contents < 0) return -1;
      const length = this.#length(start);
      if (length < 0) depth += 1;
      else if (length === 0 && this.bytes[at] === 0) {
        depth -= 1;
        if (depth === 0) return at;
      }
      at = length < 0 ? contents : contents + length;
    }
    return -1;
  }

  #fail(): false {
    this.failed = true;
    return false;
  }
}
