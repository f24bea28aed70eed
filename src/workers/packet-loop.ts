// The loop of a packet worker: takes packets from the rings of all sources, gives them to the session engine, and ends
// each batch by handing ring space back and publishing records. On a thread of its own it is synchronous and sleeps only when
// every ring is empty; on the main thread (main-packets.ts) others have their turn after each batch.
//
// Accounting. `processed_packets` is stored after each packet and is the one word that says what has been handled: a
// successor of a dead worker starts at the shared head, skips what that word covers, counts the one packet that was
// in the dead worker's hands, and goes on.

import { type CounterBlock, defineCounters } from '../counters/index.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import type { PacketView } from '../packet/index.ts';
import type { OutputRoom } from '../pipeline/index.ts';
import { allDrained, ClockLayout, type ParkingLot, park, parkAsync, RecordKind, type RingReader } from '../ring/index.ts';
import type { PacketsDone } from '../session/index.ts';
import { Signal } from './protocol.ts';

export const packetInputCounters = defineCounters('worker', {
  processed_packets: { help: 'Packets that the session engine has handled.', account: 'processed' },
  dropped_died_packets: {
    help: 'Packets that a worker had in hand when it died.',
    dropped: { stage: 'worker', reason: 'died' },
  },
  dropped_stopped_packets: {
    help: 'Packets still in a ring when the time to stop was over.',
    dropped: { stage: 'worker', reason: 'stopped' },
  },
});
const C = packetInputCounters.index;

/** What the loop feeds; `SessionEngine` fits. */
export interface PacketSink {
  /** Takes packets of a ring from position `from` on, as many as it can take at once, and returns the position behind them. */
  take(view: PacketView, sourceIndex: number, from: number, to: number, done: PacketsDone): number;
  /** Takes the one at which `take` stopped. */
  packet(view: PacketView, sourceIndex: number): void;
  /** +Infinity: the source has ended. */
  advance(clockUs: number, sourceIndex: number): void;
  /** False: outputs have enough to take, and it is to be called again when they have. */
  finish(): boolean;
}

/** What ends a batch; the router fits. */
export interface BatchEnd {
  /** `urgent`: whoever waits for records is woken also for a few. */
  publish(urgent: boolean): void;
  close(): void;
}

/** What signals ask for, done between batches. */
export interface BetweenBatches {
  /** Other rules have come. */
  renew?(): void;
  /** `Signal.survey`: everything that was taken is handled and published. */
  survey?(): void;
}

export interface LoopInput {
  readonly reader: RingReader;
  readonly view: PacketView;
  readonly sourceIndex: number;
  readonly counters: CounterBlock;
  /** The source has closed the ring and everything in it has been handled. */
  ended: boolean;
}

/** Records handled from one ring before the others get their turn and its space is given back. */
const batchRecords = 2048;
/** As many while outputs wait for the end of a batch: each write of theirs takes several turns, and they would fall behind. */
const sharedBatchRecords = 512;
const parkMs = 1000;
/** A loop that never sleeps lets outputs wait so long for a few records. */
const urgentMs = 20;

/** Stores after each packet how many of an input are handled. */
class Progress implements PacketsDone {
  /** Since `begin`. */
  packets = 0;
  #counters: CounterBlock | undefined;

  begin(input: LoopInput): void {
    this.packets = 0;
    this.#counters = input.counters;
  }

  upTo(packets: number): void {
    this.packets += packets;
    const counters = this.#counters as CounterBlock;
    counters[C.processed_packets] = (counters[C.processed_packets] as number) + packets;
  }
}

/** Settles when whoever waits on this thread's event loop has had a turn. */
const othersTurn = (): Promise<void> => new Promise((resolve) => setImmediate(resolve));

export class PacketLoop {
  readonly #inputs: readonly LoopInput[];
  readonly #readers: readonly RingReader[];
  readonly #sink: PacketSink;
  readonly #end: BatchEnd;
  readonly #lot: ParkingLot;
  readonly #word: number;
  readonly #between: BetweenBatches;
  readonly #progress = new Progress();
  #surveyed = false;
  #killed = false;
  #urgentAtMs = 0;
  /** Somebody may sleep who has something to read. */
  #isQuiet = false;
  /** Set by the abort signal; a blocked output looks at it too. */
  aborted = false;
  /** Other rules have come; they are taken between batches. */
  newRules = false;

  constructor(
    inputs: readonly LoopInput[],
    sink: PacketSink,
    end: BatchEnd,
    lot: ParkingLot,
    word: number,
    between: BetweenBatches = {},
  ) {
    this.#between = between;
    this.#inputs = inputs;
    this.#readers = inputs.map((input) => input.reader);
    this.#sink = sink;
    this.#end = end;
    this.#lot = lot;
    this.#word = word;
  }

  /** Takes the place of a dead worker: skips what it had handled and counts what it had in hand. */
  resume(): void {
    for (const { reader, counters, view } of this.#inputs) {
      const processed = counters[C.processed_packets] as number;
      const died = counters[C.dropped_died_packets] as number;
      const stopped = counters[C.dropped_stopped_packets] as number;
      const covered = (processed + died + stopped) >>> 0;
      if (reader.begin() <= 0) continue;
      for (let at = reader.next(); at >= 0; at = reader.next()) {
        if (reader.kind !== RecordKind.packet || ((view.at(at).sequence - covered) | 0) <= 0) continue;
        counters[C.dropped_died_packets] = died + 1;
        break;
      }
      reader.release();
    }
  }

  /** Runs until every source has closed its ring and all packets are handled. Blocks the thread. */
  run(): void {
    for (;;) {
      const handled = this.#batch(batchRecords);
      this.#hearSignals();
      if (handled > 0) continue;
      if (allDrained(this.#readers)) break;
      park(this.#readers, this.#lot, this.#word, parkMs);
    }
    // Outputs of other threads are waited for in there.
    while (!this.#sink.finish()) this.#end.publish(true);
    this.#close();
  }

  /** As `run`, with the event loop running between batches, on which the outputs are that take the records. */
  async runBetween(room: OutputRoom): Promise<void> {
    for (;;) {
      if (room.isCrowded) await this.#makeRoom(room);
      else {
        const handled = this.#batch(room.isBeingTaken ? sharedBatchRecords : batchRecords);
        this.#hearSignals();
        if (handled > 0) await othersTurn();
        else if (allDrained(this.#readers)) break;
        else await parkAsync(this.#readers, this.#lot, this.#word, parkMs);
      }
      this.#lookAround(room);
    }
    while (!this.#sink.finish()) {
      await this.#makeRoom(room);
      this.#lookAround(room);
    }
    this.#close();
  }

  /** For a loop on a thread that goes on without it: `runBetween` rejects at its next turn. */
  kill(): void {
    this.#killed = true;
    // Means nothing to packet workers but that they are to look around.
    this.#lot.signal(this.#word, Signal.stop);
  }

  #lookAround(room: OutputRoom): void {
    if (this.#killed) throw new Error('the packet worker was ended');
    if (this.aborted) room.confine();
  }

  async #makeRoom(room: OutputRoom): Promise<void> {
    await room.make();
    this.#hearSignals();
  }

  /** Takes `most` records or a little more from each ring, and shows outputs what came of them. Returns how many were handled. */
  #batch(most: number): number {
    let handled = 0;
    for (let index = 0; index < this.#inputs.length; index++) {
      const input = this.#inputs[index] as LoopInput;
      handled += this.aborted ? this.#discard(input) : this.#handle(input, most);
    }
    if (handled > 0 || this.#isQuiet) {
      const nowMs = monotonicMs();
      // With nothing to do it is the moment to wake others.
      const urgent = handled === 0 || nowMs >= this.#urgentAtMs;
      if (urgent) this.#urgentAtMs = nowMs + urgentMs;
      this.#isQuiet = !urgent;
      this.#end.publish(urgent);
    }
    return handled;
  }

  #hearSignals(): void {
    this.takeSignals();
    if (this.newRules) {
      this.newRules = false;
      this.#between.renew?.();
    }
    if (this.#surveyed) {
      this.#surveyed = false;
      this.#between.survey?.();
    }
  }

  #close(): void {
    this.#end.publish(true);
    this.#end.close();
  }

  /** Also called while blocked on an output, so that an abort gets through. */
  takeSignals(): void {
    const signals = this.#lot.takeSignals(this.#word);
    if ((signals & Signal.abort) !== 0) this.aborted = true;
    if ((signals & Signal.rules) !== 0) this.newRules = true;
    if ((signals & Signal.survey) !== 0) this.#surveyed = true;
  }

  #handle(input: LoopInput, most: number): number {
    const { reader, sourceIndex } = input;
    if (reader.begin() <= 0) {
      if (!input.ended && reader.isDrained()) {
        input.ended = true;
        this.#sink.advance(Number.POSITIVE_INFINITY, sourceIndex);
      }
      return 0;
    }
    let records = 0;
    // Space is given back before the ring is half in hand: the source fills one part while the other is handled.
    const batchBytes = reader.capacity >> 2;
    while (records < most && reader.heldBytes < batchBytes) {
      const few = this.#handleFew(input);
      if (few === 0) break;
      records += few;
    }
    reader.release();
    return records;
  }

  /** Hands the sink what it takes at once, and then the record at which it stopped. Returns how many records that were, about. */
  #handleFew(input: LoopInput): number {
    const { reader, view, sourceIndex } = input;
    const sink = this.#sink;
    const progress = this.#progress;
    progress.begin(input);
    reader.passed(sink.take(view, sourceIndex, reader.position, reader.end, progress));
    if (progress.packets > 0) return progress.packets;
    const at = reader.next();
    if (at < 0) return 0;
    if (reader.kind === RecordKind.packet) {
      sink.packet(view.at(at), sourceIndex);
      progress.upTo(1);
    } else if (reader.kind === RecordKind.clock) {
      sink.advance(reader.data.readDoubleLE(at + ClockLayout.timeUs), sourceIndex);
    }
    return 1;
  }

  #discard({ reader, counters }: LoopInput): number {
    if (reader.begin() <= 0) return 0;
    let records = 0;
    let packets = 0;
    while (reader.next() >= 0) {
      records++;
      if (reader.kind === RecordKind.packet) packets++;
    }
    counters[C.dropped_stopped_packets] = (counters[C.dropped_stopped_packets] as number) + packets;
    reader.release();
    return records;
  }
}
