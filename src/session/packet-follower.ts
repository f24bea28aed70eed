// Hands the records of a ring to the addon, which follows packets in the session table itself and leaves a list of what it cannot
// do (crates/capture/src/follow says what, tools/layout.ts how the list lies). One a session engine.

import { loadAddon, type SessionFollower } from '../capture/index.ts';
import { type Recognizer, transportIndex } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import { FollowDeskLayout as Desk, FollowEntryLayout as Entry } from '../ring/index.ts';
import { partOptions } from './part-times.ts';
import { idleTable } from './protocols.ts';
import type { SessionConfig } from './session-config.ts';
import type { SessionTable } from './session-table.ts';

/** Packets of a walk at most: enough to look ahead, few enough to stay in the nearest cache until their entries are handled. */
export const walkPackets = 64;
/** What `take` says of a packet that it has followed, less `slot * 2 + direction` of its session. */
export const followed = -2;

const entryWords = Entry.size >> 2;
const firstEntry = Desk.size >> 2;

export interface FollowerNeeds {
  /** Somebody asks for the first payload of each side. */
  readonly asksFirst: boolean;
  /** Somebody is told of every packet. */
  readonly observed: boolean;
  /** Rules are asked of every packet. */
  readonly ruled: boolean;
  /** Some decoder is for the payload of sessions of this IP protocol. */
  wants(protocol: number): boolean;
}

export class PacketFollower {
  readonly #native: SessionFollower;
  readonly #table: SessionTable;
  readonly #walk: () => void;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;

  constructor(table: SessionTable, config: SessionConfig, recognizer: Recognizer, needs: FollowerNeeds) {
    const desk = new ArrayBuffer(Desk.size + walkPackets * Entry.size);
    this.#table = table;
    this.#words = new Int32Array(desk);
    this.#numbers = new Float64Array(desk);
    const { asksFirst, observed, ruled } = needs;
    const late = config.identity === 'arkime';
    const opens = !late && !observed && !ruled;
    const { SessionFollower: Follower } = loadAddon();
    this.#native = new Follower(table.native, new Uint8Array(desk), {
      trackVlan: table.trackVlan,
      trackVni: table.trackVni,
      late,
      asksFirst,
      observed,
      opens,
      tellsOpened: config.tags.length > 0,
      ...partOptions(config, recognizer),
      idleMs: [...idleTable(config)],
      openingIdleMs: config.idle_tcp_opening_secs * 1000,
      lingerMs: config.close_linger_secs * 1000,
      midstream: config.tcp_midstream,
      wanted: Array.from({ length: 256 }, (_, protocol) => protocol > 0 && needs.wants(protocol)),
      wantedEtherTypes: recognizer.numbers(transportIndex.ethernet),
      probeDatagrams: config.probe_datagrams,
    });
    this.#walk = this.#native.walker();
  }

  /**
   * Walks over the records `[from, to)` of a view's ring (positions). Stops at a record that is no packet, at one that reaches
   * `wakeUs`, behind an entry of the same flow, and after `walkPackets`. What it says is good until the next call.
   * @param clockUs the source's clock; `source`: its index
   * @param marks packets with one of these are never plain
   */
  walk(view: PacketView, source: number, from: number, to: number, clockUs: number, wakeUs: number, marks: number): void {
    const words = this.#words;
    this.#numbers[Desk.clockUs >> 3] = clockUs;
    this.#numbers[Desk.wakeUs >> 3] = wakeUs;
    words[Desk.position >> 2] = from;
    words[Desk.end >> 2] = to;
    words[Desk.marks >> 2] = marks;
    words[Desk.ring >> 2] = this.#table.ringOf(view);
    words[Desk.source >> 2] = source;
    this.#walk();
  }

  /** Of the last walk: the position behind it, as `RingReader.position`. */
  get position(): number {
    return this.#words[Desk.position >> 2] as number;
  }
  /** The source's clock there. */
  get clockUs(): number {
    return this.#numbers[Desk.clockUs >> 3] as number;
  }
  /** Packets passed. */
  get packets(): number {
    return this.#words[Desk.packets >> 2] as number;
  }
  get entries(): number {
    return this.#words[Desk.entries >> 2] as number;
  }

  /** Of an entry: offset of its record in the data area. */
  record(entry: number): number {
    return this.#words[firstEntry + entry * entryWords + (Entry.record >> 2)] as number;
  }
  /** Slot * 2 + direction, or -1. */
  found(entry: number): number {
    return this.#words[firstEntry + entry * entryWords + (Entry.found >> 2)] as number;
  }
  /** Packets of the walk before it. */
  before(entry: number): number {
    return this.#words[firstEntry + entry * entryWords + (Entry.before >> 2)] as number;
  }
  /** `FollowWhat`. */
  what(entry: number): number {
    return this.#words[firstEntry + entry * entryWords + (Entry.what >> 2)] as number;
  }
  /** The source's clock with it. */
  entryClockUs(entry: number): number {
    return this.#numbers[((firstEntry + entry * entryWords) >> 1) + (Entry.clockUs >> 3)] as number;
  }

  /** One packet: `slot * 2 + direction` of its session, -1 when there is none; `followed` less that when only who observes is to be told. */
  take(view: PacketView, clockUs: number, marks: number): number {
    this.#numbers[Desk.clockUs >> 3] = clockUs;
    this.#words[Desk.marks >> 2] = marks;
    return this.#native.take(this.#table.ringOf(view), view.base);
  }

  /** As `take`, and follows nothing. */
  find(view: PacketView): number {
    return this.#native.find(this.#table.ringOf(view), view.base);
  }

  /** Opens the session of a packet, which is not counted yet, and puts it into the wheel. The table must not be full. */
  open(view: PacketView, direction: 0 | 1, clockUs: number, source: number): number {
    return this.#native.open(this.#table.ringOf(view), view.base, direction, clockUs, source);
  }

  /**
   * Counts a packet of a session: packets, bytes, times, what only the first packets of a side tell, the payload of what is no TCP
   * segment.
   */
  count(view: PacketView, slot: number, direction: 0 | 1, clockUs: number): void {
    this.#native.count(this.#table.ringOf(view), view.base, slot * 2 + direction, clockUs);
  }

  /** From here on the session only waits for late packets. */
  linger(slot: number): void {
    this.#native.linger(slot);
  }
}
