// The loop of an output worker: takes records from the rings of all packet workers, puts them in order or on disk where
// the config says so, hands them to the plugin in batches, and gives ring space back once the plugin has taken them.
// Its thread has an event loop; a slow plugin delays only its own rings. That of light outputs is the main thread.

import type { OutputCommonConfig } from '../config/index.ts';
import type { CounterBlock } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import type { Output, OutputContext } from '../plugin/index.ts';
import { allDrained, OutputLayout, type ParkingLot, parkAsync, RecordKind, type RingReader } from '../ring/index.ts';
import type { SpillQueue } from '../spill/index.ts';
import { OrderedMerge } from './ordered-merge.ts';
import { outputCounters } from './output-counters.ts';
import { Signal } from './protocol.ts';
import { RecordBatch } from './record-batch.ts';
import { SpillPath } from './spill-path.ts';
import type { Progress } from './survey.ts';

const C = outputCounters.index;

/** Memory that an ordered output may hold back, as a multiple of its batch size. */
const orderedBatches = 64;
const firstRetryMs = 100;
/** How long a plugin that is writing has when the run is cut short, and how often it is looked at whether it is. */
const lastWordMs = 1000;
const lookMs = 100;

export interface RunnerOptions {
  readonly output: Output;
  readonly common: OutputCommonConfig;
  /** One a packet worker, then that of the main thread. */
  readonly readers: readonly RingReader[];
  readonly lot: ParkingLot;
  readonly word: number;
  readonly recordTypes: readonly string[];
  readonly counters: CounterBlock;
  readonly log: OutputContext['log'];
  /** With policy `spill`. */
  readonly spill: SpillQueue | undefined;
  /** Time for the last writes when the run ends. */
  readonly stopTimeoutMs: number;
  /** Where `Signal.survey` is answered. */
  readonly progress: Progress | undefined;
  /** Called once the output has started. */
  onReady(): void;
}

export class OutputRunner {
  readonly #options: RunnerOptions;
  readonly #output: Output;
  readonly #counters: CounterBlock;
  readonly #batch: RecordBatch;
  readonly #merge: OrderedMerge | undefined;
  readonly #spill: SpillPath | undefined;
  #aborted = false;
  /** What the plugin still says is not counted any more: its records have been. */
  #ended = false;
  #killed = false;
  #stopped = false;
  #flushDueMs = 0;
  #unflushed = false;
  #surveyed = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
    this.#output = options.output;
    this.#counters = options.counters;
    this.#batch = new RecordBatch(options.recordTypes);
    const { common, readers } = options;
    this.#merge = common.ordered ? new OrderedMerge(readers.length - 1, common.batch_bytes * orderedBatches) : undefined;
    this.#spill =
      options.spill === undefined
        ? undefined
        : new SpillPath({
            queue: options.spill,
            readers,
            recordTypes: options.recordTypes,
            batchBytes: common.batch_bytes,
            retryMaxMs: common.retry_max_secs * 1000,
            counters: options.counters,
            log: options.log,
            write: (batch) => this.#writeOnce(batch),
          });
  }

  /** Runs until every ring has been closed and drained, then flushes and stops the output. */
  async run(): Promise<void> {
    const { readers, lot, word } = this.#options;
    await this.#output.start?.();
    this.#options.onReady();
    for (;;) {
      this.#checkKilled();
      await this.#takeSignals();
      await this.#answerSurvey();
      const progress = this.#aborted ? await this.#giveUp() : await this.#step();
      // With a disk queue there is always something to try while the output refuses; what comes after the last record of
      // the rings is up to `finish`.
      if (progress && (this.#spill === undefined || this.#aborted)) continue;
      if (allDrained(readers) && (this.#merge === undefined || this.#merge.heldRecords === 0)) break;
      if (progress) continue;
      await parkAsync(readers, lot, word, this.#unflushed ? Math.max(1, this.#flushDueMs - monotonicMs()) : 1000);
      await this.#flushWhenDue();
    }
    await this.#spill?.finish(this.#aborted ? 0 : this.#options.stopTimeoutMs);
    this.#ended = true;
    if (!this.#aborted) await this.#output.flush?.();
    this.#stopped = true;
    await this.#output.stop?.(this.#options.stopTimeoutMs);
  }

  /**
   * For an output whose thread goes on without it: `run` rejects as soon as the plugin lets it, and gives no ring space back before.
   * A batch that the plugin still has is empty from now on.
   */
  kill(): void {
    const { lot, word } = this.#options;
    this.#killed = true;
    this.#ended = true;
    this.#batch.clear();
    // Means nothing to outputs but that they are to look around.
    lot.signal(word, Signal.stop);
  }

  /** Likewise, after `run` has rejected: what the plugin has open is closed. Never rejects. */
  async leave(deadlineMs: number): Promise<void> {
    if (this.#stopped) return;
    this.#stopped = true;
    try {
      await this.#output.stop?.(deadlineMs);
    } catch {
      // Why the run has failed is told already.
    }
  }

  #checkKilled(): void {
    if (this.#killed) throw new Error('the output was ended');
  }

  async #step(): Promise<boolean> {
    const progress = this.#spill === undefined ? await this.#direct() : await this.#spill.step();
    await this.#flushWhenDue();
    return progress;
  }

  /** One batch from the rings, or through the merge. Returns false when there was nothing to do. */
  async #direct(): Promise<boolean> {
    const batch = this.#batch;
    batch.clear();
    if (this.#merge !== undefined) return await this.#throughMerge(this.#merge);
    const { readers, common } = this.#options;
    let seen = false;
    for (const reader of readers) {
      if (reader.begin() <= 0) continue;
      if (batch.addFromRing(reader, common.batch_bytes)) seen = true;
    }
    if (batch.count > 0) await this.#write(batch);
    for (const reader of readers) reader.release();
    return seen;
  }

  async #throughMerge(merge: OrderedMerge): Promise<boolean> {
    const { readers, common } = this.#options;
    let seen = false;
    readers.forEach((reader, producer) => {
      if (reader.begin() > 0) {
        seen = true;
        for (let offset = reader.next(); offset >= 0; offset = reader.next()) {
          const data = reader.data;
          const timeUs = data.readDoubleLE(offset + OutputLayout.orderTimeUs);
          if (reader.kind === RecordKind.watermark) merge.watermark(producer, timeUs);
          else if (reader.kind === RecordKind.record) {
            const bytes = data.subarray(offset + OutputLayout.size, offset + reader.length);
            const type = data[offset + OutputLayout.recordType] as number;
            merge.add(
              bytes,
              type,
              timeUs,
              data.readUInt32LE(offset + OutputLayout.orderPacket),
              data.readUInt32LE(offset + OutputLayout.orderIndex),
            );
          }
        }
        reader.release();
      }
      if (reader.isDrained()) merge.watermark(producer, Number.POSITIVE_INFINITY);
    });
    this.#counters[C.late_records] = merge.lateRecords;
    const batch = this.#batch;
    while (batch.byteLength < common.batch_bytes) {
      const record = merge.take();
      if (record === undefined) break;
      batch.add(record.bytes, 0, record.bytes.length, record.type);
    }
    if (batch.count > 0) await this.#write(batch);
    return seen || batch.count > 0;
  }

  /** Offers a batch until the output takes it or the run is cut short, in which case its records are lost and counted. */
  async #write(batch: RecordBatch): Promise<void> {
    const { log, common, lot, word } = this.#options;
    for (let pauseMs = firstRetryMs; ; pauseMs = Math.min(pauseMs * 2, common.retry_max_secs * 1000)) {
      const error = await this.#answer(batch);
      this.#checkKilled();
      if (error === undefined) return;
      if (error instanceof SensorError && error.code === errorCodes.outputClosed) throw error;
      if (this.#aborted) {
        this.#add(C.dropped_failed_records, batch.count);
        return;
      }
      log.warn(`${batch.count} records were refused, next try in ${pauseMs} ms: ${error.message}`);
      // No ring to look at: only a signal or the time-out ends this wait.
      await parkAsync([], lot, word, pauseMs);
      await this.#takeSignals();
    }
  }

  /** The plugin's answer to an offer. A run that is cut short meanwhile waits a moment for it, and then takes it for a refusal. */
  async #answer(batch: RecordBatch): Promise<Error | undefined> {
    const written = this.#writeOnce(batch);
    const { lot, word } = this.#options;
    let timer: NodeJS.Timeout | undefined;
    const cutShort = new Promise<Error>((resolve) => {
      let patience = lastWordMs;
      timer = setInterval(() => {
        if ((lot.signals(word) & Signal.abort) !== 0) this.#aborted = true;
        if (this.#aborted) patience -= lookMs;
        if (patience > 0 && !this.#killed) return;
        this.#ended = true;
        resolve(new Error('there was no answer when the run ended'));
      }, lookMs);
    });
    try {
      return await Promise.race([written, cutShort]);
    } finally {
      clearInterval(timer);
    }
  }

  /** One offer of a batch to the plugin; its error, or undefined when it has taken the batch. */
  async #writeOnce(batch: RecordBatch): Promise<Error | undefined> {
    try {
      await this.#output.write(batch);
    } catch (error) {
      if (!this.#ended) this.#add(C.failed_batches, 1);
      return error instanceof Error ? error : new Error(String(error));
    }
    if (this.#ended) return undefined;
    this.#add(C.batches, 1);
    this.#add(C.written_records, batch.count);
    this.#add(C.written_bytes, batch.byteLength);
    if (!this.#unflushed) {
      this.#unflushed = true;
      this.#flushDueMs = monotonicMs() + this.#options.common.flush_secs * 1000;
    }
    return undefined;
  }

  async #flushWhenDue(): Promise<void> {
    if (!this.#unflushed || monotonicMs() < this.#flushDueMs) return;
    this.#unflushed = false;
    await this.#output.flush?.();
  }

  /** Records that are held back for their order are not written yet. */
  async #answerSurvey(): Promise<void> {
    if (!this.#surveyed || this.#aborted || (this.#merge?.heldRecords ?? 0) > 0) return;
    this.#surveyed = false;
    this.#unflushed = false;
    await this.#output.flush?.();
    this.#options.progress?.answer();
  }

  async #takeSignals(): Promise<void> {
    const { lot, word, log } = this.#options;
    const signals = lot.takeSignals(word);
    if (signals === 0) return;
    if ((signals & Signal.survey) !== 0) this.#surveyed = true;
    if ((signals & Signal.abort) !== 0) this.#aborted = true;
    if ((signals & Signal.reopen) !== 0) {
      log.info('closing and opening files again');
      await this.#output.reopen?.();
    }
  }

  /** The run is cut short: what still comes goes to disk where there is a queue, else it is lost and counted. */
  async #giveUp(): Promise<boolean> {
    return this.#spill === undefined ? this.#discard() : await this.#spill.keep();
  }

  /** Records that still come are counted as lost, until the packet workers have closed their rings. */
  #discard(): boolean {
    let records = this.#merge?.clear() ?? 0;
    let seen = false;
    for (const reader of this.#options.readers) {
      if (reader.begin() <= 0) continue;
      seen = true;
      while (reader.next() >= 0) if (reader.kind === RecordKind.record) records++;
      reader.release();
    }
    this.#add(C.dropped_failed_records, records);
    return seen;
  }

  #add(index: number, by: number): void {
    this.#counters[index] = (this.#counters[index] as number) + by;
  }
}
