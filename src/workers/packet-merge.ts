// Puts the packets of all packet workers back into the order in which they were captured, for an output that writes them into
// one file. Nothing is copied: packets wait in their rings. A worker that has none says by watermarks how far its sources
// have come. Output workers only.
//
// Bounded by the rings: when one is half full nobody is waited for, because the worker that is waited for may get nothing while
// the full one holds up their common source.

import { ChunkType, FrameLayout } from '../pcap/index.ts';
import type { RingReader } from '../ring/index.ts';

interface Head {
  /** Offset in the ring; -1: none. */
  at: number;
  length: number;
  clockUs: number;
  source: number;
  number: number;
  /** Position behind what was handed out last. */
  doneAt: number;
  /** No later packet has a smaller clock. */
  watermarkUs: number;
}

export class PacketMerge {
  readonly #readers: readonly RingReader[];
  readonly #heads: Head[];
  #taken: Head | undefined;
  #takenEnd = 0;

  constructor(readers: readonly RingReader[]) {
    this.#readers = readers;
    this.#heads = readers.map((reader) => ({
      at: -1,
      length: 0,
      clockUs: 0,
      source: 0,
      number: 0,
      doneAt: reader.position,
      watermarkUs: Number.NEGATIVE_INFINITY,
    }));
  }

  /** Whether packets wait. */
  get waiting(): boolean {
    return this.#heads.some((head) => head.at >= 0);
  }

  /** Length of the packet's record, after `next`. */
  get length(): number {
    return this.#taken?.length ?? 0;
  }

  /** Offset in its ring, after `next`. */
  get at(): number {
    return this.#taken?.at ?? -1;
  }

  /**
   * The worker whose packet is next; -1: none, or it is not known yet. The packet before is done with.
   * @param force take the earliest there is, without waiting for the others
   */
  next(force: boolean): number {
    this.#done();
    let best = -1;
    let least = Number.POSITIVE_INFINITY;
    for (let index = 0; index < this.#heads.length; index++) {
      const head = this.#heads[index] as Head;
      const reader = this.#readers[index] as RingReader;
      if (head.at < 0) this.#look(head, reader);
      if (head.at < 0) {
        if (head.watermarkUs < least && !reader.isDrained()) least = head.watermarkUs;
        continue;
      }
      if (best < 0 || before(head, this.#heads[best] as Head)) best = index;
    }
    if (best < 0) return -1;
    const head = this.#heads[best] as Head;
    if (head.clockUs >= least && !force && !this.#isPressed()) return -1;
    this.#taken = head;
    this.#takenEnd = (this.#readers[best] as RingReader).position;
    return best;
  }

  /** Gives the space of what is done with back. */
  release(): void {
    this.#done();
    for (let index = 0; index < this.#heads.length; index++) {
      const head = this.#heads[index] as Head;
      const reader = this.#readers[index] as RingReader;
      reader.release(head.at < 0 ? reader.position : head.doneAt);
    }
  }

  /** The readers of workers that nothing is known of: whose news would help. */
  get silent(): RingReader[] {
    return this.#readers.filter((_, index) => (this.#heads[index] as Head).at < 0);
  }

  #isPressed(): boolean {
    return this.#readers.some((reader, index) => {
      reader.begin();
      return ((reader.end - (this.#heads[index] as Head).doneAt) | 0) > reader.capacity >> 1;
    });
  }

  #done(): void {
    const head = this.#taken;
    if (head === undefined) return;
    head.at = -1;
    head.doneAt = this.#takenEnd;
    this.#taken = undefined;
  }

  #look(head: Head, reader: RingReader): void {
    if (reader.begin() <= 0) return;
    for (let at = reader.next(); at >= 0; at = reader.next()) {
      const { data } = reader;
      const clockUs = data.readDoubleLE(at + FrameLayout.clockUs);
      if (data[at + FrameLayout.type] === ChunkType.watermark) {
        head.watermarkUs = clockUs;
        head.doneAt = reader.position;
        continue;
      }
      head.at = at;
      head.length = reader.length;
      head.clockUs = clockUs;
      head.source = data.readUInt16LE(at + FrameLayout.source);
      head.number = data.readUInt32LE(at + FrameLayout.number);
      return;
    }
  }
}

function before(a: Head, b: Head): boolean {
  if (a.clockUs !== b.clockUs) return a.clockUs < b.clockUs;
  if (a.source !== b.source) return a.source < b.source;
  // Numbers wrap.
  return ((a.number - b.number) | 0) < 0;
}
