// Puts a message together from fragments that say their place in it, in whatever order they come (DTLS handshakes, QUIC's
// CRYPTO frames). Held by the decoder of a session; bounded in bytes and in holes. Never throws.

/** Most separate stretches that are kept apart; a fragment that would make more is left out. */
const maxStretches = 64;
/** How far beyond what has come a fragment may lie: a claimed place costs no memory. */
const maxAheadBytes = 16_384;
const firstRoom = 2048;

export class FragmentBuffer {
  readonly #maxBytes: number;
  #bytes: Buffer | undefined;
  #received: number;
  /** Stretches that are there, in order, not touching each other. */
  readonly #starts: number[];
  readonly #ends: number[];

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
    this.#bytes = undefined;
    this.#received = 0;
    this.#starts = [];
    this.#ends = [];
  }

  /** How many bytes there are from the beginning of the message on without a hole. */
  get length(): number {
    return this.#starts[0] === 0 ? (this.#ends[0] as number) : 0;
  }

  /** Valid in `[0, length)` until `clear`. */
  get bytes(): Buffer {
    return this.#bytes ?? nothing;
  }

  /** Adds `source[from, to)` at `offset` of the message. What is there already stays. */
  add(offset: number, source: Buffer, from: number, to: number): void {
    const end = Math.min(offset + to - from, this.#maxBytes);
    if (end <= offset || offset > this.#received + maxAheadBytes) return;
    // The first stretch that ends at or behind the offset, and the first that begins behind the end.
    let first = 0;
    while (first < this.#starts.length && (this.#ends[first] as number) < offset) first++;
    let last = first;
    while (last < this.#starts.length && (this.#starts[last] as number) <= end) last++;
    if (first === last && this.#starts.length >= maxStretches) return;
    const room = this.#room(end);
    let at = offset;
    for (let index = first; index <= last; index++) {
      const stop = index < last ? Math.min(end, this.#starts[index] as number) : end;
      if (stop > at) {
        source.copy(room, at, from + at - offset, from + stop - offset);
        this.#received += stop - at;
      }
      if (index < last) at = Math.max(at, this.#ends[index] as number);
    }
    const start = first < last ? Math.min(offset, this.#starts[first] as number) : offset;
    const stop = first < last ? Math.max(end, this.#ends[last - 1] as number) : end;
    if (last - first === 1) {
      // Mostly it goes on where a stretch ends.
      this.#starts[first] = start;
      this.#ends[first] = stop;
    } else {
      this.#starts.splice(first, last - first, start);
      this.#ends.splice(first, last - first, stop);
    }
  }

  /** Begins a message anew, in the same memory when it is small. */
  clear(): void {
    if (this.#bytes !== undefined && this.#bytes.length > firstRoom) this.#bytes = undefined;
    if (this.#received === 0) return;
    this.#received = 0;
    this.#starts.length = 0;
    this.#ends.length = 0;
  }

  #room(length: number): Buffer {
    const held = this.#bytes;
    if (held !== undefined && held.length >= length) return held;
    const room = Buffer.alloc(Math.min(this.#maxBytes, Math.max(firstRoom, length, (held?.length ?? 0) * 2)));
    held?.copy(room);
    this.#bytes = room;
    return room;
  }
}

const nothing = Buffer.alloc(0);
