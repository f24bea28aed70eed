// The first bytes of TCP directions whose protocol is not yet decided: in order from the direction's start, at most
// `probeLimitBytes` of them. The addon keeps them, and knows of many that nobody can want or that all who might want more of
// (crates/capture/src/recognition); decoders are asked about the others here. One a packet worker.

import { loadAddon, type Recognition as NativeRecognition, type WaitingData } from '../capture/index.ts';
import type { CounterBlock } from '../counters/index.ts';
import { type Direction, type NameMatcher, probeLimitBytes, type Recognizer, transportIndex } from '../decoders/index.ts';
import { FirstBytesDeskLayout as Desk } from '../ring/index.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionTable } from './session-table.ts';
import { slotWordMemory } from './slot-memory.ts';

const C = sessionCounters.index;

/** Memory for the bytes of all directions, and how much that came too early waits for what is missing, and how long. */
export type FirstBytesConfig = Pick<
  SessionConfig,
  'probe_total_bytes' | 'tcp_queue_segments' | 'tcp_hole_wait_ms' | 'tcp_acked_hole_wait_ms'
>;

export class FirstBytes {
  /** What `open` or `add` has opened: the kept bytes are `bytes[from, to)`, until the next call of any method. */
  readonly bytes: Buffer;
  readonly from: number;
  to: number;
  /** When the first of them came. */
  timeUs: number;
  readonly #native: NativeRecognition;
  readonly #look: () => void;
  readonly #add: () => void;
  /** By slot * 2 + direction: 0 nothing kept. */
  readonly #places: Int32Array;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  /**
   * `counters`: of the set `sessionCounters`.
   */
  constructor(
    table: SessionTable,
    recognizer: Recognizer,
    names: NameMatcher | undefined,
    config: FirstBytesConfig,
    counters: CounterBlock,
  ) {
    const desk = new ArrayBuffer(Desk.size + probeLimitBytes);
    this.bytes = Buffer.from(desk);
    this.from = Desk.size;
    this.to = Desk.size;
    this.timeUs = 0;
    this.#places = slotWordMemory(table.capacity * 2);
    this.#words = new Int32Array(desk);
    this.#numbers = new Float64Array(desk);
    const { Recognition } = loadAddon();
    this.#native = new Recognition(table.native, this.bytes, bytesOf(this.#places), bytesOf(counters), {
      screen: [transportIndex.tcp, transportIndex.udp, transportIndex.sctp].map((transport) => ({
        names: names?.conditions(transport) ?? [],
        decoders: recognizer.conditions(transport),
      })),
      limitBytes: config.probe_total_bytes,
      held: C.probing_bytes,
      refused: C.refused_probings,
      queueSegments: config.tcp_queue_segments,
      holeWaitMs: config.tcp_hole_wait_ms,
      ackedHoleWaitMs: config.tcp_acked_hole_wait_ms,
      queued: C.tcp_queued_segments,
    });
    this.#look = this.#native.looker();
    this.#add = this.#native.adder();
  }

  /** True when bytes of the direction are kept. */
  has(slot: number, direction: Direction): boolean {
    return this.#places[slot * 2 + direction] !== 0;
  }

  /** Bytes kept of a direction. */
  length(slot: number, direction: Direction): number {
    if (!this.has(slot, direction)) return 0;
    this.open(slot, direction);
    return this.to - this.from;
  }

  /** Sequence number after the bytes kept of a direction; only when there are any. */
  after(slot: number, direction: Direction): number {
    this.open(slot, direction);
    return this.#words[Desk.after >> 2] as number;
  }

  /**
   * Adds the next bytes of a direction, as many as make `probeLimitBytes` with those before, and opens all that are kept then.
   * @param after sequence number after them
   * @returns bytes that were kept before; -1 when there is no memory: nothing is kept then, and the caller gives the direction up
   */
  add(slot: number, direction: Direction, bytes: Buffer, from: number, length: number, after: number, timeUs: number): number {
    const words = this.#words;
    const most = Math.min(length, probeLimitBytes);
    bytes.copy(this.bytes, this.from, from, from + most);
    words[Desk.direction >> 2] = slot * 2 + direction;
    words[Desk.length >> 2] = most;
    words[Desk.after >> 2] = after;
    this.#numbers[Desk.timeUs >> 3] = timeUs;
    this.#add();
    this.#opened();
    return this.to === this.from ? -1 : (words[Desk.before >> 2] as number);
  }

  /** Takes back all but the first `length` bytes; `after` is the sequence number after them. */
  cut(slot: number, direction: Direction, length: number, after: number): void {
    this.#native.cut(slot * 2 + direction, length, after);
  }

  /** Sets `bytes`, `to` and `timeUs` to what is kept of a direction; only when there is something. */
  open(slot: number, direction: Direction): void {
    this.#words[Desk.direction >> 2] = slot * 2 + direction;
    this.#look();
    this.#opened();
  }

  #opened(): void {
    this.to = this.from + (this.#words[Desk.length >> 2] as number);
    this.timeUs = this.#numbers[Desk.timeUs >> 3] as number;
  }

  /** Takes out the data of a session that came before others of their side and wait for them in the addon. */
  takeWaiting(slot: number): WaitingData | null {
    return this.#native.takeWaiting(slot);
  }

  drop(slot: number, direction: Direction): void {
    if (this.has(slot, direction)) this.#native.drop(slot * 2 + direction);
  }

  /** The data of a side belong to no decoder; when those of both do, nobody wants them. */
  giveUp(slot: number, direction: Direction): void {
    this.#native.giveUp(slot * 2 + direction);
  }
}

function bytesOf(words: Int32Array | Float64Array): Uint8Array {
  return new Uint8Array(words.buffer, words.byteOffset, words.byteLength);
}
