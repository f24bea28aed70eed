// The producer's side of a ring (picture: ring.ts), for producers written in TypeScript: packet worker → output, main →
// output. One writer a ring, on one thread; several producers have a ring each. Never allocates after construction.
//
//   const at = writer.claim(mostBytes);        // -1: full, the caller's policy decides
//   …fill writer.data from at + 5…             // bytes 0–4 (length, kind) are commit's
//   writer.commit(bytes, RecordKind.record);   // or nothing at all: an unfinished claim leaves no trace
//   writer.publish();                          // once a batch: the consumer sees all committed records
//
// A new writer goes on at the shared tail: what a dead producer had not published never existed.

import { monotonicMs } from '../monotonic-clock.ts';
import { RingHeaderLayout as Header, RecordKind } from './generated/layout.ts';
import type { ParkingLot } from './parking-lot.ts';
import { maxRecordBytes, openRing, type RingParts } from './ring.ts';
import { spin } from './spin.ts';

const tailIndex = Header.tail >> 2;
const headIndex = Header.head >> 2;
const highWaterIndex = Header.highWater >> 2;
const closedIndex = Header.closed >> 2;

export class RingWriter {
  readonly parts: RingParts;
  /** The data area; `claim` returns offsets into it. */
  readonly data: Buffer;
  /** The data area as 32-bit words: index is offset / 4. Records start at multiples of 8. */
  readonly words: Int32Array<ArrayBufferLike>;
  /** The data area as doubles: index is offset / 8. */
  readonly doubles: Float64Array<ArrayBufferLike>;
  readonly capacity: number;
  /** Largest record, header included. */
  readonly maxRecordBytes: number;
  /** How much of the data area is meant to be used; see `isCrowded`. */
  readonly softBytes: number;
  readonly #header: Int32Array<SharedArrayBuffer>;
  readonly #mask: number;
  readonly #lot: ParkingLot;
  readonly #ownPark: number;
  readonly #consumerPark: number;
  /** Bytes that may be in use: all, until `confine`. */
  #mostBytes: number;
  #position: number;
  #published: number;
  /** What was published when the consumer was last woken. */
  #announced: number;
  #head: number;
  #claimed: number;
  #highWater: number;

  /** `softBytes`: how much is meant to be used of a ring that has more than it should need; default all. */
  constructor(ring: SharedArrayBuffer, lot: ParkingLot, softBytes?: number) {
    const parts = openRing(ring);
    lot.indexOf(parts.consumerPark);
    lot.indexOf(parts.producerPark);
    this.parts = parts;
    this.data = parts.data;
    this.words = new Int32Array(ring, Header.size, parts.capacity >> 2);
    this.doubles = new Float64Array(ring, Header.size, parts.capacity >> 3);
    this.capacity = parts.capacity;
    this.maxRecordBytes = maxRecordBytes(parts.capacity);
    this.softBytes = softBytes ?? parts.capacity;
    this.#header = parts.header;
    this.#mask = parts.capacity - 1;
    this.#lot = lot;
    this.#ownPark = parts.producerPark;
    this.#consumerPark = parts.consumerPark;
    this.#mostBytes = parts.capacity;
    this.#position = Atomics.load(parts.header, tailIndex);
    this.#published = this.#position;
    this.#announced = this.#position;
    this.#head = Atomics.load(parts.header, headIndex);
    this.#claimed = 0;
    this.#highWater = Atomics.load(parts.header, highWaterIndex);
  }

  /**
   * Reserves `bytes` in one piece (header included, at most `maxRecordBytes`; more is a programmer's error). Returns
   * their offset in `data`, or -1 when the ring is too full. A second claim without a commit replaces the first.
   */
  claim(bytes: number): number {
    const need = (bytes + 7) & ~7;
    if (need > this.maxRecordBytes || need <= 0) this.#badClaim(bytes);
    let offset = this.#position & this.#mask;
    const toEnd = this.capacity - offset;
    const total = need > toEnd ? need + toEnd : need;
    if (((this.#position - this.#head) | 0) + total > this.#mostBytes) {
      this.#head = Atomics.load(this.#header, headIndex);
      if (((this.#position - this.#head) | 0) + total > this.#mostBytes) {
        this.#claimed = 0;
        return -1;
      }
    }
    if (total !== need) {
      this.#padToEnd();
      offset = 0;
    }
    this.#claimed = need;
    return offset;
  }

  /** Ends the claimed record at `bytes` (8 ≤ bytes ≤ what was claimed), of the given kind. Not yet seen by the consumer. */
  commit(bytes: number, kind: number = RecordKind.record): void {
    if (bytes > this.#claimed || bytes < 8) this.#badCommit(bytes);
    const offset = this.#position & this.#mask;
    this.words[offset >> 2] = bytes;
    this.data[offset + 4] = kind;
    this.#position = (this.#position + ((bytes + 7) & ~7)) | 0;
    this.#claimed = 0;
  }

  /** Ends what was claimed as records that stand there with their heads, one behind the other, `bytes` in all: a multiple of 8, 8 or more. */
  commitAll(bytes: number): void {
    if (bytes > this.#claimed || bytes < 8 || (bytes & 7) !== 0) this.#badCommit(bytes);
    this.#position = (this.#position + bytes) | 0;
    this.#claimed = 0;
  }

  /** Bytes committed (and padding) that `publish` has not shown to the consumer. */
  get unpublishedBytes(): number {
    return (this.#position - this.#published) | 0;
  }

  /**
   * Shows all committed records to the consumer and wakes it if it sleeps. When that is not urgent it may sleep on until a
   * quarter of what is meant to be used is: a thread that is woken for every few records spends more on waking than on them.
   */
  publish(urgent = true): void {
    const position = this.#position;
    if (position !== this.#published) {
      this.#published = position;
      Atomics.store(this.#header, tailIndex, position);
      // The copy of head may be old and the level then overstated: look again, but only where it would be a new record.
      if (((position - this.#head) | 0) > this.#highWater) this.#noteHighWater(position);
    }
    if (position === this.#announced) return;
    if (!urgent && ((position - this.#announced) | 0) < this.softBytes >>> 2) return;
    this.#announced = position;
    this.#lot.wake(this.#consumerPark);
  }

  /** Whether a claim of `bytes` would succeed now. */
  hasSpace(bytes: number): boolean {
    const need = (bytes + 7) & ~7;
    if (need > this.maxRecordBytes) this.#badClaim(bytes);
    const toEnd = this.capacity - (this.#position & this.#mask);
    const total = need > toEnd ? need + toEnd : need;
    if (((this.#position - this.#head) | 0) + total <= this.#mostBytes) return true;
    this.#head = Atomics.load(this.#header, headIndex);
    return ((this.#position - this.#head) | 0) + total <= this.#mostBytes;
  }

  /**
   * Publishes, then blocks the thread until a claim of `bytes` would succeed. Returns false after `timeoutMs`, or at
   * once when a signal for this thread is pending (see `ParkingLot.signal`): take it before waiting again.
   */
  waitForSpace(bytes: number, timeoutMs: number): boolean {
    this.publish();
    const lot = this.#lot;
    const word = this.#ownPark;
    for (let round = 0; round < spin.rounds; round += 1) {
      if (this.hasSpace(bytes)) return true;
      spin.pause();
    }
    const deadline = monotonicMs() + timeoutMs;
    for (;;) {
      lot.raise(word);
      if (this.hasSpace(bytes)) {
        lot.lower(word);
        return true;
      }
      const leftMs = deadline - monotonicMs();
      if (leftMs <= 0 || lot.signals(word) !== 0) {
        lot.lower(word);
        return false;
      }
      lot.sleep(word, leftMs);
    }
  }

  /** Whether the consumer was woken for what it has not given back yet. */
  get isBeingRead(): boolean {
    return ((this.#announced - Atomics.load(this.#header, headIndex)) | 0) > 0;
  }

  /** Whether the consumer has given back everything that was committed. */
  isEmpty(): boolean {
    this.#head = Atomics.load(this.#header, headIndex);
    return this.#position === this.#head;
  }

  /**
   * Whether it is time to let the consumer take everything and to `rewind`: more than `softBytes` are in use, or so much of the
   * data area has been since the last time.
   */
  get isCrowded(): boolean {
    if ((this.#position & this.#mask) > this.softBytes) return true;
    if (((this.#position - this.#head) | 0) <= this.softBytes) return false;
    this.#head = Atomics.load(this.#header, headIndex);
    return ((this.#position - this.#head) | 0) > this.softBytes;
  }

  /**
   * Pads an empty ring up to the end of the data area and publishes that, so that the next record stands at its beginning again: of
   * a ring that is far larger than what is in it only the first pages are ever touched. Wait until it is empty again before the
   * next claim; the padding leaves little room until then. A ring that is not empty is a programmer's error.
   */
  rewind(): void {
    if (!this.isEmpty()) throw new Error('a ring is rewound that is not empty');
    if ((this.#position & this.#mask) === 0) return;
    this.#padToEnd();
    this.#published = this.#position;
    this.#announced = this.#position;
    // Not by `publish`: as a high-water mark padding would say nothing.
    Atomics.store(this.#header, tailIndex, this.#position);
    this.#lot.wake(this.#consumerPark);
  }

  /** From now on claims of more than `softBytes` in all fail. */
  confine(): void {
    this.#mostBytes = this.softBytes;
  }

  /**
   * Publishes, then waits until the ring is empty, with the event loop running meanwhile. Returns false after `timeoutMs`, or at
   * once when a signal for this thread is pending: take it before waiting again. One wait at a time for the producer's word.
   */
  async waitUntilEmpty(timeoutMs: number): Promise<boolean> {
    this.publish();
    const lot = this.#lot;
    const word = this.#ownPark;
    const deadline = monotonicMs() + timeoutMs;
    for (;;) {
      lot.raise(word);
      const isEmpty = this.isEmpty();
      const leftMs = deadline - monotonicMs();
      if (isEmpty || leftMs <= 0 || lot.signals(word) !== 0) {
        lot.lower(word);
        return isEmpty;
      }
      await lot.sleepAsync(word, leftMs);
    }
  }

  /** Publishes and says that no record will follow; the consumer is woken to see it. */
  close(): void {
    this.publish();
    Atomics.store(this.#header, closedIndex, 1);
    this.#lot.wake(this.#consumerPark);
  }

  #padToEnd(): void {
    const offset = this.#position & this.#mask;
    const toEnd = this.capacity - offset;
    this.words[offset >> 2] = toEnd;
    this.words[(offset >> 2) + 1] = RecordKind.padding;
    this.#position = (this.#position + toEnd) | 0;
  }

  #noteHighWater(position: number): void {
    this.#head = Atomics.load(this.#header, headIndex);
    const used = (position - this.#head) | 0;
    if (used <= this.#highWater) return;
    this.#highWater = used;
    Atomics.store(this.#header, highWaterIndex, used);
  }

  #badClaim(bytes: number): never {
    throw new Error(`claim of ${bytes} bytes in a ring whose records are 1 to ${this.maxRecordBytes} bytes`);
  }

  #badCommit(bytes: number): never {
    throw new Error(`commit of ${bytes} bytes after a claim of ${this.#claimed}`);
  }
}

/**
 * Closes a ring whose producer has died, on the supervisor's thread: the consumer reads what was published and ends.
 * Never call it while the producer lives: a word has one writer.
 */
export function closeAbandonedRing(ring: SharedArrayBuffer, lot: ParkingLot): void {
  const { header, consumerPark } = openRing(ring);
  Atomics.store(header, closedIndex, 1);
  lot.wake(consumerPark);
}
