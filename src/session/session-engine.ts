// The heart of a packet worker: takes packet records, keeps the session table, follows TCP, feeds decoders and tells the
// sink what came of it. One object a worker; everything happens during `packet`, `advance` and `finish`.
//
// Time is that of the sources. Each source has a clock, carried by its packets and clock records; a session counts its
// idle time on the clock of the source of its last packet, and the timer wheel runs on the slowest clock of the sources
// that have not ended. So with one source everything is exact, and with several no source's sessions end early because
// another is ahead. A session has ended when a clock is past `last packet's clock + idle time`; that is also asked when
// a packet finds its session, so what comes out does not depend on how the packets were dealt to workers.

import type { CounterBlock } from '../counters/index.ts';
import { type Direction, Recognition, type Recognizer, type Transport } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import type { Anomaly, RecordType, SessionEnd, TunnelFacts } from '../record/index.ts';
import { Flow } from './flow.ts';
import type { FlowHost } from './flow-host.ts';
import { QueueBudget } from './segment-queue.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionSink } from './session-sink.ts';
import { SessionTable } from './session-table.ts';
import { SessionView } from './session-view.ts';
import { Side, SideByte, Slot, State, slotShift } from './slot-layout.ts';
import { aligned, type StreamSide } from './stream-side.ts';
import { tcpAnomalies } from './tcp-anomalies.ts';
import { Fit, TcpFlag, TcpTracker } from './tcp-tracker.ts';
import { TimerWheel } from './timer-wheel.ts';
import { tunnelFacts } from './tunnel-facts.ts';

const C = sessionCounters.index;
const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;
const transports: readonly Transport[] = ['tcp', 'udp', 'sctp'];
const noTransport = -1;
const noEthernet = 255;

/** The engine's own anomalies, by bit of `Slot.state` from `State.anomalies` on. */
const ownAnomalies: readonly Anomaly[] = [
  tcpAnomalies.segment_out_of_window,
  tcpAnomalies.reset_out_of_window,
  tcpAnomalies.acked_unseen_bytes,
  tcpAnomalies.stream_lost,
];
const Odd = { segment: 0, reset: 1, ackedUnseen: 2, streamLost: 3 } as const;

const closedCounter: Readonly<Record<Exclude<SessionEnd, 'part'>, number>> = {
  fin: C.closed_fin_sessions,
  reset: C.closed_reset_sessions,
  timeout: C.closed_timeout_sessions,
  evicted: C.closed_evicted_sessions,
  reused: C.closed_reused_sessions,
  stopped: C.closed_stopped_sessions,
};

export interface SessionEngineOptions {
  readonly config: SessionConfig;
  /** A block of `sessionCounters`. */
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  readonly sink: SessionSink;
  /** Sources that feed this worker; default 1. */
  readonly sourceCount?: number;
  /** Packet workers that share `max_sessions`; default 1. */
  readonly workerCount?: number;
}

export class SessionEngine implements FlowHost {
  readonly config: SessionConfig;
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  readonly queueBudget: QueueBudget;
  readonly probeBuffers: Buffer[];
  readonly #sink: SessionSink;
  readonly #table: SessionTable;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #wheel: TimerWheel;
  readonly #tcp: TcpTracker;
  readonly #view: SessionView;
  /** By slot; as long as slots were used. */
  readonly #flows: (Flow | undefined)[];
  readonly #tunnels: Map<number, readonly TunnelFacts[]>;
  /** Clock of each source; -Infinity before its first packet, Infinity after its end. */
  readonly #clocks: Float64Array;
  /** The slowest of them. */
  #slowestUs: number;
  /** The latest clock of the sources that have ended. */
  #lastUs: number;
  #started: boolean;
  #eventUs: number;
  /** Idle time in milliseconds by IP protocol. */
  readonly #idleMs: Int32Array;
  /** Counter of opened sessions by IP protocol. */
  readonly #openedCounter: Int32Array;
  /** Transport index by IP protocol, `noTransport` when no decoder is for it. */
  readonly #transport: Int8Array;
  readonly #saveMs: number;
  readonly #savePackets: number;
  readonly #lingerMs: number;
  /** What `SessionFacts.end` says in records made now. */
  #ending: SessionEnd;

  constructor(options: SessionEngineOptions) {
    const { config, counters, recognizer } = options;
    this.config = config;
    this.counters = counters;
    this.recognizer = recognizer;
    this.queueBudget = new QueueBudget(config.tcp_queue_total_bytes, counters);
    this.probeBuffers = [];
    this.#sink = options.sink;
    const capacity = Math.max(16, Math.ceil(config.max_sessions / (options.workerCount ?? 1)));
    this.#table = new SessionTable(capacity, config.track_vlan, config.track_vni);
    this.#words = this.#table.words;
    this.#numbers = this.#table.numbers;
    this.#wheel = new TimerWheel(this.#words, this.#numbers);
    this.#tcp = new TcpTracker(this.#table, counters);
    this.#tunnels = new Map();
    this.#view = new SessionView(this.#table, this.#tcp, this.#tunnels, config.community_id_seed);
    this.#flows = [];
    this.#clocks = new Float64Array(options.sourceCount ?? 1).fill(Number.NEGATIVE_INFINITY);
    this.#slowestUs = Number.NEGATIVE_INFINITY;
    this.#lastUs = Number.NEGATIVE_INFINITY;
    this.#started = false;
    this.#eventUs = 0;
    this.#idleMs = new Int32Array(256).fill(config.idle_other_secs * 1000);
    this.#idleMs[Protocol.tcp] = config.idle_tcp_secs * 1000;
    this.#idleMs[Protocol.udp] = config.idle_udp_secs * 1000;
    this.#idleMs[Protocol.icmp] = config.idle_icmp_secs * 1000;
    this.#idleMs[Protocol.icmpv6] = config.idle_icmp_secs * 1000;
    this.#idleMs[Protocol.sctp] = config.idle_sctp_secs * 1000;
    this.#openedCounter = new Int32Array(256).fill(C.opened_other_sessions);
    this.#openedCounter[Protocol.tcp] = C.opened_tcp_sessions;
    this.#openedCounter[Protocol.udp] = C.opened_udp_sessions;
    this.#openedCounter[Protocol.icmp] = C.opened_icmp_sessions;
    this.#openedCounter[Protocol.icmpv6] = C.opened_icmp_sessions;
    this.#openedCounter[Protocol.sctp] = C.opened_sctp_sessions;
    this.#transport = new Int8Array(256).fill(noTransport);
    [Protocol.tcp, Protocol.udp, Protocol.sctp].forEach((protocol, transport) => {
      if (recognizer.hasDecoders(transport)) this.#transport[protocol] = transport;
    });
    this.#saveMs = config.save_secs === 0 ? Number.POSITIVE_INFINITY : config.save_secs * 1000;
    this.#savePackets = config.save_packets;
    this.#lingerMs = config.close_linger_secs * 1000;
    this.#ending = 'part';
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

  /** No later call of the sink will have a smaller `eventUs` (but for evictions and `finish`). */
  get watermarkUs(): number {
    return this.#wheel.pastUs;
  }

  /**
   * Takes one packet.
   * @param view at a packet record; valid during the call
   * @param sourceIndex the source it comes from, below `sourceCount`
   */
  packet(view: PacketView, sourceIndex = 0): void {
    const clockUs = this.#tick(view.clockUs, sourceIndex);
    const words = this.#words;
    const numbers = this.#numbers;
    const counters = this.counters;
    counters[C.packets] = (counters[C.packets] as number) + 1;
    const hash = view.flowHash;
    const isTcp = view.protocol === Protocol.tcp && !view.isBareFragment;
    let slot = this.#table.find(view, hash);
    let direction = this.#table.direction as Direction;
    if (slot >= 0) {
      const deadlineUs = this.#wheel.deadlineUs(slot);
      if (deadlineUs < clockUs) {
        this.#expire(slot, deadlineUs);
        slot = -1;
      } else if (isTcp && (view.tcpFlags & TcpFlag.syn) !== 0 && this.#tcp.isReuse(view, slot, direction)) {
        this.#eventUs = clockUs;
        this.#close(slot, 'reused', this.#lastPacketUs(slot));
        slot = -1;
      }
    }
    this.#eventUs = clockUs;
    let base: number;
    if (slot < 0) {
      direction = isTcp && (view.tcpFlags & 0x12) === 0x12 ? 1 : 0;
      slot = this.#open(view, hash, direction, clockUs, sourceIndex);
      base = slot << slotShift;
    } else {
      base = slot << slotShift;
      if (((milliseconds(clockUs) - (words[base + Slot.partMs] as number)) | 0) >= this.#saveMs) this.#savePart(slot, clockUs);
      else if (this.#savePackets > 0) {
        const packets = (words[base + Slot.side0] as number) + (words[base + Slot.side1] as number);
        if (packets >= this.#savePackets) this.#savePart(slot, clockUs);
      }
      const state = words[base + Slot.state] as number;
      if (isTcp && (view.tcpFlags & TcpFlag.syn) !== 0 && this.#isTurned(view, state, direction)) {
        this.#flip(slot);
        direction = direction === 0 ? 1 : 0;
      }
    }
    const side = base + Slot.side0 + direction * 16;
    const count = words[side] as number;
    words[side] = count + 1;
    if (count === 0) this.#firstOfSide(view, base, side, direction);
    numbers[(side + Side.bytes) >> 1] = (numbers[(side + Side.bytes) >> 1] as number) + view.wireLength;
    numbers[(base + Slot.clockUs) >> 1] = clockUs;
    const timeUs = view.timeUs;
    if (timeUs > (numbers[(side + Side.lastUs) >> 1] as number)) numbers[(side + Side.lastUs) >> 1] = timeUs;
    if (isTcp) this.#segment(view, slot, base, side, direction, timeUs, clockUs);
    else this.#datagram(view, slot, base, side, direction, timeUs);
  }

  /** A clock record of a source: time has passed. +Infinity: the source has ended and no longer holds up the others. */
  advance(clockUs: number, sourceIndex = 0): void {
    if (clockUs !== Number.POSITIVE_INFINITY) {
      this.#tick(clockUs, sourceIndex);
      return;
    }
    const last = this.#clocks[sourceIndex] as number;
    if (last !== Number.POSITIVE_INFINITY && last > this.#lastUs) this.#lastUs = last;
    this.#clocks[sourceIndex] = Number.POSITIVE_INFINITY;
    this.#followSlowest();
  }

  /**
   * Ends all sessions, because the sources are exhausted or the sensor stops: those whose idle time is over by the last
   * clock as `timeout`, connections that only waited for late packets as `fin` or `reset`, the others as `stopped`.
   */
  finish(): void {
    const words = this.#words;
    const clockUs = this.#slowestUs === Number.POSITIVE_INFINITY ? this.#lastUs : this.#slowestUs;
    for (let slot = 0; slot < this.#table.highWater; slot += 1) {
      if ((words[(slot << slotShift) + Slot.bucket] as number) < 0) continue;
      const deadlineUs = this.#wheel.deadlineUs(slot);
      if (deadlineUs < clockUs) {
        this.#expire(slot, deadlineUs);
        continue;
      }
      // After everything that ended by itself, in every run.
      this.#eventUs = Number.MAX_SAFE_INTEGER;
      const state = words[(slot << slotShift) + Slot.state] as number;
      const reason = (state & State.closing) !== 0 ? this.#closedReason(state) : 'stopped';
      this.#close(slot, reason, this.#lastPacketUs(slot));
    }
  }

  // Time.

  /** Sets a source's clock, which never goes back, ends what is over, and returns the clock. */
  #tick(clockUs: number, sourceIndex: number): number {
    const before = this.#clocks[sourceIndex] as number;
    if (clockUs <= before) return before;
    this.#clocks[sourceIndex] = clockUs;
    if (!this.#started) {
      this.#started = true;
      this.#wheel.start(clockUs);
    }
    if (before === this.#slowestUs) this.#followSlowest();
    return clockUs;
  }

  #followSlowest(): void {
    const clocks = this.#clocks;
    let slowest = clocks[0] as number;
    for (let index = 1; index < clocks.length; index += 1) {
      const clock = clocks[index] as number;
      if (clock < slowest) slowest = clock;
    }
    this.#slowestUs = slowest;
    if (slowest < this.#wheel.nextUs || slowest === Number.POSITIVE_INFINITY) return;
    this.#wheel.advance(slowest);
    for (let slot = this.#wheel.takeDue(); slot >= 0; slot = this.#wheel.takeDue()) {
      this.#expire(slot, this.#wheel.deadlineUs(slot));
    }
  }

  #lastPacketUs(slot: number): number {
    const base = slot << slotShift;
    return Math.max(
      this.#numbers[(base + Slot.side0 + Side.lastUs) >> 1] as number,
      this.#numbers[(base + Slot.side1 + Side.lastUs) >> 1] as number,
    );
  }

  /** Ends a session whose idle time, or whose wait after its close, is over. */
  #expire(slot: number, deadlineUs: number): void {
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    this.#eventUs = deadlineUs;
    if ((state & State.closing) !== 0) this.#close(slot, this.#closedReason(state), this.#lastPacketUs(slot));
    else this.#close(slot, 'timeout', deadlineUs);
  }

  #closedReason(state: number): 'fin' | 'reset' {
    return (state & State.reset) !== 0 ? 'reset' : 'fin';
  }

  // Sessions.

  #open(view: PacketView, hash: number, direction: Direction, clockUs: number, sourceIndex: number): number {
    if (this.#table.isFull) {
      const oldest = this.#wheel.oldest();
      this.#close(oldest, 'evicted', this.#lastPacketUs(oldest));
    }
    const slot = this.#table.insert(view, hash, direction);
    const base = slot << slotShift;
    const words = this.#words;
    const numbers = this.#numbers;
    const protocol = view.protocol;
    const timeUs = view.timeUs;
    numbers[(base + Slot.startUs) >> 1] = timeUs;
    numbers[(base + Slot.clockUs) >> 1] = clockUs;
    words[base + Slot.partMs] = milliseconds(clockUs);
    numbers[(base + Slot.synUs) >> 1] = timeUs;
    words[base + Slot.handshakeUs] = -1;
    words[base + Slot.packetNumber] = view.packetNumber;
    words[base + Slot.part] = sourceIndex << 24;
    words[base + Slot.origin] = view.interfaceId | (view.etherType << 16);
    let wanted = (this.#transport[protocol] as number) !== noTransport;
    let idleMs = this.#idleMs[protocol] as number;
    if (protocol === Protocol.tcp) {
      const isStart = (view.tcpFlags & TcpFlag.syn) !== 0;
      if (!isStart && !this.config.tcp_midstream) wanted = false;
      if (isStart) idleMs = Math.min(idleMs, this.config.idle_tcp_opening_secs * 1000);
    }
    words[base + Slot.idleMs] = idleMs;
    if (wanted) words[base + Slot.state] = State.wanted;
    if (view.tunnelCount > 0) {
      words[base + Slot.state] = (words[base + Slot.state] as number) | State.tunnels;
      this.#tunnels.set(slot, tunnelFacts(view));
    }
    this.#wheel.link(slot);
    const counters = this.counters;
    const opened = this.#openedCounter[protocol] as number;
    counters[opened] = (counters[opened] as number) + 1;
    counters[C.active_sessions] = this.#table.size;
    return slot;
  }

  /** MAC and TTL of the first packet of a side; the first of all also gives the other side's MAC until that speaks. */
  #firstOfSide(view: PacketView, base: number, side: number, direction: Direction): void {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    // The counts of a side begin anew with each part of a session, these facts do not.
    if ((state & (State.heard0 << direction)) !== 0) return;
    const other = direction === 0 ? 1 : 0;
    if ((state & (State.heard0 << other)) !== 0 && (state & State.closing) === 0) {
      words[base + Slot.idleMs] = this.#idleMs[view.protocol] as number;
    }
    this.#table.octets[side * 4 + SideByte.ttl] = view.ttl;
    let now = state | (State.heard0 << direction);
    const offset = view.ethernetOffset;
    if (offset !== noEthernet) {
      const frame = view.frameStart + offset;
      this.#keepMac(view.bytes, frame + 6, side);
      now |= State.mac0 << direction;
      if ((state & (State.mac0 << other)) === 0) {
        this.#keepMac(view.bytes, frame, base + Slot.side0 + other * 16);
        now |= State.mac0 << other;
      }
    }
    words[base + Slot.state] = now;
  }

  #keepMac(bytes: Buffer, from: number, side: number): void {
    const octets = this.#table.octets;
    const at = side * 4 + SideByte.mac;
    for (let position = 0; position < 6; position += 1) octets[at + position] = bytes[from + position] as number;
  }

  #close(slot: number, reason: Exclude<SessionEnd, 'part'>, timeUs: number): void {
    const base = slot << slotShift;
    const state = this.#words[base + Slot.state] as number;
    this.#wheel.unlink(slot);
    let flow: Flow | undefined;
    if ((state & State.flow) !== 0) {
      flow = this.#flows[slot] as Flow;
      this.#ending = reason;
      flow.end(reason, timeUs);
      this.#ending = 'part';
      this.#flows[slot] = undefined;
    }
    this.#sink.session(this.#view.at(slot, flow, reason), reason, timeUs);
    this.#tcp.forget(slot, 0);
    this.#tcp.forget(slot, 1);
    if ((state & State.tunnels) !== 0) this.#tunnels.delete(slot);
    this.#table.remove(slot);
    const counters = this.counters;
    const counter = closedCounter[reason];
    counters[counter] = (counters[counter] as number) + 1;
    counters[C.active_sessions] = this.#table.size;
  }

  /** Writes what there is of a long session and begins its next part with the packet at hand. */
  #savePart(slot: number, clockUs: number): void {
    const base = slot << slotShift;
    const words = this.#words;
    const flow = this.#flowOf(slot);
    this.#sink.session(this.#view.at(slot, flow, 'part'), 'part', this.#lastPacketUs(slot));
    flow?.notes?.nextPart();
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
    this.counters[C.saved_parts] = (this.counters[C.saved_parts] as number) + 1;
  }

  /** Does this SYN or SYN-ACK show that the session was taken the wrong way round? */
  #isTurned(view: PacketView, state: number, direction: Direction): boolean {
    if ((state & State.flow) !== 0) return false;
    const isAnswer = (view.tcpFlags & TcpFlag.acknowledgement) !== 0;
    if (isAnswer) return direction === 0 && (state & State.syn0) === 0;
    return direction === 1 && (state & (State.syn0 | State.syn1)) === 0;
  }

  #flip(slot: number): void {
    this.#table.flip(slot);
    this.#tcp.flip(slot);
  }

  // Payload.

  #datagram(view: PacketView, slot: number, base: number, side: number, direction: Direction, timeUs: number): void {
    const payload = (side + Side.payload) >> 1;
    this.#numbers[payload] = (this.#numbers[payload] as number) + view.payloadWireLength;
    const state = this.#words[base + Slot.state] as number;
    const captured = view.payloadLength;
    if ((state & State.wanted) === 0 || captured === 0) return;
    const from = view.payloadStart;
    const to = from + captured;
    if ((state & State.flow) !== 0) {
      (this.#flows[slot] as Flow).datagram(direction, view.bytes, from, to, timeUs);
      return;
    }
    const found = this.#recognise(view, base, direction);
    if (found >= 0) {
      const flow = this.#openFlow(slot);
      flow.begin(found, direction);
      flow.datagram(direction, view.bytes, from, to, timeUs);
      return;
    }
    const tries = (this.#words[base + Slot.tries] as number) + 1;
    this.#words[base + Slot.tries] = tries;
    if (tries >= this.config.probe_datagrams) this.#words[base + Slot.state] = state & ~State.wanted;
  }

  #recognise(view: PacketView, base: number, direction: Direction): number {
    const ports = this.#words[base + Slot.ports] as number;
    const from = view.payloadStart;
    return this.recognizer.recognise(
      this.#transport[view.protocol] as number,
      direction,
      view.bytes,
      from,
      from + view.payloadLength,
      ports & 0xffff,
      ports >>> 16,
    );
  }

  #segment(
    view: PacketView,
    slot: number,
    base: number,
    side: number,
    direction: Direction,
    timeUs: number,
    clockUs: number,
  ): void {
    const words = this.#words;
    const flags = view.tcpFlags;
    words[side + Side.marks] = (words[side + Side.marks] as number) | flags;
    let start = view.tcpSequence;
    if ((flags & (TcpFlag.syn | TcpFlag.reset)) !== 0) {
      if ((flags & TcpFlag.reset) !== 0) {
        this.#reset(view, slot, base, direction, timeUs);
        return;
      }
      this.#tcp.open(view, slot, direction);
      start = (start + 1) | 0;
      const known = this.#flowOf(slot)?.side(direction);
      if (known !== undefined && !known.started) known.lead = aligned;
    }
    if ((flags & TcpFlag.acknowledgement) !== 0) this.#tcp.acknowledge(view, base, side, direction);
    const length = view.payloadWireLength;
    const fin = (flags & TcpFlag.fin) !== 0;
    if (length > 0 && ((words[base + Slot.state] as number) & (State.wanted | State.flow)) === State.wanted) {
      this.#firstData(view, slot, base, side, direction, start, length);
    }
    const fit = this.#tcp.account(slot, side, direction, start, length, fin);
    if (fit === Fit.outOfWindow) {
      this.#odd(slot, Odd.segment, timeUs);
      return;
    }
    if (fit === Fit.anchoredAnew) this.#odd(slot, Odd.streamLost, timeUs);
    const state = words[base + Slot.state] as number;
    if ((state & (State.wanted | State.flow)) === (State.wanted | State.flow)) {
      const flow = this.#flows[slot] as Flow;
      // What the other side missed comes before what it was answered.
      const otherDirection = direction === 0 ? 1 : 0;
      if (flow.side(otherDirection).isBlocked) this.#checkHole(flow, base, otherDirection, clockUs, timeUs);
      if (fit === Fit.anchoredAnew) flow.reanchor(direction, start, timeUs);
      if (length > 0 || fin) {
        flow.segment(direction, start, length, fin, view.bytes, view.payloadStart, view.payloadLength, timeUs, clockUs);
      }
      if (flow.side(direction).isBlocked) this.#checkHole(flow, base, direction, clockUs, timeUs);
    }
    if (fin) this.#noteFin(slot, base, direction);
  }

  #checkHole(flow: Flow, base: number, direction: Direction, clockUs: number, timeUs: number): void {
    const state = this.#words[base + Slot.state] as number;
    const receiver = 1 - direction;
    const acked = this.#words[base + Slot.side0 + receiver * 16 + Side.acked] as number;
    flow.check(direction, (state & (State.acked0 << receiver)) !== 0, acked, clockUs, timeUs);
  }

  /** Payload of a session that has no flow yet: asks for its protocol in place. Called before the segment is accounted. */
  #firstData(
    view: PacketView,
    slot: number,
    base: number,
    side: number,
    direction: Direction,
    start: number,
    length: number,
  ): void {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const unknown = State.unknown0 << direction;
    if ((state & unknown) !== 0) return;
    if ((state & (State.seen0 << direction)) !== 0) {
      const ahead = (start - (words[side + Side.top] as number)) | 0;
      if (ahead + length <= 0) return;
      if (ahead !== 0 || (state & (State.holes0 << direction)) !== 0) {
        this.#openFlow(slot);
        return;
      }
    }
    const found = view.payloadLength === 0 ? Recognition.none : this.#recognise(view, base, direction);
    if (found === Recognition.none) {
      const both = State.unknown0 | State.unknown1;
      const now = state | unknown;
      words[base + Slot.state] = (now & both) === both ? now & ~State.wanted : now;
      return;
    }
    const flow = this.#openFlow(slot);
    if (found >= 0) flow.begin(found, direction);
  }

  #reset(view: PacketView, slot: number, base: number, direction: Direction, timeUs: number): void {
    if (!this.#tcp.acceptsReset(view, slot, direction)) {
      this.counters[C.tcp_ignored_resets] = (this.counters[C.tcp_ignored_resets] as number) + 1;
      this.#odd(slot, Odd.reset, timeUs);
      return;
    }
    const state = this.#words[base + Slot.state] as number;
    // A reset after both sides closed is only the end of somebody's patience.
    if ((state & State.closing) !== 0) return;
    this.#words[base + Slot.state] = state | State.reset;
    this.#linger(slot, base);
  }

  #noteFin(slot: number, base: number, direction: Direction): void {
    const state = (this.#words[base + Slot.state] as number) | (State.fin0 << direction);
    this.#words[base + Slot.state] = state;
    const both = State.fin0 | State.fin1;
    if ((state & both) === both && (state & State.closing) === 0) this.#linger(slot, base);
  }

  /** From here on the session only waits for late packets. */
  #linger(slot: number, base: number): void {
    const words = this.#words;
    words[base + Slot.state] = (words[base + Slot.state] as number) | State.closing;
    words[base + Slot.idleMs] = this.#lingerMs;
    this.#wheel.unlink(slot);
    this.#wheel.link(slot);
  }

  // Flows.

  #flowOf(slot: number): Flow | undefined {
    return ((this.#words[(slot << slotShift) + Slot.state] as number) & State.flow) === 0 ? undefined : this.#flows[slot];
  }

  #openFlow(slot: number): Flow {
    const base = slot << slotShift;
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const transport = this.#transport[((words[base + Slot.protocol] as number) >>> 16) & 0xff] as number;
    const ports = words[base + Slot.ports] as number;
    const startUs = this.#numbers[(base + Slot.startUs) >> 1] as number;
    const flow = new Flow(this, slot, transports[transport] as Transport, ports & 0xffff, ports >>> 16, startUs);
    words[base + Slot.state] = state | State.flow;
    while (this.#flows.length <= slot) this.#flows.push(undefined);
    this.#flows[slot] = flow;
    if (transport === 0) {
      this.#startSide(flow.side0, slot, base, state);
      this.#startSide(flow.side1, slot, base, state);
    }
    return flow;
  }

  /** Lets a side of a new flow begin where its direction stands. */
  #startSide(side: StreamSide, slot: number, base: number, state: number): void {
    const direction = side.direction;
    side.unknown = (state & (State.unknown0 << direction)) !== 0;
    side.lead = (state & (State.syn0 << direction)) !== 0 ? aligned : 0;
    if ((state & (State.seen0 << direction)) === 0) return;
    side.started = true;
    side.next = this.#tcp.deliveryStart(slot, direction);
    if ((state & (State.fin0 << direction)) !== 0) {
      side.finKnown = true;
      side.finAt = side.next;
      side.finished = true;
    }
    if (!side.unknown) return;
    side.lead = Math.max(0, (side.next - (this.#words[base + Slot.side0 + direction * 16 + Side.low] as number)) | 0);
  }

  emitRecord<R>(flow: Flow, type: RecordType<R>, record: R, timeUs: number): void {
    this.#sink.record(type, record, this.#view.at(flow.slot, flow, this.#ending), timeUs);
  }

  emitAnomaly(flow: Flow, anomaly: Anomaly, timeUs: number): void {
    this.#sink.anomaly(anomaly, this.#view.at(flow.slot, flow, this.#ending), timeUs);
  }

  payloadUnwanted(flow: Flow): void {
    const at = (flow.slot << slotShift) + Slot.state;
    const state = (this.#words[at] as number) & ~State.wanted;
    if (flow.isIdle) {
      this.#words[at] = state & ~State.flow;
      this.#flows[flow.slot] = undefined;
    } else this.#words[at] = state;
  }

  tcpHoleAcked(flow: Flow, timeUs: number): void {
    this.#odd(flow.slot, Odd.ackedUnseen, timeUs);
  }

  /** Counts an anomaly of the engine's own; the first of its kind in a session goes to the sink. */
  #odd(slot: number, kind: number, timeUs: number): void {
    const at = (slot << slotShift) + Slot.state;
    const state = this.#words[at] as number;
    const bit = State.anomalies << kind;
    this.counters[C.anomalies] = (this.counters[C.anomalies] as number) + 1;
    if ((state & bit) !== 0) {
      this.counters[C.suppressed_anomalies] = (this.counters[C.suppressed_anomalies] as number) + 1;
      return;
    }
    this.#words[at] = state | bit;
    this.#sink.anomaly(ownAnomalies[kind] as Anomaly, this.#view.at(slot, this.#flowOf(slot), this.#ending), timeUs);
  }
}

/** Whole milliseconds modulo 2^32: differences up to 24 days are right. */
function milliseconds(us: number): number {
  return (us * 0.001) | 0;
}
