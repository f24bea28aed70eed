// One packet worker's end of one output: a ring with a policy for when it is full, and its counters. Runs on packet
// workers (and on the main thread for stats records).

import { type CounterBlock, defineCounters } from '../counters/index.ts';
import { OutputLayout, RecordKind, type RingWriter } from '../ring/index.ts';

export const outputLinkCounters = defineCounters('output_ring', {
  routed_records: { help: 'Records meant for an output, the ones lost on the way to it included.', account: 'received' },
  records: { help: 'Records put into the ring of an output.' },
  bytes: { help: 'Encoded bytes put into the ring of an output.' },
  dropped_full_records: {
    help: 'Records lost because the ring of an output was full that could not be waited for: by its policy `drop`, or in the middle of a batch.',
    dropped: { stage: 'output', reason: 'ring_full' },
  },
  dropped_too_large_records: {
    help: 'Records lost because they were larger than a ring record may be.',
    dropped: { stage: 'output', reason: 'too_large' },
  },
  dropped_stopped_records: {
    help: 'Records lost because the run ended while the ring was full.',
    dropped: { stage: 'output', reason: 'stopped' },
  },
  waits: { help: 'Times a worker had to wait for space in the ring of an output.' },
});
const C = outputLinkCounters.index;

/** Largest encoded record; larger ones are lost and counted. */
export const maxEncodedBytes = 131072;

/** How long a blocked worker sleeps before it looks whether it is to stop. */
const blockedCheckMs = 500;

/** `yield`: the output runs on the worker's own thread, which so must never block; who feeds it waits between batches (`OutputRoom`). */
export type OverloadPolicy = 'block' | 'drop' | 'spill' | 'yield';

/** Tells a blocked worker whether the run is being cut short. */
export interface Abort {
  readonly aborted: boolean;
}

export class OutputLink {
  readonly writer: RingWriter;
  readonly counters: CounterBlock;
  /** Largest record, its ring header included. */
  readonly mostBytes: number;
  readonly #policy: OverloadPolicy;
  readonly #abort: Abort;

  constructor(writer: RingWriter, policy: OverloadPolicy, counters: CounterBlock, abort: Abort) {
    this.writer = writer;
    this.counters = counters;
    this.mostBytes = Math.min(maxEncodedBytes, writer.maxRecordBytes);
    this.#policy = policy;
    this.#abort = abort;
  }

  /**
   * Offset of `bytes` reserved bytes in the ring, or -1 when the record is lost (which is then counted).
   * `spill` waits as `block` does: its output worker moves records to disk and so always makes room. `yield` loses as `drop` does.
   */
  reserve(bytes: number): number {
    const writer = this.writer;
    const offset = writer.claim(bytes);
    return offset >= 0 ? offset : this.#reserveFull(bytes);
  }

  #reserveFull(bytes: number): number {
    const writer = this.writer;
    if (this.#policy === 'drop') return this.#refuse(C.dropped_full_records);
    if (this.#policy === 'yield') return this.#refuse(this.#abort.aborted ? C.dropped_stopped_records : C.dropped_full_records);
    this.#count(C.waits, 1);
    while (!this.#abort.aborted) {
      writer.waitForSpace(bytes, blockedCheckMs);
      const offset = writer.claim(bytes);
      if (offset >= 0) return offset;
    }
    this.#lose(C.dropped_stopped_records);
    return -1;
  }

  #refuse(counter: number): -1 {
    this.writer.publish();
    this.#lose(counter);
    return -1;
  }

  /** Records lost because there was no room. */
  get refused(): number {
    return this.counters[C.dropped_full_records] as number;
  }

  /** Counts that somebody waits for room between batches. */
  waited(): void {
    this.#count(C.waits, 1);
  }

  /** Ends the reserved record at `end` (offset after its last byte) with its order keys. */
  commit(offset: number, end: number, recordType: number, orderUs: number, orderPacket: number, orderIndex: number): void {
    const writer = this.writer;
    writer.data[offset + OutputLayout.recordType] = recordType;
    writer.doubles[(offset + OutputLayout.orderTimeUs) >> 3] = orderUs;
    writer.words[(offset + OutputLayout.orderPacket) >> 2] = orderPacket;
    writer.words[(offset + OutputLayout.orderIndex) >> 2] = orderIndex;
    writer.commit(end - offset, RecordKind.record);
    this.#count(C.routed_records, 1);
    this.#count(C.records, 1);
    this.#count(C.bytes, end - offset - OutputLayout.size);
  }

  /** Offset of `mostBytes` in the ring for records that are written there with their heads, or -1 when it is too full now. */
  claimMany(): number {
    return this.writer.claim(this.mostBytes);
  }

  /** Ends the `records` that were written into what `claimMany` gave: to an offset `length` behind it, and `bytes` encoded. */
  commitMany(length: number, records: number, bytes: number): void {
    this.writer.commitAll(length);
    this.#count(C.routed_records, records);
    this.#count(C.records, records);
    this.#count(C.bytes, bytes);
  }

  /** Promises that no later record has a smaller order time. Left out when the ring is full: the next one will do. */
  watermark(orderUs: number): void {
    const writer = this.writer;
    const offset = writer.claim(OutputLayout.size);
    if (offset < 0) return;
    writer.doubles[(offset + OutputLayout.orderTimeUs) >> 3] = orderUs;
    writer.commit(OutputLayout.size, RecordKind.watermark);
  }

  tooLarge(): void {
    this.#lose(C.dropped_too_large_records);
  }

  #lose(index: number): void {
    this.#count(C.routed_records, 1);
    this.#count(index, 1);
  }

  #count(index: number, by: number): void {
    this.counters[index] = (this.counters[index] as number) + by;
  }
}
