// The byte ring that joins exactly one producer thread to one consumer thread: how it is laid out, created, opened
// and looked at. Created on the main thread, which owns the memory; written by `RingWriter` or by the capture crate
// (crates/capture/src/ring.rs), read by `RingReader`. This file never moves head or tail.
//
//   byte 0        64        128       192       256                                        256 + capacity
//        ├─────────┼─────────┼─────────┼─────────┼──────────────────────────────────────────────┤
//        │ producer│ consumer│ constant│ unused  │ data area: records, each at a multiple of 8  │
//        │ tail    │ head    │ magic   │         │                                              │
//        │ high    │         │ capacity│         │  given back │ published │ written │ free     │
//        │ closed  │         │ parks   │         │             ▲           ▲         ▲          │
//        └─────────┴─────────┴─────────┴─────────┴─────────── head ─────── tail ──── claim ─────┘
//
//   record  │ u32 length │ u8 kind │ 3 bytes + the rest as the kind says │ 0–7 bytes up to a multiple of 8 │
//   padding │ u32 length │ u8 0    │ nothing: the next record is at data offset 0                        │
//
// Positions are u32 counts of bytes that wrap at 2^32; `position & (capacity - 1)` is the data offset and
// `tail - head` the bytes in use. A record never straddles the end of the data area: a padding record fills what
// is left there. A record is at most a quarter of the capacity, so padding and record fit an empty ring at any position.
//
// One writer a word. The producer writes records, then stores `tail` (release); the consumer loads `tail` (acquire),
// reads, then stores `head` (release), which the producer loads (acquire) before it writes over that space. Each side
// keeps a private copy of the other's position and loads the shared one only when the copy says full or empty.
//
// Sleeping. Each thread has a word in the parking lot. To sleep: store 1 to the own word, look at the rings again, and
// only then wait while the word is 1. To wake: store the position, then load the other side's word and, if it is 1,
// exchange it with 0 and notify. Both orders are sequentially consistent (store, then load of the other's word), so
// one of the two threads always sees the other. In Rust the tail store and that load have a SeqCst fence between them.

import { errorCodes, SensorError } from '../errors.ts';
import { RingHeaderLayout as Header, Ring } from './generated/layout.ts';

export const minRingBytes = 4096;
export const maxRingBytes = 1 << 30;

export interface RingOptions {
  /** Bytes of the data area: a power of two, 4 KiB to 1 GiB. */
  readonly capacityBytes: number;
  /** Word of the parking lot on which the producer sleeps for space. */
  readonly producerPark: number;
  /** Word of the parking lot on which the consumer sleeps for records. */
  readonly consumerPark: number;
}

/** The constant part of a ring and its memory, checked once. */
export interface RingParts {
  readonly buffer: SharedArrayBuffer;
  readonly capacity: number;
  readonly producerPark: number;
  readonly consumerPark: number;
  /** Header words; index is byte offset / 4. */
  readonly header: Int32Array<SharedArrayBuffer>;
  /** The data area. */
  readonly data: Buffer;
}

/** What the main thread can tell of a ring without asking either side. A snapshot: both sides go on meanwhile. */
export interface RingState {
  readonly capacity: number;
  readonly usedBytes: number;
  /** Most bytes in use that the producer has seen. */
  readonly highWaterBytes: number;
  readonly closed: boolean;
}

/** Largest record, header included, that a ring of this capacity takes. */
export function maxRecordBytes(capacity: number): number {
  return capacity >>> 2;
}

/** Creates an empty ring. Throws `RT_RING` when the capacity or a parking word is out of range or memory is short. */
export function createRing(options: RingOptions): SharedArrayBuffer {
  const { capacityBytes, producerPark, consumerPark } = options;
  if (!isCapacity(capacityBytes))
    throw new SensorError(errorCodes.ring, `a ring of ${capacityBytes} bytes is not possible`, {
      hint: `use a power of two from ${minRingBytes} to ${maxRingBytes}`,
    });
  for (const word of [producerPark, consumerPark]) {
    if (!Number.isInteger(word) || word < 0 || word > 0xffff)
      throw new SensorError(errorCodes.ring, `parking word ${word} is not possible`);
  }
  let buffer: SharedArrayBuffer;
  try {
    buffer = new SharedArrayBuffer(Header.size + capacityBytes);
  } catch (cause) {
    throw new SensorError(errorCodes.ring, `no memory for a ring of ${capacityBytes} bytes`, {
      cause,
      hint: 'use smaller or fewer rings',
    });
  }
  const header = new Int32Array(buffer, 0, Header.size >> 2);
  header[Header.capacity >> 2] = capacityBytes;
  header[Header.producerPark >> 2] = producerPark;
  header[Header.consumerPark >> 2] = consumerPark;
  Atomics.store(header, Header.magic >> 2, Ring.magic);
  return buffer;
}

/** Views over a ring made by `createRing`. Throws `RT_RING` when the memory is not one. */
export function openRing(buffer: SharedArrayBuffer): RingParts {
  if (!(buffer instanceof SharedArrayBuffer) || buffer.byteLength < Header.size + minRingBytes)
    throw new SensorError(errorCodes.ring, 'not a ring: too little memory, or not shared');
  const header = new Int32Array(buffer, 0, Header.size >> 2);
  const capacity = header[Header.capacity >> 2] as number;
  if (Atomics.load(header, Header.magic >> 2) !== Ring.magic)
    throw new SensorError(errorCodes.ring, 'not a ring: its magic number is missing');
  if (!isCapacity(capacity) || buffer.byteLength !== Header.size + capacity)
    throw new SensorError(errorCodes.ring, `not a ring: ${buffer.byteLength} bytes of memory for a capacity of ${capacity}`);
  return {
    buffer,
    capacity,
    producerPark: header[Header.producerPark >> 2] as number,
    consumerPark: header[Header.consumerPark >> 2] as number,
    header,
    data: Buffer.from(buffer as unknown as ArrayBuffer, Header.size, capacity),
  };
}

/** Fill level of a ring, for `top`, `/metrics` and the supervisor. */
export function ringState(parts: RingParts): RingState {
  const { header, capacity } = parts;
  // Head first: it only grows towards tail, so the difference can be too large by what came meanwhile, never negative.
  const head = Atomics.load(header, Header.head >> 2);
  const tail = Atomics.load(header, Header.tail >> 2);
  return {
    capacity,
    usedBytes: Math.min((tail - head) >>> 0, capacity),
    highWaterBytes: Atomics.load(header, Header.highWater >> 2) >>> 0,
    closed: Atomics.load(header, Header.closed >> 2) === 1,
  };
}

/** Where producer and consumer are, modulo 2^32: what is published, and what is given back. */
export function ringPositions({ header }: RingParts): { readonly head: number; readonly tail: number } {
  return { head: Atomics.load(header, Header.head >> 2), tail: Atomics.load(header, Header.tail >> 2) };
}

function isCapacity(bytes: number): boolean {
  return Number.isInteger(bytes) && bytes >= minRingBytes && bytes <= maxRingBytes && (bytes & (bytes - 1)) === 0;
}
