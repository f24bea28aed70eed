// A reader over a stretch of bytes that cannot run past its end: a read that would sets `failed`, gives 0 and moves
// to the end. Used by the message parsers of this room. Never throws.

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

  skip(length: number): void {
    this.#take(length);
  }

  #take(length: number): boolean {
    if (length > this.end - this.position) {
      this.failed = true;
      this.position = this.end;
      return false;
    }
    this.position += length;
    return true;
  }
}
