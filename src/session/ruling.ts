// Between the session engine and the rules: asks them at their moments and keeps what they have decided of sessions, of those
// only of which they have decided anything. One a packet worker, only where there are rules.

import type { CounterBlock } from '../counters/index.ts';
import type { PacketView } from '../packet/index.ts';
import type { SessionEnd, SessionFacts, SessionField } from '../record/index.ts';
import { PacketLayout } from '../ring/index.ts';
import type { DropTable } from './drop-table.ts';
import type { FlowTable } from './flow-table.ts';
import { Protocol } from './protocols.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionObserver } from './session-observer.ts';
import type { DropKind, NotedValue, RuledSession, SessionRules } from './session-rules.ts';
import type { SessionTable } from './session-table.ts';
import type { SessionView } from './session-view.ts';
import { Side, Slot, slotShift } from './slot-layout.ts';

const C = sessionCounters.index;
/** Rules that set what other rules wait for: so deep, and no deeper. */
const deepest = 8;
const latestSecs = 0x7fff_ffff;

/** What rules have decided of a session. */
interface Decisions {
  isHidden: boolean;
  leastPackets: number;
  isFlipped: boolean;
  closes: boolean;
  readonly done: Set<number>;
}

export class Ruling implements RuledSession {
  readonly #rules: () => SessionRules;
  readonly #table: SessionTable;
  readonly #flows: FlowTable;
  readonly #view: SessionView;
  readonly #observer: SessionObserver | undefined;
  readonly #drops: DropTable | undefined;
  readonly #counters: CounterBlock;
  readonly #decisions: Map<number, Decisions>;
  #slot: number;
  #depth: number;
  #nowSecs: number;
  /** A decoder has recognised this session during the packet at hand; -1 none. */
  #recognised: number;

  /** `rules`: those in force, which may change between packets. */
  constructor(
    rules: () => SessionRules,
    table: SessionTable,
    flows: FlowTable,
    view: SessionView,
    observer: SessionObserver | undefined,
    drops: DropTable | undefined,
    counters: CounterBlock,
  ) {
    this.#rules = rules;
    this.#table = table;
    this.#flows = flows;
    this.#view = view;
    this.#observer = observer;
    this.#drops = drops;
    this.#counters = counters;
    this.#decisions = new Map();
    this.#slot = 0;
    this.#depth = 0;
    this.#nowSecs = 0;
    this.#recognised = -1;
  }

  // What the engine asks and tells.

  /** Marks of packets in which rules are interested, whatever their sessions. */
  get packetMarks(): number {
    return this.#rules().packetMarks;
  }

  /** May `drops` say so of a packet? */
  get mayDrop(): boolean {
    return this.#drops !== undefined;
  }

  /** Has a rule dropped what this packet belongs to? Then it is counted, and nothing else happens. */
  drops(view: PacketView): boolean {
    const drops = this.#drops;
    if (drops === undefined) return false;
    this.#nowSecs = secondsOf(view.timeUs);
    if (drops.isIdle(this.#nowSecs) || !hasPorts(view.protocol) || view.ipVersion === 0) return false;
    const count = view.ipVersion === 4 ? 1 : 4;
    const { words, protocol, sourcePort, destinationPort } = view;
    const base = view.base >> 2;
    const source = keyOf(words, base + sourceWords, count, sourcePort, protocol, 0);
    const source2 = keyOf(words, base + sourceWords, count, sourcePort, protocol, 1);
    const target = keyOf(words, base + destinationWords, count, destinationPort, protocol, 0);
    const target2 = keyOf(words, base + destinationWords, count, destinationPort, protocol, 1);
    const isDropped =
      drops.has(source, source2, this.#nowSecs) ||
      drops.has(target, target2, this.#nowSecs) ||
      drops.has((source + target) | 0, (source2 + target2) | 0, this.#nowSecs);
    if (isDropped) this.#add(C.rule_passed_packets);
    return isDropped;
  }

  /** A packet of a session, counted, before its payload is handed on. `isFirst`: of its side. */
  packet(view: PacketView, slot: number, isFirst: boolean): void {
    const rules = this.#rules();
    const { marks } = view;
    this.#nowSecs = secondsOf(view.timeUs);
    this.#recognised = -1;
    this.#slot = slot;
    if (isFirst) rules.opened(this, marks);
    if ((marks & rules.packetMarks) !== 0) rules.packet(this, marks);
  }

  /** After a packet. `isFirstPayload`: of its side. True: the session ends now. */
  after(slot: number, isFirstPayload: boolean): boolean {
    this.#slot = slot;
    if (isFirstPayload || this.#recognised === slot) this.#rules().classified(this);
    this.#recognised = -1;
    return this.#decisions.get(slot)?.closes === true;
  }

  recognised(slot: number): void {
    this.#recognised = slot;
    this.noted(slot, undefined, '');
  }

  /** A field of a session, or with `undefined` the list of its protocols, has got a value that is new. */
  noted(slot: number, field: SessionField | undefined, value: NotedValue): void {
    if (this.#depth >= deepest) return;
    const before = this.#slot;
    this.#slot = slot;
    this.#depth += 1;
    this.#rules().noted(this, field, value);
    this.#depth -= 1;
    this.#slot = before;
  }

  /** Before the record of a session is written: shall it be? */
  saves(slot: number, end: SessionEnd): boolean {
    this.#slot = slot;
    this.#rules().saving(this, end);
    const decisions = this.#decisions.get(slot);
    if (decisions === undefined) return true;
    const base = slot << slotShift;
    const words = this.#table.words;
    const isWhole = end !== 'part' && ((words[base + Slot.part] as number) & 0xff_ffff) === 0;
    const packets = (words[base + Slot.side0 + Side.packets] as number) + (words[base + Slot.side1 + Side.packets] as number);
    if (decisions.isHidden || (isWhole && packets < decisions.leastPackets)) {
      this.#add(C.rule_hidden_sessions);
      return false;
    }
    return true;
  }

  /** Turns a session that rules want the other way round, before its record is written and again after. */
  turn(slot: number): void {
    if (this.#decisions.get(slot)?.isFlipped !== true) return;
    this.#table.flip(slot);
    this.#observer?.turned(slot);
  }

  isHiddenSession(slot: number): boolean {
    return this.#decisions.get(slot)?.isHidden === true;
  }

  nextPart(slot: number): void {
    this.#decisions.get(slot)?.done.clear();
  }

  forget(slot: number): void {
    this.#decisions.delete(slot);
  }

  // What rules may do.

  get facts(): SessionFacts {
    return this.#view.at(this.#slot, this.#flows.ending);
  }

  note(field: SessionField, value: string | number | boolean): void {
    if (!field.many) this.#flows.notes.remove(this.#slot, field);
    this.#flows.noteFrom(this.#slot, field, value);
  }

  remove(field: SessionField, value: string | number | boolean | undefined): void {
    this.#flows.notes.remove(this.#slot, field, value);
  }

  addProtocol(name: string): void {
    this.#flows.addProtocol(this.#slot, name);
  }

  removeProtocol(name: string): void {
    this.#flows.removeProtocol(this.#slot, name);
  }

  get isHidden(): boolean {
    return this.isHiddenSession(this.#slot);
  }

  set isHidden(value: boolean) {
    this.#decided().isHidden = value;
  }

  get leastPackets(): number {
    return this.#decisions.get(this.#slot)?.leastPackets ?? 0;
  }

  set leastPackets(value: number) {
    this.#decided().leastPackets = value;
  }

  get mostPackets(): number {
    return this.#observer?.keeps(this.#slot) ?? Number.POSITIVE_INFINITY;
  }

  set mostPackets(value: number) {
    this.#observer?.keep(this.#slot, value);
  }

  get isFlipped(): boolean {
    return this.#decisions.get(this.#slot)?.isFlipped === true;
  }

  set isFlipped(value: boolean) {
    this.#decided().isFlipped = value;
  }

  drop(kind: DropKind, minutes: number): void {
    const { words } = this.#table;
    const base = this.#slot << slotShift;
    const head = words[base + Slot.protocol] as number;
    const version = (head >>> 8) & 0xff;
    const protocol = (head >>> 16) & 0xff;
    if (this.#drops === undefined || version === 0 || !hasPorts(protocol)) return;
    const count = version === 4 ? 1 : 4;
    const ports = words[base + Slot.ports] as number;
    const untilSecs = Math.min(this.#nowSecs + minutes * 60, latestSecs);
    let first = 0;
    let second = 0;
    if (kind !== 'destination') {
      first = keyOf(words, base + Slot.addressA, count, ports & 0xffff, protocol, 0);
      second = keyOf(words, base + Slot.addressA, count, ports & 0xffff, protocol, 1);
    }
    if (kind !== 'source') {
      first = (first + keyOf(words, base + Slot.addressB, count, ports >>> 16, protocol, 0)) | 0;
      second = (second + keyOf(words, base + Slot.addressB, count, ports >>> 16, protocol, 1)) | 0;
    }
    this.#drops.add(first, second, this.#nowSecs, untilSecs);
  }

  close(): void {
    this.#decided().closes = true;
  }

  once(number: number): boolean {
    const { done } = this.#decided();
    if (done.has(number)) return false;
    done.add(number);
    return true;
  }

  count(): void {
    this.#add(C.rule_matches);
  }

  #decided(): Decisions {
    let decisions = this.#decisions.get(this.#slot);
    if (decisions === undefined) {
      decisions = { isHidden: false, leastPackets: 0, isFlipped: false, closes: false, done: new Set() };
      this.#decisions.set(this.#slot, decisions);
    }
    return decisions;
  }

  #add(index: number): void {
    this.#counters[index] = (this.#counters[index] as number) + 1;
  }
}

const sourceWords = PacketLayout.sourceAddress >> 2;
const destinationWords = PacketLayout.destinationAddress >> 2;

function hasPorts(protocol: number): boolean {
  return protocol === Protocol.tcp || protocol === Protocol.udp || protocol === Protocol.sctp;
}

function secondsOf(timeUs: number): number {
  return Math.min(Math.max(0, Math.floor(timeUs / 1_000_000)), latestSecs);
}

/** One of two hashes (`seed` 0 and 1) of an address, whose words begin at `at`, with a port and a protocol. */
function keyOf(words: Int32Array, at: number, count: number, port: number, protocol: number, seed: number): number {
  let hash = mixed((port | (protocol << 16)) ^ (seed << 28));
  for (let word = 0; word < count; word += 1) hash = mixed(Math.imul(hash, 0x9e37_79b1) ^ (words[at + word] as number));
  return hash;
}

/** The finalizer of MurmurHash3. */
function mixed(value: number): number {
  let hash = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2_ae35);
  return hash ^ (hash >>> 16);
}
