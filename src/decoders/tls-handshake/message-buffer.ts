// Buffers for handshake messages that came in pieces. They grow with the bytes that really arrived, never with the
// length a peer claims, and go back to the pool of the packet worker when the message is read.

import { enlarge, giveBack, noBytes } from '../lent-buffers.ts';

const smallest = 4096;

export class MessageBuffer {
  /** Valid in `[0, length)` until `release`. */
  bytes: Buffer;
  length: number;

  constructor() {
    this.bytes = noBytes;
    this.length = 0;
  }

  /** Adds `source[from, to)`. The caller bounds the whole. */
  append(source: Buffer, from: number, to: number): void {
    const needed = this.length + to - from;
    if (this.bytes.length < needed) this.bytes = enlarge(this.bytes, this.length, needed, smallest);
    source.copy(this.bytes, this.length, from, to);
    this.length = needed;
  }

  release(): void {
    giveBack(this.bytes);
    this.bytes = noBytes;
    this.length = 0;
  }
}
