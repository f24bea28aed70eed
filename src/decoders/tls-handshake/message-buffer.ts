// Buffers for handshake messages that came in pieces. They grow with the bytes that really arrived, never with the
// length a peer claims, and go back to a small pool of the packet worker when the message is read.

const smallest = 4096;
/** Buffers kept per size. Sizes double from 4 KiB to 1 MiB, so the pool holds at most 16 of each. */
const keptPerSize = 16;
const sizes = 9;

const free: Buffer[][] = Array.from({ length: sizes }, () => []);

const sizeClass = (length: number): number => Math.max(0, 32 - Math.clz32((length - 1) >>> 12));

function take(length: number): Buffer {
  const index = sizeClass(length);
  return free[index]?.pop() ?? Buffer.allocUnsafeSlow(smallest << index);
}

function give(buffer: Buffer): void {
  const list = free[sizeClass(buffer.length)];
  if (list !== undefined && list.length < keptPerSize) list.push(buffer);
}

export class MessageBuffer {
  /** Valid in `[0, length)` until `release`. */
  bytes: Buffer | undefined;
  length: number;

  constructor() {
    this.bytes = undefined;
    this.length = 0;
  }

  /** Adds `source[from, to)`. The caller bounds the whole. */
  append(source: Buffer, from: number, to: number): void {
    const needed = this.length + to - from;
    let bytes = this.bytes;
    if (bytes === undefined) {
      bytes = take(needed);
      this.bytes = bytes;
    } else if (bytes.length < needed) {
      const larger = take(needed);
      bytes.copy(larger, 0, 0, this.length);
      give(bytes);
      bytes = larger;
      this.bytes = larger;
    }
    source.copy(bytes, this.length, from, to);
    this.length = needed;
  }

  release(): void {
    if (this.bytes !== undefined) give(this.bytes);
    this.bytes = undefined;
    this.length = 0;
  }
}
