// When sessions end by idle time: one wheel of buckets over the slots of the session table, on the sources' clock. A
// packet only stores its time in its slot; the wheel looks at a session when its bucket comes round and moves it on if
// it has been heard of since. A slot's deadline is `clockUs + idleMs`, and it is due when the clock is past it.
//
// Whether a session has ended does not depend on the wheel's coarseness: a look-up compares the deadline with the
// packet's clock itself. The wheel decides only how soon an ended session is noticed.

import { noBucket, Slot, slotShift } from './slot-layout.ts';

/** Width of a bucket: 2^18 µs, about a quarter of a second. */
export const tickUs = 262_144;
const buckets = 4096;

export class TimerWheel {
  /** The clock value from which `advance` has something to do. */
  nextUs: number;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  /** First slot of each bucket, -1 none. */
  readonly #heads: Int32Array;
  /** A bit for each bucket that holds a slot. */
  readonly #occupied: Int32Array;
  /** The tick that is not over yet. */
  #tick: number;
  #target: number;
  #nowUs: number;
  /** Next slot of the bucket being emptied. */
  #cursor: number;

  /** `words` and `numbers`: the table's. */
  constructor(words: Int32Array, numbers: Float64Array) {
    this.nextUs = Number.POSITIVE_INFINITY;
    this.#words = words;
    this.#numbers = numbers;
    this.#heads = new Int32Array(buckets).fill(-1);
    this.#occupied = new Int32Array(buckets >> 5);
    this.#tick = 0;
    this.#target = 0;
    this.#nowUs = 0;
    this.#cursor = -1;
  }

  /** Sets the wheel going at `clockUs`. */
  start(clockUs: number): void {
    this.#tick = Math.floor(clockUs / tickUs);
    this.#target = this.#tick;
    this.#nowUs = clockUs;
    this.nextUs = (this.#tick + 1) * tickUs;
  }

  /** Every deadline before this has been given out. -Infinity before the start. */
  get pastUs(): number {
    return this.nextUs === Number.POSITIVE_INFINITY ? Number.NEGATIVE_INFINITY : this.#tick * tickUs;
  }

  deadlineUs(slot: number): number {
    const base = slot << slotShift;
    return (this.#numbers[(base + Slot.clockUs) >> 1] as number) + (this.#words[base + Slot.idleMs] as number) * 1000;
  }

  /** Puts a slot that is in no bucket into that of its deadline. */
  link(slot: number): void {
    this.#linkAt(slot, this.#placeOf(slot));
  }

  /** Takes a slot out of its bucket, if it is in one. */
  unlink(slot: number): void {
    const words = this.#words;
    const base = slot << slotShift;
    const bucket = words[base + Slot.bucket] as number;
    if (bucket === noBucket) return;
    const next = words[base + Slot.next] as number;
    const previous = words[base + Slot.previous] as number;
    if (next >= 0) words[(next << slotShift) + Slot.previous] = previous;
    if (previous >= 0) words[(previous << slotShift) + Slot.next] = next;
    else {
      this.#heads[bucket] = next;
      if (next < 0) this.#clear(bucket);
    }
    words[base + Slot.bucket] = noBucket;
  }

  /** Moves time on to `clockUs`; `takeDue` then gives every slot whose bucket is over and whose deadline is past. */
  advance(clockUs: number): void {
    this.#nowUs = clockUs;
    this.#target = Math.floor(clockUs / tickUs);
    this.nextUs = (this.#target + 1) * tickUs;
    // After a leap over the whole wheel one round visits everything.
    if (this.#target - this.#tick > buckets) this.#tick = this.#target - buckets;
  }

  /** The next slot that is due, taken out of the wheel, or -1. */
  takeDue(): number {
    const words = this.#words;
    for (;;) {
      while (this.#cursor >= 0) {
        const slot = this.#cursor;
        const base = slot << slotShift;
        this.#cursor = words[base + Slot.next] as number;
        words[base + Slot.bucket] = noBucket;
        if (this.deadlineUs(slot) < this.#nowUs) return slot;
        this.#linkAt(slot, this.#placeFrom(slot, this.#target));
      }
      if (this.#tick >= this.#target) return -1;
      const bucket = this.#tick & (buckets - 1);
      this.#tick += 1;
      this.#cursor = this.#heads[bucket] as number;
      if (this.#cursor >= 0) {
        this.#heads[bucket] = -1;
        this.#clear(bucket);
      }
    }
  }

  /**
   * The slot that will be due first, to within a tick, or -1 when the wheel is empty. Sessions that were heard of since
   * they were put into their bucket are moved on along the way.
   */
  oldest(): number {
    const words = this.#words;
    for (let step = 0; step < buckets; ) {
      const bucket = (this.#tick + step) & (buckets - 1);
      const pending = (this.#occupied[bucket >> 5] as number) >>> (bucket & 31);
      if (pending === 0) {
        step += 32 - (bucket & 31);
        continue;
      }
      const zeros = 31 - Math.clz32(pending & -pending);
      if (zeros > 0) {
        step += zeros;
        continue;
      }
      const slot = this.#heads[bucket] as number;
      const place = this.#placeOf(slot);
      if (place === this.#tick + step) return slot;
      this.unlink(slot);
      this.#linkAt(slot, place);
      // A session never moves to an earlier bucket this way, so the walk ends.
      if ((words[(slot << slotShift) + Slot.bucket] as number) === bucket) return slot;
    }
    return -1;
  }

  #placeOf(slot: number): number {
    return this.#placeFrom(slot, this.#tick);
  }

  /** Tick of the slot's deadline, no earlier than `first` and no further than the wheel reaches. */
  #placeFrom(slot: number, first: number): number {
    const tick = Math.floor(this.deadlineUs(slot) / tickUs);
    if (tick < first) return first;
    const last = first + buckets - 1;
    return tick < last ? tick : last;
  }

  #linkAt(slot: number, tick: number): void {
    const words = this.#words;
    const base = slot << slotShift;
    const bucket = tick & (buckets - 1);
    const head = this.#heads[bucket] as number;
    words[base + Slot.next] = head;
    words[base + Slot.previous] = -1;
    words[base + Slot.bucket] = bucket;
    if (head >= 0) words[(head << slotShift) + Slot.previous] = slot;
    this.#heads[bucket] = slot;
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) | (1 << (bucket & 31));
  }

  #clear(bucket: number): void {
    this.#occupied[bucket >> 5] = (this.#occupied[bucket >> 5] as number) & ~(1 << (bucket & 31));
  }
}
