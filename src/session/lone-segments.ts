// The payload of TCP sessions of which only one segment was seen, and no start: Arkime looks at it when the session ends.
// Kept by the session engine where sessions are Arkime's and connections picked up in their middle are not decoded.

import type { PacketView } from '../packet/index.ts';

export class LoneSegments {
  readonly #mostBytes: number;
  readonly #kept: Map<number, Buffer>;
  #bytes: number;

  /** `mostBytes`: of all segments together; beyond it no more are kept. */
  constructor(mostBytes: number) {
    this.#mostBytes = mostBytes;
    this.#kept = new Map();
    this.#bytes = 0;
  }

  /** Keeps a copy of the packet's payload for the session of a slot. */
  keep(slot: number, view: PacketView): void {
    const from = view.payloadStart;
    const length = view.payloadLength;
    if (this.#bytes + length > this.#mostBytes) return;
    this.#bytes += length;
    this.#kept.set(slot, Buffer.from(view.bytes.subarray(from, from + length)));
  }

  /** Forgets what is kept for a slot and gives it. */
  take(slot: number): Buffer | undefined {
    if (this.#kept.size === 0) return undefined;
    const bytes = this.#kept.get(slot);
    if (bytes === undefined) return undefined;
    this.#kept.delete(slot);
    this.#bytes -= bytes.length;
    return bytes;
  }
}
