// The heart of a packet worker: takes packet records, keeps the session table, follows TCP, feeds decoders and tells the
// sink what came of it. One object a worker; everything happens during `packet`, `advance` and `finish`.
//
// Time is that of the sources. Each source has a clock, carried by its packets and clock records; a session counts its
// idle time on the clock of the source of its last packet, and the timer wheel runs on the slowest clock of the sources
// that have not ended. So with one source everything is exact, and with several no source's sessions end early because
// another is ahead. A session has ended when a clock is past `last packet's clock + idle time`; that is also asked when
// a packet finds its session, so what comes out does not depend on how the packets were dealt to workers.

import type { CounterBlock } from '../counters/index.ts';
import type { Direction, NameMatcher, Recognizer } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import type { SessionEnd, TunnelFacts } from '../record/index.ts';
import { FollowWhat, OddSegment } from '../ring/index.ts';
import type { DropTable } from './drop-table.ts';
import { FirstBytes } from './first-bytes.ts';
import { FlowTable } from './flow-table.ts';
import { LoneSegments } from './lone-segments.ts';
import { SessionNotes } from './notes.ts';
import { oldestPartUs } from './oldest-part.ts';
import { followed, PacketFollower, walkPackets } from './packet-follower.ts';
import { milliseconds, PartTimes, partOptions } from './part-times.ts';
import { PayloadPath } from './payload-path.ts';
import { ProtocolLists } from './protocol-lists.ts';
import { Protocol } from './protocols.ts';
import { Ruling } from './ruling.ts';
import { QueueBudget } from './segment-queue.ts';
import { crowded, SessionCloser } from './session-closer.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionObserver } from './session-observer.ts';
import type { SessionRules } from './session-rules.ts';
import type { SessionSink } from './session-sink.ts';
import { SessionTable } from './session-table.ts';
import { SessionView } from './session-view.ts';
import { Side, Slot, State, slotShift } from './slot-layout.ts';
import { SourceClocks } from './source-clocks.ts';
import { StreamAssembler } from './stream-assembler.ts';
import { TcpFlag, TcpTracker } from './tcp-tracker.ts';
import { tunnelFacts } from './tunnel-facts.ts';

const C = sessionCounters.index;
/** Protocol TCP and flag SYN where they stand in `PacketView.headWord`. */
const tcpHead = Protocol.tcp << 16;
const synHead = TcpFlag.syn << 24;

export interface SessionEngineOptions {
  readonly config: SessionConfig;
  /** A block of `sessionCounters`. */
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  readonly sink: SessionSink;
  /** Sources that feed this worker; default 1. */
  readonly sourceCount?: number;
  /** Names protocols that no decoder is for. */
  readonly names?: NameMatcher;
  /** Collects what Arkime's document wants, when somebody does. */
  readonly observer?: SessionObserver;
  /** Decoders note what only Arkime's document has; default: when there is an observer. */
  readonly details?: boolean;
  /** Rules: those in force at the moment, and where what they drop is kept. */
  readonly rules?: { readonly current: () => SessionRules; readonly drops: DropTable | undefined };
  /** Packet workers that share `max_sessions`; default 1. */
  readonly workerCount?: number;
}

/** Hears how far a stretch of packets is handled. */
export interface PacketsDone {
  /** So many packets more. */
  upTo(packets: number): void;
}

export class SessionEngine {
  readonly #config: SessionConfig;
  readonly #counters: CounterBlock;
  readonly #sink: SessionSink;
  readonly #observer: SessionObserver | undefined;
  readonly #names: NameMatcher | undefined;
  readonly #lone: LoneSegments | undefined;
  readonly #ruling: Ruling | undefined;
  /** Somebody asks for the first payload of each side. */
  readonly #asksFirst: boolean;
  readonly #table: SessionTable;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #tcp: TcpTracker;
  readonly #view: SessionView;
  readonly #flows: FlowTable;
  readonly #assembler: StreamAssembler;
  readonly #payload: PayloadPath;
  readonly #tunnels: Map<number, readonly TunnelFacts[]>;
  readonly #clocks: SourceClocks;
  /** Sessions end, and are saved in parts, after the packet that moves the clock: see `#packetFirst`. */
  readonly #late: boolean;
  /** A clock that moves, but not so far, needs no attention. */
  #wakeUs: number;
  #started: boolean;
  /** Where `finish` goes on. */
  #finishFrom: number;
  #eventUs: number;
  readonly #parts: PartTimes;
  readonly #follower: PacketFollower;
  readonly #closer: SessionCloser | undefined;

  constructor(options: SessionEngineOptions) {
    const { config, counters, recognizer } = options;
    this.#config = config;
    this.#counters = counters;
    this.#sink = options.sink;
    this.#observer = options.observer;
    this.#names = options.names;
    const capacity = Math.max(16, Math.ceil(config.max_sessions / (options.workerCount ?? 1)));
    // The capture side has put what tells networks apart into one word then.
    const late = config.identity === 'arkime';
    this.#late = late;
    this.#lone = late && !config.tcp_midstream ? new LoneSegments(config.probe_total_bytes) : undefined;
    this.#table = new SessionTable(capacity, !late && config.track_vlan, late || config.track_vni, counters);
    this.#words = this.#table.words;
    this.#numbers = this.#table.numbers;
    this.#tcp = new TcpTracker(this.#table);
    this.#tunnels = new Map();
    const notes = new SessionNotes(capacity, config, counters);
    const protocols = new ProtocolLists(recognizer.decoders.map(({ definition }) => definition.name));
    this.#view = new SessionView(
      this.#table,
      this.#tcp,
      this.#tunnels,
      config.community_id_seed,
      notes,
      protocols,
      options.observer,
    );
    this.#flows = new FlowTable(
      config,
      counters,
      recognizer,
      options.sink,
      this.#table,
      this.#tcp,
      new FirstBytes(this.#table, recognizer, options.names, config, counters),
      this.#view,
      notes,
      protocols,
      options.details ?? this.#observer !== undefined,
    );
    this.#observer?.connect(this.#flows);
    this.#assembler = new StreamAssembler(config, counters, new QueueBudget(config.tcp_queue_total_bytes, counters));
    const { rules } = options;
    this.#ruling =
      rules === undefined
        ? undefined
        : new Ruling(rules.current, this.#table, this.#flows, this.#view, this.#observer, rules.drops, counters);
    this.#flows.ruling = this.#ruling;
    this.#asksFirst = this.#names !== undefined || this.#ruling !== undefined;
    this.#payload = new PayloadPath(config, this.#table, this.#tcp, this.#flows, this.#assembler);
    this.#clocks = new SourceClocks(options.sourceCount ?? 1);
    this.#wakeUs = Number.NEGATIVE_INFINITY;
    this.#started = false;
    this.#finishFrom = 0;
    this.#eventUs = 0;
    this.#parts = new PartTimes(partOptions(config, recognizer), this.#words);
    this.#follower = new PacketFollower(this.#table, config, recognizer, {
      asksFirst: this.#asksFirst,
      observed: this.#observer !== undefined,
      ruled: this.#ruling !== undefined,
      wants: (protocol) => this.#flows.wants(protocol),
    });
    const isPlain = this.#observer === undefined && this.#ruling === undefined && this.#lone === undefined;
    const { run } = options.sink;
    this.#closer =
      isPlain && run !== undefined ? new SessionCloser(this.#table, this.#view.scribe.records, run, protocols, notes) : undefined;
  }

  /** Sessions in the table. */
  get size(): number {
    return this.#table.size;
  }

  /**
   * Logical time of what is being handled, during a call of the sink: the packet's clock, or the end of an idle time. It
   * is the same in every run over the same capture, but for evictions.
   */
  get eventUs(): number {
    return this.#eventUs;
  }

  /** No later call of the sink will have a smaller `eventUs`. */
  get watermarkUs(): number {
    return Math.min(this.#table.pastUs, this.#clocks.slowest());
  }

  /**
   * Takes packets of a ring, as many as need no look at the time: until a record that is none, or one that moves a clock so far that
   * sessions end. `packet` and `advance` are for those.
   * @param view any of the ring's
   * @param from position in the ring, as `RingReader.position`; `to`: where the published records end
   * @param done told of how many packets are handled, before each that takes longer
   * @returns the position behind what was taken
   */
  take(view: PacketView, sourceIndex: number, from: number, to: number, done: PacketsDone): number {
    const table = this.#table;
    // Where sessions have to make room, or packets be dropped, each packet has to see what those before it did.
    if (table.size + walkPackets > table.capacity || this.#ruling?.mayDrop === true) return from;
    const follower = this.#follower;
    const clocks = this.#clocks.us;
    const { losses } = table;
    follower.walk(view, sourceIndex, from, to, clocks[sourceIndex] as number, this.#wakeUs, this.#ruling?.packetMarks ?? 0);
    const { entries, packets, position, clockUs } = follower;
    let handled = 0;
    for (let entry = 0; entry < entries; entry += 1) {
      const before = follower.before(entry);
      const entryClockUs = follower.entryClockUs(entry);
      const what = follower.what(entry);
      let found = follower.found(entry);
      done.upTo(before - handled);
      this.#count(before - handled);
      handled = before;
      view.at(follower.record(entry));
      clocks[sourceIndex] = entryClockUs;
      if (what === FollowWhat.followed) this.#observe(view, found);
      else if (what >= FollowWhat.counted) this.#hand(view, found, what, entryClockUs);
      else {
        // Found during the walk: an entry before this one may have ended the session, or turned it.
        if (what === FollowWhat.again && table.losses !== losses) found = follower.find(view);
        this.#examine(view, sourceIndex, found, entryClockUs);
      }
    }
    done.upTo(packets - handled);
    this.#count(packets - handled);
    clocks[sourceIndex] = clockUs;
    return position;
  }

  /**
   * Takes one packet.
   * @param view at a packet record; valid during the call
   * @param sourceIndex the source it comes from, below `sourceCount`
   */
  packet(view: PacketView, sourceIndex = 0): void {
    if (this.#late) {
      this.#packetFirst(view, sourceIndex);
      return;
    }
    const clocks = this.#clocks.us;
    const before = clocks[sourceIndex] as number;
    const toldUs = view.clockUs;
    if (toldUs > before) {
      clocks[sourceIndex] = toldUs;
      if (toldUs >= this.#wakeUs) this.#moved(sourceIndex, before);
    }
    this.#one(view, sourceIndex, Math.max(toldUs, before));
  }

  /**
   * A packet where sessions are dealt with as Arkime does: it finds its session by the clock of the packet before, in whole
   * seconds; what is over by its own clock ends after it.
   */
  #packetFirst(view: PacketView, sourceIndex: number): void {
    const clocks = this.#clocks.us;
    const before = clocks[sourceIndex] as number;
    const toldUs = Math.floor(view.clockUs / 1_000_000) * 1_000_000;
    const clockUs = Math.max(toldUs, before);
    clocks[sourceIndex] = clockUs;
    const isFirst = before === Number.NEGATIVE_INFINITY;
    if (isFirst) this.#moved(sourceIndex, before);
    this.#one(view, sourceIndex, clockUs);
    if (!isFirst && clockUs >= this.#wakeUs) this.#moved(sourceIndex, before);
  }

  #one(view: PacketView, sourceIndex: number, clockUs: number): void {
    this.#count(1);
    if (this.#ruling?.drops(view)) return;
    const taken = this.#follower.take(view, clockUs, this.#ruling?.packetMarks ?? 0);
    if (taken > followed) this.#examine(view, sourceIndex, taken, clockUs);
    else this.#observe(view, followed - taken);
  }

  #count(packets: number): void {
    this.#counters[C.packets] = (this.#counters[C.packets] as number) + packets;
  }

  /** A packet that was followed. */
  #observe(view: PacketView, found: number): void {
    this.#observer?.counted(view, found >> 1, (found & 1) as Direction);
    this.#observer?.packet(view, found >> 1, (found & 1) as Direction);
  }

  /** A packet that is counted already: its payload is handed on. `what`: of `FollowWhat`. */
  #hand(view: PacketView, found: number, what: number, clockUs: number): void {
    const slot = found >> 1;
    const direction = (found & 1) as Direction;
    const base = slot << slotShift;
    this.#eventUs = clockUs;
    if (what >= OddSegment.outOfWindow) {
      this.#payload.odd(view, slot, what);
      return;
    }
    if ((what & FollowWhat.opened) !== 0) this.#opened(view, slot);
    if ((what & FollowWhat.first) !== 0 && this.#names !== undefined) this.#flows.name(this.#names, view, slot, direction);
    if (view.protocol !== Protocol.tcp) this.#payload.datagram(view, slot, base, direction);
    else if (this.#payload.segment(view, slot, base, direction)) this.#follower.linger(slot);
  }

  /**
   * Any packet: opens its session, turns it round, ends it, begins its next part, and hands payload on.
   * @param found slot * 2 + direction, or -1
   */
  #examine(view: PacketView, sourceIndex: number, found: number, clockUs: number): void {
    const words = this.#words;
    const numbers = this.#numbers;
    const head = view.headWord;
    const isTcp = (head & 0x00ff_0000) === tcpHead && !view.isBareFragment;
    const hasSyn = isTcp && (head & synHead) !== 0;
    let slot = found >> 1;
    let direction = (found & 1) as Direction;
    let base = slot << slotShift;
    if (slot >= 0) {
      if (!this.#late && this.#table.deadlineUs(slot) < clockUs) {
        this.#expire(slot);
        slot = -1;
      } else if (hasSyn && this.#isReuse(view, slot, direction)) {
        this.#eventUs = clockUs;
        this.#close(slot, 'reused', this.#lastPacketUs(slot));
        slot = -1;
      }
    }
    this.#eventUs = clockUs;
    if (slot < 0) {
      direction = hasSyn && (view.tcpFlags & TcpFlag.acknowledgement) !== 0 ? 1 : 0;
      slot = this.#open(view, direction, clockUs, sourceIndex);
      base = slot << slotShift;
    } else {
      if (!this.#late && this.#parts.isDue(base, clockUs)) this.#savePart(slot, clockUs);
      if (hasSyn && this.#isTurned(view, words[base + Slot.state] as number, direction)) {
        this.#table.flip(slot);
        this.#observer?.turned(slot);
        direction = direction === 0 ? 1 : 0;
      }
    }
    const side = base + Slot.side0 + direction * 16;
    const isFirstPacket = words[side] === 0;
    const isLate = this.#lone !== undefined && isTcp && !hasSyn && this.#isMidstream(view, slot, found);
    const isFirst = this.#asksFirst && !isLate && view.payloadLength > 0 && numbers[(side + Side.payload) >> 1] === 0;
    this.#follower.count(view, slot, direction, clockUs);
    if (isFirst && this.#names !== undefined) this.#flows.name(this.#names, view, slot, direction);
    this.#observer?.counted(view, slot, direction);
    if (this.#late && found >= 0 && this.#parts.isFull(base, clockUs)) this.#savePart(slot, clockUs);
    this.#observer?.packet(view, slot, direction);
    this.#ruling?.packet(view, slot, isFirstPacket);
    if (!isTcp) this.#payload.datagram(view, slot, base, direction);
    else {
      const closes = this.#payload.segment(view, slot, base, direction);
      if (this.#late ? this.#tcp.isClosed(base) : closes) this.#follower.linger(slot);
    }
    if (this.#ruling?.after(slot, isFirst) === true) this.#close(slot, 'rule', this.#lastPacketUs(slot));
    else if (this.#late && found >= 0 && this.#parts.isLong(base, clockUs)) this.#savePart(slot, clockUs);
  }

  /** A segment of a connection whose start was not seen: a lone one is looked at in the end. */
  #isMidstream(view: PacketView, slot: number, found: number): boolean {
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    if ((state & (State.syn0 | State.syn1)) !== 0) return false;
    if (found >= 0) this.#lone?.take(slot);
    else if (view.payloadLength > 0 && (view.tcpFlags & TcpFlag.push) !== 0) this.#lone?.keep(slot, view);
    return true;
  }

  /** Does this SYN begin a new connection? Arkime takes one for new only after the end of the old one. */
  #isReuse(view: PacketView, slot: number, direction: Direction): boolean {
    if (!this.#late) return this.#tcp.isReuse(view, slot, direction);
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    if ((view.tcpFlags & TcpFlag.acknowledgement) !== 0) return false;
    return (state & (State.fin0 | State.fin1 | State.reset)) !== 0 && !this.#tcp.isFirst(view, slot, direction);
  }

  /** A clock record of a source: time has passed. +Infinity: the source has ended and no longer holds up the others. */
  advance(clockUs: number, sourceIndex = 0): void {
    const before = this.#clocks.us[sourceIndex] as number;
    if (clockUs <= before) return;
    this.#clocks.us[sourceIndex] = clockUs;
    if (clockUs === Number.POSITIVE_INFINITY) {
      if (before === Number.NEGATIVE_INFINITY) this.#heard();
      this.#clocks.ended(before);
      this.#followSlowest();
    } else if (clockUs >= this.#wakeUs) this.#moved(sourceIndex, before);
  }

  /** As `oldestPartUs` says of a source's sessions. */
  readonly oldestPartUs = (source: number): number => oldestPartUs(this.#table, source, this.#clocks.us[source] as number);

  /**
   * Ends all sessions, because the sources are exhausted or the sensor stops: those whose idle time is over by the last
   * clock as `timeout`, connections that only waited for late packets as `fin` or `reset`, the others as `stopped`.
   * @returns false when the sink is crowded before all have ended: to be called again later
   */
  finish(): boolean {
    const clockUs = this.#clocks.final();
    if (this.#finishFrom === 0) this.#table.empty();
    for (;;) {
      const slot = this.#nextOf(this.#finishFrom, clockUs);
      this.#finishFrom = slot === crowded ? (this.#closer?.reached ?? 0) : slot + 1;
      if (slot < 0) return slot !== crowded;
      if (this.#table.deadlineUs(slot) < clockUs) this.#expire(slot);
      else this.#stop(slot);
      if (this.#sink.isCrowded === true) return false;
    }
  }

  /** Ends a session whose idle time is not over. */
  #stop(slot: number): void {
    // After everything that ended by itself, in every run.
    this.#eventUs = Number.MAX_SAFE_INTEGER;
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    const reason = (state & State.closing) !== 0 ? this.#closedReason(state) : 'stopped';
    this.#close(slot, reason, this.#lastPacketUs(slot));
  }

  /** The next session to be ended here, from a slot on, -1, or `crowded`; those between end. */
  #nextOf(from: number, clockUs: number): number {
    if (this.#closer !== undefined) return this.#closer.nextOf(from, clockUs);
    for (let slot = from; slot < this.#table.highWater; slot += 1) {
      if ((this.#words[(slot << slotShift) + Slot.bucket] as number) >= 0) return slot;
    }
    return -1;
  }

  // Time.

  /** A source's clock, which was `before`, has reached the time for which something is to do. */
  #moved(sourceIndex: number, before: number): void {
    if (before === Number.NEGATIVE_INFINITY) {
      const clockUs = this.#clocks.us[sourceIndex] as number;
      if (!this.#started || clockUs < this.#table.pastUs) this.#startWheel(clockUs);
      this.#heard();
    }
    this.#followSlowest();
  }

  /** One more source was heard of. Until all were, every first packet needs attention. */
  #heard(): void {
    this.#clocks.unheard -= 1;
    if (this.#clocks.unheard === 0) this.#wakeUs = this.#table.nextUs;
  }

  /** Sets the wheel going, or back when a source begins earlier than those before it. */
  #startWheel(clockUs: number): void {
    this.#started = true;
    const linked: number[] = [];
    for (let slot = 0; slot < this.#table.highWater; slot += 1) {
      if ((this.#words[(slot << slotShift) + Slot.bucket] as number) < 0) continue;
      this.#table.native.unlink(slot);
      linked.push(slot);
    }
    this.#table.native.startWheel(clockUs);
    for (const slot of linked) this.#table.native.link(slot);
  }

  /** Ends what is over on the slowest clock. */
  #followSlowest(): void {
    const slowest = this.#clocks.slowest();
    if (slowest < this.#table.nextUs || slowest === Number.POSITIVE_INFINITY) return;
    this.#table.native.advanceWheel(slowest);
    const closer = this.#closer;
    if (closer === undefined) {
      for (let slot = this.#table.takeDue(); slot >= 0; slot = this.#table.takeDue()) this.#expire(slot);
    } else for (let slot = closer.nextDue(); slot >= 0; slot = closer.nextDue()) this.#expire(slot);
    if (this.#clocks.unheard === 0) this.#wakeUs = this.#table.nextUs;
  }

  #lastPacketUs(slot: number): number {
    const base = slot << slotShift;
    const us0 = this.#numbers[(base + Slot.side0 + Side.lastUs) >> 1] as number;
    const us1 = this.#numbers[(base + Slot.side1 + Side.lastUs) >> 1] as number;
    return us0 > us1 ? us0 : us1;
  }

  /** Ends a session whose idle time, or whose wait after its close, is over. */
  #expire(slot: number): void {
    const deadlineUs = this.#table.deadlineUs(slot);
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    this.#eventUs = deadlineUs;
    if ((state & State.closing) !== 0) this.#close(slot, this.#closedReason(state), this.#lastPacketUs(slot));
    else this.#close(slot, 'timeout', deadlineUs);
  }

  #closedReason(state: number): 'fin' | 'reset' {
    return (state & State.reset) !== 0 ? 'reset' : 'fin';
  }

  // Sessions.

  #open(view: PacketView, direction: Direction, clockUs: number, sourceIndex: number): number {
    if (this.#table.isFull) {
      const oldest = this.#table.native.oldest();
      this.#close(oldest, 'evicted', this.#lastPacketUs(oldest));
    }
    const slot = this.#follower.open(view, direction, clockUs, sourceIndex);
    this.#opened(view, slot);
    return slot;
  }

  /** What a new session has beside its slot. */
  #opened(view: PacketView, slot: number): void {
    if (view.tunnelCount > 0) {
      const at = (slot << slotShift) + Slot.state;
      this.#words[at] = (this.#words[at] as number) | State.tunnels;
      this.#tunnels.set(slot, tunnelFacts(view));
    }
    const { tags } = this.#config;
    for (let index = 0; index < tags.length; index += 1) this.#flows.tag(slot, tags[index] as string);
  }

  #close(slot: number, reason: Exclude<SessionEnd, 'part'>, timeUs: number): void {
    const base = slot << slotShift;
    const state = this.#words[base + Slot.state] as number;
    const lone = this.#lone?.take(slot);
    if (lone !== undefined) this.#flows.lone(this.#names, slot, lone, timeUs);
    this.#payload.wake(slot, base);
    const flow = this.#flows.of(slot);
    if (flow !== undefined) {
      this.#flows.ending = reason;
      if (flow.transport === 'tcp') this.#assembler.flush(flow, timeUs);
      flow.end(reason, timeUs);
      this.#flows.ending = 'part';
    }
    if (this.#ruling === undefined) this.#sink.session(this.#view.at(slot, reason), reason, timeUs);
    else {
      this.#save(this.#ruling, slot, reason, timeUs);
      this.#ruling.forget(slot);
    }
    this.#observer?.closed(slot);
    this.#flows.forget(slot);
    if ((state & State.tunnels) !== 0) this.#tunnels.delete(slot);
    this.#table.close(slot, reason);
  }

  /** Writes the record of a session, if and as rules want it. */
  #save(ruling: Ruling, slot: number, end: SessionEnd, timeUs: number): void {
    if (!ruling.saves(slot, end)) return;
    ruling.turn(slot);
    this.#sink.session(this.#view.at(slot, end), end, timeUs);
    ruling.turn(slot);
  }

  /** Writes what there is of a long session and begins its next part with the packet at hand. */
  #savePart(slot: number, clockUs: number): void {
    const base = slot << slotShift;
    const words = this.#words;
    if (this.#ruling === undefined) this.#sink.session(this.#view.at(slot, 'part'), 'part', this.#lastPacketUs(slot));
    else {
      this.#save(this.#ruling, slot, 'part', this.#lastPacketUs(slot));
      this.#ruling.nextPart(slot);
    }
    this.#flows.notes.nextPart(slot);
    this.#observer?.nextPart(slot);
    for (let side = base + Slot.side0; side <= base + Slot.side1; side += 16) {
      words[side + Side.packets] = 0;
      words[side + Side.marks] = (words[side + Side.marks] as number) & ~0xff;
      this.#numbers[(side + Side.bytes) >> 1] = 0;
      this.#numbers[(side + Side.payload) >> 1] = 0;
      words[side + Side.missing] = 0;
      words[side + Side.retransmitted] = 0;
      words[side + Side.outOfOrder] = 0;
    }
    words[base + Slot.partMs] = milliseconds(clockUs);
    const part = words[base + Slot.part] as number;
    words[base + Slot.part] = (part & ~0xff_ffff) | ((part + 1) & 0xff_ffff);
    this.#counters[C.saved_parts] = (this.#counters[C.saved_parts] as number) + 1;
  }

  /** Does this SYN or SYN-ACK show that the session was taken the wrong way round? */
  #isTurned(view: PacketView, state: number, direction: Direction): boolean {
    if (this.#late) return false;
    if ((state & (State.flow | State.resting | State.decoded)) !== 0) return false;
    const isAnswer = (view.tcpFlags & TcpFlag.acknowledgement) !== 0;
    if (isAnswer) return direction === 0 && (state & State.syn0) === 0;
    return direction === 1 && (state & (State.syn0 | State.syn1)) === 0;
  }
}
