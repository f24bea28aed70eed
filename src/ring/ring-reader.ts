// The consumer's side of a ring (picture: ring.ts): packet workers read packets with it, output workers read encoded
// records. One reader a ring, on one thread. Nothing is copied and nothing is allocated while reading.
//
//   while (reader.begin() > 0) {
//     for (let at = reader.next(); at >= 0; at = reader.next()) handle(reader.data, at, reader.length, reader.kind);
//     reader.release();
//   }
//
// A new reader starts at the shared head: after a consumer's death its successor is given again what was never
// released. What it has to skip of that it knows from the records' own sequence numbers.

import { RingHeaderLayout as Header, RecordKind } from './generated/layout.ts';
import type { ParkingLot } from './parking-lot.ts';
import { openRing, type RingParts } from './ring.ts';

const tailIndex = Header.tail >> 2;
const headIndex = Header.head >> 2;
const closedIndex = Header.closed >> 2;

export class RingReader {
  readonly parts: RingParts;
  /** The data area; `next` returns offsets into it. Shared memory: never write to it. */
  readonly data: Buffer;
  readonly capacity: number;
  /** Position after the last record that `next` returned; u32, kept signed. */
  position: number;
  /** Bytes of the last record, header included, padding to 8 excluded. */
  length: number;
  /** `RecordKind` of the last record. */
  kind: number;
  readonly #header: Int32Array<SharedArrayBuffer>;
  readonly #words: Int32Array<ArrayBufferLike>;
  readonly #mask: number;
  readonly #lot: ParkingLot;
  readonly #producerPark: number;
  #tail: number;
  #head: number;
  #drained: boolean;

  constructor(ring: SharedArrayBuffer, lot: ParkingLot) {
    const parts = openRing(ring);
    lot.indexOf(parts.producerPark);
    this.parts = parts;
    this.data = parts.data;
    this.capacity = parts.capacity;
    this.position = Atomics.load(parts.header, headIndex);
    this.length = 0;
    this.kind = RecordKind.padding;
    this.#header = parts.header;
    this.#words = new Int32Array(ring, Header.size, parts.capacity >> 2);
    this.#mask = parts.capacity - 1;
    this.#lot = lot;
    this.#producerPark = parts.producerPark;
    this.#tail = this.position;
    this.#head = this.position;
    this.#drained = false;
  }

  /** Looks once at what the producer has published. Returns the bytes (padding included) now readable with `next`. */
  begin(): number {
    this.#tail = Atomics.load(this.#header, tailIndex);
    return (this.#tail - this.position) | 0;
  }

  /**
   * Offset in `data` of the next record seen by the last `begin`, or -1 when there is none. `length` and `kind` are
   * the record's. Records stay valid until `release`.
   */
  next(): number {
    const words = this.#words;
    const mask = this.#mask;
    while (this.position !== this.#tail) {
      const offset = this.position & mask;
      const length = words[offset >> 2] as number;
      const kind = (words[(offset >> 2) + 1] as number) & 0xff;
      const step = (length + 7) & ~7;
      // A length that leads nowhere is a bug of a producer, never a matter of the wire; going on would loop or tear.
      if (step < 8 || step > ((this.#tail - this.position) | 0)) this.#corrupt(offset, length);
      this.position = (this.position + step) | 0;
      if (kind !== RecordKind.padding) {
        this.length = length;
        this.kind = kind;
        return offset;
      }
    }
    return -1;
  }

  /** Records up to `position`, at most `end`, were read by other means than `next`. */
  passed(position: number): void {
    this.position = position;
  }

  /**
   * Gives space back up to `position` (default: all that `next` returned) and wakes a producer that waits for it once
   * at least half of the ring is free: waking it for less makes two threads take turns record by record.
   */
  release(position: number = this.position): void {
    if (position === this.#head) return;
    this.#head = position;
    Atomics.store(this.#header, headIndex, position);
    if (((this.#tail - position) | 0) <= this.capacity >>> 1) this.#lot.wake(this.#producerPark);
  }

  /** Where the records seen by the last `begin` end, as `position`. */
  get end(): number {
    return this.#tail;
  }

  /** Bytes that `next` has returned and `release` has not given back. */
  get heldBytes(): number {
    return (this.position - this.#head) | 0;
  }

  /** Wakes the producer if it waits for space, whatever the fill level. Called before the consumer sleeps. */
  wakeProducer(): void {
    this.#lot.wake(this.#producerPark);
  }

  /** True once the producer has closed the ring and all its records have been returned by `next`. */
  isDrained(): boolean {
    if (this.#drained) return true;
    // Closed before tail: the producer stores its last tail before it closes.
    if (Atomics.load(this.#header, closedIndex) !== 1) return false;
    this.#drained = this.begin() === 0;
    return this.#drained;
  }

  /** Whether a parked consumer has a reason to wake: records, or an end that `isDrained` has not told yet. */
  hasNews(): boolean {
    if (Atomics.load(this.#header, tailIndex) !== this.position) return true;
    return !this.#drained && Atomics.load(this.#header, closedIndex) === 1;
  }

  #corrupt(offset: number, length: number): never {
    throw new Error(`ring corrupt: record at data offset ${offset} has length ${length}, ${this.#tail - this.position} readable`);
  }
}
