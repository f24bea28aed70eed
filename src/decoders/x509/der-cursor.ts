// Walks DER (X.690) tag-length-value items within a stretch of bytes. Called by the certificate reader. Every read is
// bounded by the enclosing item; a fault sets `failed` and ends the walk. Never throws, never recurses.

export const Tag = {
  integer: 0x02,
  bitString: 0x03,
  octetString: 0x04,
  oid: 0x06,
  utcTime: 0x17,
  generalizedTime: 0x18,
  sequence: 0x30,
  set: 0x31,
} as const;

export class DerCursor {
  readonly bytes: Buffer;
  position: number;
  readonly end: number;
  /** Of the item read last: its tag byte and its contents. */
  tag: number;
  from: number;
  to: number;
  failed: boolean;

  constructor(bytes: Buffer, from: number, end: number) {
    this.bytes = bytes;
    this.position = from;
    this.end = end;
    this.tag = 0;
    this.from = from;
    this.to = from;
    this.failed = false;
  }

  /** Reads the next item and moves behind it. @returns false at the end or on a fault. */
  next(): boolean {
    if (this.failed || this.position >= this.end) return false;
    if (this.end - this.position < 2) return this.#fail();
    const tag = this.bytes[this.position] as number;
    // High tag numbers do not occur in certificates.
    if ((tag & 0x1f) === 0x1f) return this.#fail();
    let length = this.bytes[this.position + 1] as number;
    let start = this.position + 2;
    if (length >= 0x80) {
      const count = length & 0x7f;
      if (count === 0 || count > 4 || this.end - start < count) return this.#fail();
      length = 0;
      for (let index = 0; index < count; index++) length = length * 256 + (this.bytes[start + index] as number);
      start += count;
    }
    if (length > this.end - start) return this.#fail();
    this.tag = tag;
    this.from = start;
    this.to = start + length;
    this.position = this.to;
    return true;
  }

  /** Reads the next item, which must have this tag. */
  expect(tag: number): boolean {
    if (!this.next()) return this.#fail();
    return this.tag === tag || this.#fail();
  }

  /** Tag of the next item; -1 at the end. */
  peek(): number {
    return !this.failed && this.position < this.end ? (this.bytes[this.position] as number) : -1;
  }

  /** A cursor over the contents of the item read last. */
  inside(): DerCursor {
    return new DerCursor(this.bytes, this.from, this.to);
  }

  #fail(): false {
    this.failed = true;
    return false;
  }
}
