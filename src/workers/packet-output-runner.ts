// The loop of an output worker whose plugin takes packets: hands over what packet workers have put into their rings, each ring in
// its order or all of them as one stream, and gives the space back. As `OutputRunner` for records.

import { type CounterBlock, defineCounters } from '../counters/index.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import { ChunkLayout, ChunkType, endsBlockFlag, FrameLayout } from '../pcap/index.ts';
import type { OutputContext, PacketChunk, PacketOutput } from '../plugin/index.ts';
import { allDrained, type ParkingLot, parkAsync, type RingReader } from '../ring/index.ts';
import { PacketMerge } from './packet-merge.ts';
import { Signal } from './protocol.ts';
import type { Progress } from './survey.ts';

export const packetOutputCounters = defineCounters('packet_output', {
  taken_chunks: { help: 'Chunks of packets that the output has taken.' },
  dropped_stopped_frames: {
    help: 'Packets not kept because the time to stop was over.',
    dropped: { stage: 'kept', reason: 'stopped' },
  },
});
const C = packetOutputCounters.index;

/** Chunks handed over before signals and the clock are looked at. */
const turnChunks = 1024;
/** How often packets that wait for another worker are looked at, and how long they wait at most. */
const heldCheckMs = 20;
const heldMostMs = 1000;

export interface PacketRunnerOptions {
  readonly output: PacketOutput;
  readonly form: 'files' | 'stream';
  /** One a packet worker. */
  readonly readers: readonly RingReader[];
  readonly lot: ParkingLot;
  readonly word: number;
  readonly flushSecs: number;
  readonly counters: CounterBlock;
  readonly log: OutputContext['log'];
  readonly stopTimeoutMs: number;
  /** Where `Signal.survey` is answered. */
  readonly progress: Progress | undefined;
  onReady(): void;
}

/** The chunk at hand; one object for all. */
class ChunkView implements PacketChunk {
  type: PacketChunk['type'] = 'data';
  bytes: Buffer = Buffer.alloc(0);
  file = 0;
  packets = 0;
  lastUs = 0;
  offset = 0;
  endsBlock = false;
  nextBlock = 0;
  readonly frame = { source: 0, interfaceId: 0, linkType: 0, timeUs: 0, timeNs: 0, wire: 0, direction: 0 };

  ofFiles(data: Buffer, at: number, length: number): void {
    this.type = typeNames[data[at + ChunkLayout.type] as number] ?? 'data';
    this.file = data.readUInt32LE(at + ChunkLayout.file);
    this.packets = data.readUInt32LE(at + ChunkLayout.packets);
    this.lastUs = data.readDoubleLE(at + ChunkLayout.lastUs);
    this.offset = data.readDoubleLE(at + ChunkLayout.offset);
    this.endsBlock = ((data[at + ChunkLayout.flags] as number) & endsBlockFlag) !== 0;
    this.nextBlock = data.readUInt32LE(at + ChunkLayout.nextBlock);
    this.bytes = data.subarray(at + ChunkLayout.size, at + length);
  }

  ofStream(data: Buffer, at: number, length: number): void {
    const { frame } = this;
    this.type = 'packet';
    this.packets = 1;
    frame.source = data.readUInt16LE(at + FrameLayout.source);
    frame.interfaceId = data.readUInt16LE(at + FrameLayout.interfaceId);
    frame.linkType = data.readUInt16LE(at + FrameLayout.linkType);
    frame.timeUs = data.readDoubleLE(at + FrameLayout.timeUs);
    frame.timeNs = data.readUInt16LE(at + FrameLayout.timeNs);
    frame.wire = data.readUInt32LE(at + FrameLayout.wire);
    frame.direction = data.readUInt16LE(at + FrameLayout.direction);
    this.lastUs = frame.timeUs;
    this.bytes = data.subarray(at + FrameLayout.size, at + length);
  }
}

const typeNames: Readonly<Record<number, PacketChunk['type']>> = {
  [ChunkType.open]: 'open',
  [ChunkType.data]: 'data',
  [ChunkType.close]: 'close',
  [ChunkType.index]: 'index',
};

export class PacketOutputRunner {
  readonly #options: PacketRunnerOptions;
  readonly #chunk = new ChunkView();
  readonly #merge: PacketMerge | undefined;
  #aborted = false;
  #flushDueMs = 0;
  #unflushed = false;
  #surveyed = false;
  /** The earliest packet has waited long enough for workers that say nothing. */
  #force = false;
  #heldSinceMs: number | undefined;

  constructor(options: PacketRunnerOptions) {
    this.#options = options;
    this.#merge = options.form === 'stream' ? new PacketMerge(options.readers) : undefined;
  }

  /** Runs until every ring has been closed and drained, then flushes and stops the output. */
  async run(): Promise<void> {
    const { readers, output, stopTimeoutMs } = this.#options;
    await output.start?.();
    this.#options.onReady();
    for (;;) {
      await this.#takeSignals();
      await this.#answerSurvey();
      const progress = this.#aborted ? this.#discard() : await this.#step();
      await this.#flushWhenDue();
      if (progress) continue;
      if (allDrained(readers) && !(this.#merge?.waiting ?? false)) break;
      await this.#park();
      await this.#flushWhenDue();
    }
    if (!this.#aborted) await output.flush?.();
    await output.stop?.(stopTimeoutMs);
  }

  async #park(): Promise<void> {
    const { readers, lot, word, flushSecs } = this.#options;
    const leftMs = this.#unflushed ? Math.max(1, this.#flushDueMs - monotonicMs()) : flushSecs * 1000;
    const merge = this.#merge;
    if (merge === undefined || !merge.waiting) {
      this.#heldSinceMs = undefined;
      await parkAsync(readers, lot, word, leftMs);
      return;
    }
    // Rings whose packets wait have news already; they are looked at again soon, lest they fill up.
    const nowMs = monotonicMs();
    this.#heldSinceMs ??= nowMs;
    await parkAsync(merge.silent, lot, word, Math.min(leftMs, heldCheckMs));
    this.#force = monotonicMs() - this.#heldSinceMs > heldMostMs;
  }

  async #step(): Promise<boolean> {
    const taken = this.#merge === undefined ? await this.#eachRing() : await this.#stream(this.#merge);
    const { counters, flushSecs } = this.#options;
    counters[C.taken_chunks] = (counters[C.taken_chunks] as number) + taken;
    if (taken > 0 && !this.#unflushed) {
      this.#unflushed = true;
      this.#flushDueMs = monotonicMs() + flushSecs * 1000;
    }
    return taken > 0;
  }

  async #eachRing(): Promise<number> {
    const { readers, output } = this.#options;
    const chunk = this.#chunk;
    let taken = 0;
    for (let worker = 0; worker < readers.length; worker++) {
      const reader = readers[worker] as RingReader;
      if (reader.begin() <= 0) continue;
      for (let at = reader.next(); at >= 0; at = reader.next()) {
        chunk.ofFiles(reader.data, at, reader.length);
        const wait = output.take(worker, chunk);
        taken++;
        if (wait !== undefined) await wait;
        if (reader.heldBytes > reader.capacity >> 2) reader.release();
      }
      reader.release();
    }
    return taken;
  }

  async #stream(merge: PacketMerge): Promise<number> {
    const { readers, output } = this.#options;
    const chunk = this.#chunk;
    let taken = 0;
    for (let worker = merge.next(this.#force); worker >= 0; worker = merge.next(this.#force)) {
      chunk.ofStream((readers[worker] as RingReader).data, merge.at, merge.length);
      const wait = output.take(worker, chunk);
      taken++;
      if (wait !== undefined) await wait;
      if (taken === turnChunks) break;
    }
    merge.release();
    this.#force = false;
    if (taken > 0) this.#heldSinceMs = undefined;
    return taken;
  }

  async #flushWhenDue(): Promise<void> {
    if (!this.#unflushed || monotonicMs() < this.#flushDueMs) return;
    this.#unflushed = false;
    await this.#options.output.flush?.();
  }

  async #answerSurvey(): Promise<void> {
    if (!this.#surveyed || this.#aborted || (this.#merge?.waiting ?? false)) return;
    this.#surveyed = false;
    this.#unflushed = false;
    await this.#options.output.flush?.();
    this.#options.progress?.answer();
  }

  async #takeSignals(): Promise<void> {
    const { lot, word, log, output } = this.#options;
    const signals = lot.takeSignals(word);
    if ((signals & Signal.abort) !== 0) this.#aborted = true;
    if ((signals & Signal.survey) !== 0) this.#surveyed = true;
    if ((signals & Signal.reopen) !== 0) {
      log.info('closing and opening files again');
      await output.reopen?.();
    }
  }

  /** The run is cut short: packets that still come are counted as lost. */
  #discard(): boolean {
    let packets = 0;
    let seen = false;
    if (this.#merge !== undefined) {
      for (; this.#merge.next(true) >= 0; seen = true) packets++;
      this.#merge.release();
    } else {
      for (const reader of this.#options.readers) {
        if (reader.begin() <= 0) continue;
        seen = true;
        for (let at = reader.next(); at >= 0; at = reader.next()) packets += reader.data.readUInt32LE(at + ChunkLayout.packets);
        reader.release();
      }
    }
    const { counters } = this.#options;
    counters[C.dropped_stopped_frames] = (counters[C.dropped_stopped_frames] as number) + packets;
    return seen;
  }
}
