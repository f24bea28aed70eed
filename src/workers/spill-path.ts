// The way of records through an output with policy `spill`: straight to the plugin while it keeps up; when a write
// takes long or fails and the rings fill up, to the disk queue, from which they are replayed in order. Output workers
// only. A batch offered straight from the rings lies in memory of its own, so that ring space need not wait for it.

import type { CounterBlock } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import type { OutputContext } from '../plugin/index.ts';
import type { RingReader } from '../ring/index.ts';
import type { SpillBatch, SpillQueue, SpillRecord } from '../spill/index.ts';
import { outputCounters } from './output-counters.ts';
import { RecordBatch } from './record-batch.ts';

const C = outputCounters.index;

/** How long a step waits for a write before it looks at the rings again. */
const patienceMs = 20;
const firstRetryMs = 100;
const replayRecordsMax = 65536;

interface Offer {
  readonly batch: RecordBatch;
  /** Where the batch came from: the queue, or the rings. */
  readonly queued: SpillBatch | undefined;
  /** Records of a ring batch that were put into the queue while the write went on; undefined: none was tried. */
  spilled: number | undefined;
  /** Set when the write has settled: the error, or null. */
  result: Error | null | undefined;
  readonly settled: Promise<void>;
}

export interface SpillPathOptions {
  readonly queue: SpillQueue;
  readonly readers: readonly RingReader[];
  readonly recordTypes: readonly string[];
  readonly batchBytes: number;
  readonly retryMaxMs: number;
  readonly counters: CounterBlock;
  readonly log: OutputContext['log'];
  /** One offer of a batch to the plugin; its error, or undefined. */
  write(batch: RecordBatch): Promise<Error | undefined>;
}

export class SpillPath {
  readonly #options: SpillPathOptions;
  readonly #queue: SpillQueue;
  readonly #counters: CounterBlock;
  readonly #gathered: RecordBatch;
  readonly #typeNumbers: ReadonlyMap<string, number>;
  #offer: Offer | undefined;
  #pauseMs = 0;
  #retryAtMs = 0;
  /** When the output last took something. */
  #takenAtMs = 0;
  #told = false;

  constructor(options: SpillPathOptions) {
    this.#options = options;
    this.#queue = options.queue;
    this.#counters = options.counters;
    this.#gathered = new RecordBatch(options.recordTypes);
    this.#add(C.recovered_records, options.queue.stats.pendingRecords);
    this.#typeNumbers = new Map(options.recordTypes.map((name, number) => [name, number]));
  }

  /** One round: offers what is next, waits a moment for a write, makes room in the rings. False: there was nothing to do. */
  async step(): Promise<boolean> {
    if (this.#offer === undefined && monotonicMs() >= this.#retryAtMs) await this.#offerNext();
    const offer = this.#offer;
    if (offer === undefined) {
      if (monotonicMs() >= this.#retryAtMs) return false;
      // Refused a moment ago: records go to disk meanwhile.
      await this.#spillRings();
      await pause(patienceMs);
      return true;
    }
    await Promise.race([offer.settled, pause(patienceMs)]);
    if (offer.result !== undefined) await this.#settle(offer);
    else if (this.#ringsFillUp()) await this.#spillRings();
    return true;
  }

  /** The run is cut short: what is in the rings goes to disk without another look at the plugin. False: there was nothing. */
  async keep(): Promise<boolean> {
    const { readers } = this.#options;
    const seen = readers.map((reader) => reader.begin() > 0).includes(true);
    if (seen) await this.#spillRings();
    return seen;
  }

  /**
   * The rings are empty and closed: replays the queue until the output has taken nothing for `timeoutMs`; what is left
   * stays on disk for the next run.
   */
  async finish(timeoutMs: number): Promise<void> {
    this.#takenAtMs = monotonicMs();
    while (monotonicMs() < this.#takenAtMs + timeoutMs && (await this.step()));
    const offer = this.#offer;
    const isOnlyHere = offer?.queued === undefined && offer?.spilled === undefined && offer?.result === undefined;
    if (offer !== undefined && isOnlyHere) await this.#spillOffer(offer);
    // It may have been answered after all.
    if (offer?.result !== undefined) await this.#settle(offer);
    else if (offer?.spilled !== undefined) this.#add(C.dropped_spill_full_records, offer.batch.count - offer.spilled);
    this.#offer = undefined;
    const { pendingRecords } = this.#queue.stats;
    this.#add(C.kept_records, pendingRecords);
    if (pendingRecords > 0) {
      this.#options.log.warn(
        `${pendingRecords} records stay in the disk queue ${this.#queue.directory} and are sent by the next run`,
      );
    }
    this.#gauge();
    await this.#queue.close();
  }

  async #offerNext(): Promise<void> {
    if (!this.#queue.isEmpty) {
      const queued = await this.#queue.read(replayRecordsMax, this.#options.batchBytes);
      if (queued === undefined) return;
      const batch = new RecordBatch(this.#options.recordTypes);
      for (const record of queued.records) {
        const type = this.#typeNumbers.get(record.type);
        if (type === undefined) this.#add(C.dropped_unknown_type_records, 1);
        else batch.add(record.bytes, 0, record.bytes.length, type);
      }
      this.#start(batch, queued);
      return;
    }
    const batch = this.#gather();
    if (batch.count > 0) this.#start(batch.detach(), undefined);
    else this.#release();
  }

  #start(batch: RecordBatch, queued: SpillBatch | undefined): void {
    const offer: Offer = { batch, queued, spilled: undefined, result: undefined, settled: this.#write(batch) };
    this.#offer = offer;
  }

  async #write(batch: RecordBatch): Promise<void> {
    const error = await this.#options.write(batch);
    const offer = this.#offer;
    if (offer !== undefined && offer.batch === batch) offer.result = error ?? null;
  }

  async #settle(offer: Offer): Promise<void> {
    this.#offer = undefined;
    const { result, queued } = offer;
    if (result instanceof SensorError && result.code === errorCodes.outputClosed) throw result;
    if (result !== null) {
      await this.#refused(offer, result as Error);
      return;
    }
    this.#pauseMs = 0;
    this.#takenAtMs = monotonicMs();
    this.#told = false;
    if (queued !== undefined) {
      await this.#queue.acknowledge(queued);
      this.#add(C.replayed_records, offer.batch.count);
    } else if (offer.spilled !== undefined) await this.#acknowledgeFront(offer.spilled);
    else this.#release();
    this.#gauge();
  }

  async #refused(offer: Offer, error: Error): Promise<void> {
    if (offer.queued !== undefined) await this.#queue.rewind();
    else {
      const spilled = offer.spilled ?? (await this.#spillOffer(offer));
      this.#add(C.dropped_spill_full_records, offer.batch.count - spilled);
    }
    this.#pauseMs = Math.min(Math.max(firstRetryMs, this.#pauseMs * 2), this.#options.retryMaxMs);
    this.#retryAtMs = monotonicMs() + this.#pauseMs;
    if (!this.#told) this.#options.log.warn(`records go to the disk queue ${this.#queue.directory}: ${error.message}`);
    this.#told = true;
  }

  /**
   * Puts a batch that was offered from the rings into the queue; it stays the first there. Returns how many records fitted; while the
   * write still goes on, the others may yet be written.
   */
  async #spillOffer(offer: Offer): Promise<number> {
    const spilled = await this.#append(offer.batch);
    offer.spilled = spilled;
    this.#release();
    return spilled;
  }

  /** The first `count` records of the queue have been written from memory. */
  async #acknowledgeFront(count: number): Promise<void> {
    await this.#queue.rewind();
    for (let left = count; left > 0; ) {
      const batch = await this.#queue.read(left, Number.MAX_SAFE_INTEGER);
      if (batch === undefined) return;
      left -= batch.records.length;
      await this.#queue.acknowledge(batch);
    }
  }

  #ringsFillUp(): boolean {
    return this.#options.readers.some((reader) => reader.heldBytes + Math.max(0, reader.begin()) > reader.capacity >> 1);
  }

  /** Moves what is in the rings to the queue, behind the batch that is being written. */
  async #spillRings(): Promise<void> {
    const offer = this.#offer;
    if (offer !== undefined && offer.queued === undefined && offer.spilled === undefined) await this.#spillOffer(offer);
    const batch = this.#gather();
    if (batch.count > 0) {
      const accepted = await this.#append(batch);
      this.#add(C.dropped_spill_full_records, batch.count - accepted);
    }
    this.#release();
    this.#gauge();
  }

  /** A failing disk loses the records (counted by the caller) but must not stop the output. */
  async #append(batch: RecordBatch): Promise<number> {
    const records: SpillRecord[] = [];
    for (let index = 0; index < batch.count; index++) {
      records.push({ type: batch.typeNumber(index), orderTimeUs: 0, orderPacket: 0, orderIndex: 0, bytes: batch.record(index) });
    }
    let accepted = 0;
    try {
      accepted = await this.#queue.append(records);
    } catch (error) {
      this.#options.log.error(`disk queue: ${(error as Error).message}`);
    }
    this.#add(C.spilled_records, accepted);
    return accepted;
  }

  #gather(): RecordBatch {
    const batch = this.#gathered;
    batch.clear();
    for (const reader of this.#options.readers) {
      if (reader.begin() > 0) batch.addFromRing(reader, this.#options.batchBytes);
    }
    return batch;
  }

  #release(): void {
    for (const reader of this.#options.readers) reader.release();
  }

  #gauge(): void {
    this.#counters[C.spill_bytes] = this.#queue.stats.usedBytes;
  }

  #add(index: number, by: number): void {
    this.#counters[index] = (this.#counters[index] as number) + by;
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
