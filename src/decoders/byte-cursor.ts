// A reader over a stretch of bytes that cannot run past its end: a read that would sets `failed`, gives 0 and moves
// to the end. Used by the message parsers of several protocols. Numbers are in network order but for `…le`. Never throws.

export class ByteCursor {
  bytes: Buffer;
  position: number;
  end: number;
  failed: boolean;

  constructor(bytes: Buffer, from: number, to: number) {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
    this.failed = false;
  }

  /** Starts anew on other bytes, so that one cursor serves many messages. */
  set(bytes: Buffer, from: number, to: number): void {
    this.bytes = bytes;
    this.position = from;
    this.end = to;
    this.failed = false;
  }

  get left(): number {
    return this.end - this.position;
  }

  /** Ends the cursor `length` bytes from here. */
  limit(length: number): void {
    this.end = Math.min(this.end, this.position + length);
  }

  u8(): number {
    return this.#take(1) ? (this.bytes[this.position - 1] as number) : 0;
  }

  u16(): number {
    if (!this.#take(2)) return 0;
    return ((this.bytes[this.position - 2] as number) << 8) | (this.bytes[this.position - 1] as number);
  }

  u24(): number {
    if (!this.#take(3)) return 0;
    const at = this.position - 3;
    return ((this.bytes[at] as number) << 16) | ((this.bytes[at + 1] as number) << 8) | (this.bytes[at + 2] as number);
  }

  u32(): number {
    return this.#take(4) ? this.bytes.readUInt32BE(this.position - 4) : 0;
  }

  u16le(): number {
    if (!this.#take(2)) return 0;
    return ((this.bytes[this.position - 1] as number) << 8) | (this.bytes[this.position - 2] as number);
  }

  u32le(): number {
    return this.#take(4) ? this.bytes.readUInt32LE(this.position - 4) : 0;
  }

  skip(length: number): void {
    this.#take(length);
  }

  /** Moves over `length` bytes. @returns where they begin; -1 when they are not all there */
  take(length: number): number {
    return this.#take(length) ? this.position - length : -1;
  }

  #take(length: number): boolean {
    if (length < 0 || length > this.end - this.position) {
      this.failed = true;
      this.position = this.end;
      return false;
    }
    this.position += length;
    return true;
  }
}
