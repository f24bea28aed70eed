// What one side of a SOCKS session has sent and nobody has read: messages before their turn, and what is meant for the tunnel.
// Bounded; what comes behind the bound is counted only. Used by the decoder.

import type { Direction, HeldBytes } from '../contract.ts';
import { noBytes } from '../lent-buffers.ts';

/** More than any message. */
const messageMost = 1024;
const leastBytes = 128;

export class EarlySide {
  /** `bytes[0, length)` are held. */
  bytes: Buffer = noBytes;
  length = 0;
  /** Bytes behind them that were not held. */
  missing = 0;
  readonly #most: number;
  /** When they were none the last time, the next ones came at this time. */
  #timeUs = 0;

  /** @param maxEarlyBytes most bytes that are held besides a message */
  constructor(maxEarlyBytes: number) {
    this.#most = messageMost + maxEarlyBytes;
  }

  /** Takes as many of the next bytes `[from, to)` as there is room for. @returns where the others begin */
  hold(bytes: Buffer, from: number, to: number, timeUs: number): number {
    const count = this.missing > 0 ? 0 : Math.min(to - from, this.#most - this.length);
    if (count === 0) return from;
    if (this.length === 0) this.#timeUs = timeUs;
    const needed = this.length + count;
    if (this.bytes.length < needed) {
      const larger = Buffer.allocUnsafeSlow(Math.max(leastBytes, needed, Math.min(this.bytes.length * 2, this.#most)));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, this.length, from, from + count);
    this.length = needed;
    return from + count;
  }

  /** The first `count` bytes are read. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.length);
    this.length -= count;
  }

  /** Gives away what is held; undefined: nothing was sent. */
  take(direction: Direction): HeldBytes | undefined {
    const { bytes, length, missing } = this;
    this.clear();
    return length === 0 && missing === 0 ? undefined : { direction, bytes, length, timeUs: this.#timeUs, missing };
  }

  /** Forgets everything. */
  clear(): void {
    this.bytes = noBytes;
    this.length = 0;
    this.missing = 0;
  }
}
