// The flows of a worker by slot, and what they need of the worker: where their records go, how their protocol is
// recognised, the bytes kept for that, the notes. Flows and decoders are used again. Owned by the session engine.

import type { CounterBlock } from '../counters/index.ts';
import {
  type Decoder,
  type Direction,
  type EnabledDecoder,
  type NameMatcher,
  Recognition,
  type Recognizer,
  type Signature,
  type Transport,
  transportIndex,
} from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import {
  type Anomaly,
  type ByteText,
  type JsonText,
  type RecordType,
  type SessionEnd,
  type SessionField,
  tagsField,
} from '../record/index.ts';
import type { FirstBytes } from './first-bytes.ts';
import { Flow } from './flow.ts';
import type { FlowHost } from './flow-host.ts';
import type { SessionNotes } from './notes.ts';
import type { ProtocolLists } from './protocol-lists.ts';
import { Protocol } from './protocols.ts';
import type { Ruling } from './ruling.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionSink } from './session-sink.ts';
import type { SessionTable } from './session-table.ts';
import type { SessionView } from './session-view.ts';
import { Probing, Side, Slot, State, slotShift } from './slot-layout.ts';
import { aligned, type StreamSide } from './stream-side.ts';
import { tcpAnomalies } from './tcp-anomalies.ts';
import type { TcpTracker } from './tcp-tracker.ts';

const C = sessionCounters.index;
const transportNames: readonly Transport[] = ['tcp', 'udp', 'sctp', 'ip', 'ethernet'];
const noTransport = -1;
/** Free flows of a kind, and free decoders of a protocol, that are kept; more are left to the garbage collector. */
const keptMost = 1024;

/** The engine's own anomalies, by bit of `Slot.state` from `State.anomalies` on. */
const ownAnomalies: readonly Anomaly[] = [
  tcpAnomalies.segment_out_of_window,
  tcpAnomalies.reset_out_of_window,
  tcpAnomalies.acked_unseen_bytes,
  tcpAnomalies.stream_lost,
];
export const Odd = { segment: 0, reset: 1, ackedUnseen: 2, streamLost: 3 } as const;

/** `StreamSide.lead` of a side of which nothing was delivered. */
function leadOf(state: number, direction: Direction): number {
  return (state & (State.syn0 << direction)) !== 0 ? aligned : 0;
}

/** Is there more about a side than `FlowTable.startSide` would find? */
function isNeeded(side: StreamSide, state: number): boolean {
  return side.isBlocked || (!side.unknown && side.lead !== leadOf(state, side.direction));
}

export class FlowTable implements FlowHost {
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  readonly notes: SessionNotes;
  readonly kept: FirstBytes;
  readonly details: boolean;
  /** What `SessionFacts.end` says in records made now. */
  ending: SessionEnd;
  /** What rules hear of; set by the engine where there are any. */
  ruling: Ruling | undefined;
  /** Somebody wants what decoders note, rules apart. */
  readonly #wantsNotes: boolean;
  readonly #sink: SessionSink;
  /** What a signature that fits does, to which session. */
  readonly #named: (signature: Signature) => void;
  #namedSlot: number;
  readonly #words: Int32Array;
  readonly #octets: Uint8Array;
  readonly #numbers: Float64Array;
  readonly #tcp: TcpTracker;
  readonly #view: SessionView;
  /** As long as slots were used. */
  readonly #flows: (Flow | undefined)[];
  readonly #protocols: ProtocolLists;
  /** Free flows of streams and of datagrams, and how many. */
  readonly #freeFlows: [Flow | undefined, Flow | undefined];
  readonly #freeCounts: [number, number];
  /** Free decoders, by index and transport: a definition may make others for datagrams than for streams. */
  readonly #freeDecoders: readonly Decoder[][];
  /** Transport index by IP protocol, `noTransport` when no decoder is for it. */
  readonly #transports: Int8Array;

  constructor(
    config: SessionConfig,
    counters: CounterBlock,
    recognizer: Recognizer,
    sink: SessionSink,
    table: SessionTable,
    tcp: TcpTracker,
    kept: FirstBytes,
    view: SessionView,
    notes: SessionNotes,
    protocols: ProtocolLists,
    details: boolean,
  ) {
    this.details = details;
    this.#wantsNotes = config.decoder_notes || details;
    this.ruling = undefined;
    this.#namedSlot = 0;
    this.#named = (signature) => this.#nameSession(this.#namedSlot, signature);
    this.counters = counters;
    this.recognizer = recognizer;
    this.notes = notes;
    this.kept = kept;
    this.ending = 'part';
    this.#sink = sink;
    this.#words = table.words;
    this.#octets = table.octets;
    this.#numbers = table.numbers;
    this.#tcp = tcp;
    this.#view = view;
    this.#flows = [];
    this.#protocols = protocols;
    this.#freeFlows = [undefined, undefined];
    this.#freeCounts = [0, 0];
    this.#freeDecoders = recognizer.decoders.flatMap(() => transportNames.map(() => []));
    this.#transports = new Int8Array(256).fill(noTransport);
    for (const [transport, protocol] of [Protocol.tcp, Protocol.udp, Protocol.sctp].entries()) {
      if (recognizer.hasDecoders(transport)) this.#transports[protocol] = transport;
    }
    for (let protocol = 1; protocol < 256; protocol += 1) {
      if (this.#transports[protocol] === noTransport && recognizer.byNumber(transportIndex.ip, protocol) >= 0)
        this.#transports[protocol] = transportIndex.ip;
    }
  }

  /** True when some decoder is for sessions of this IP protocol. */
  wants(protocol: number): boolean {
    return this.#transports[protocol] !== noTransport;
  }

  /** The decoder of a session whose protocol is told by number; -1 for others. */
  byNumber(base: number): number {
    const protocol = ((this.#words[base + Slot.protocol] as number) >>> 16) & 0xff;
    if (protocol === 0)
      return this.recognizer.byNumber(transportIndex.ethernet, (this.#words[base + Slot.origin] as number) >>> 16);
    return this.#transports[protocol] === transportIndex.ip ? this.recognizer.byNumber(transportIndex.ip, protocol) : -1;
  }

  #transportOf(base: number): number {
    const protocol = ((this.#words[base + Slot.protocol] as number) >>> 16) & 0xff;
    return protocol === 0 ? transportIndex.ethernet : (this.#transports[protocol] as number);
  }

  of(slot: number): Flow | undefined {
    return ((this.#words[(slot << slotShift) + Slot.state] as number) & State.flow) === 0 ? undefined : this.#flows[slot];
  }

  open(slot: number): Flow {
    const base = slot << slotShift;
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const transport = this.#transportOf(base);
    const ports = words[base + Slot.ports] as number;
    const startUs = this.#numbers[(base + Slot.startUs) >> 1] as number;
    const flow = this.#take(transport === 0 ? 0 : 1);
    flow.open(slot, transportNames[transport] as Transport, ports & 0xffff, ports >>> 16, startUs);
    words[base + Slot.state] = state | State.flow;
    while (this.#flows.length <= slot) this.#flows.push(undefined);
    this.#flows[slot] = flow;
    if (transport === 0) {
      this.startSide(flow, flow.side0);
      this.startSide(flow, flow.side1);
      if (flow.side0.unknown) flow.side0.letGo();
      if (flow.side1.unknown) flow.side1.letGo();
    }
    return flow;
  }

  #take(kind: 0 | 1): Flow {
    const flow = this.#freeFlows[kind];
    if (flow === undefined) return new Flow(this, kind === 0);
    this.#freeFlows[kind] = flow.next;
    this.#freeCounts[kind] -= 1;
    flow.next = undefined;
    return flow;
  }

  /** A flow that its session no longer needs; nothing about it changes until it is taken again. */
  #giveBack(flow: Flow): void {
    this.#flows[flow.slot] = undefined;
    const kind = flow.transport === 'tcp' ? 0 : 1;
    if (this.#freeCounts[kind] >= keptMost) return;
    flow.next = this.#freeFlows[kind];
    this.#freeFlows[kind] = flow;
    this.#freeCounts[kind] += 1;
  }

  takeDecoder(index: number, flow: Flow): Decoder {
    const free = this.#freeOf(index, flow).pop();
    if (free === undefined) {
      const { definition, options } = this.recognizer.decoders[index] as EnabledDecoder;
      return definition.create(flow, options);
    }
    free.recycle?.(flow);
    return free;
  }

  giveBackDecoder(index: number, decoder: Decoder, flow: Flow): void {
    const free = this.#freeOf(index, flow);
    if (decoder.recycle !== undefined && free.length < keptMost) free.push(decoder);
  }

  #freeOf(index: number, flow: Flow): Decoder[] {
    return this.#freeDecoders[index * transportNames.length + transportIndex[flow.transport]] as Decoder[];
  }

  recognised(flow: Flow, index: number): void {
    const words = this.#words;
    const base = flow.slot << slotShift;
    words[base + Slot.state] = (words[base + Slot.state] as number) | State.decoded;
    const { definition } = this.recognizer.decoders[index] as EnabledDecoder;
    let list = (words[base + Slot.probing] as number) >>> Probing.listShift;
    if (definition.nameOf !== undefined) {
      const name = definition.nameOf(flow.clientPort, flow.serverPort);
      list = this.#protocols.addName(list, name);
    } else if (definition.namesItself !== true) list = this.#protocols.add(list, index);
    words[base + Slot.probing] = (list << Probing.listShift) | ((index + 1) << Probing.decoderShift);
    if (this.ruling !== undefined) this.ruling.recognised(flow.slot);
  }

  named(flow: Flow, name: string): void {
    this.addProtocol(flow.slot, name);
  }

  /** The first payload of a direction: names what it looks like. */
  name(names: NameMatcher, view: PacketView, slot: number, direction: Direction): void {
    const { protocol } = view;
    const transport = protocol === Protocol.tcp ? 0 : protocol === Protocol.udp ? 1 : protocol === Protocol.sctp ? 2 : -1;
    if (transport < 0 || view.ipVersion === 0) return;
    const from = view.payloadStart;
    this.#match(names, transport, slot, direction, view.bytes, from, from + view.payloadLength);
  }

  /** The only segment of a TCP session, at its end: names it, and gives it to the decoder that takes it. */
  lone(names: NameMatcher | undefined, slot: number, bytes: Buffer, timeUs: number): void {
    if (names !== undefined) this.#match(names, 0, slot, 0, bytes, 0, bytes.length);
    if (this.#transports[Protocol.tcp] === noTransport) return;
    const flow = this.open(slot);
    flow.side(0).lead = aligned;
    flow.deliver(flow.side(0), bytes, 0, bytes.length, timeUs);
  }

  #match(
    names: NameMatcher,
    transport: number,
    slot: number,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
  ): void {
    const ports = this.#words[(slot << slotShift) + Slot.ports] as number;
    this.#namedSlot = slot;
    names.match(transport, direction, bytes, from, to, ports & 0xffff, ports >>> 16, this.#named);
  }

  #nameSession(slot: number, signature: Signature): void {
    if (signature.name !== '') this.addProtocol(slot, signature.name);
    if (signature.tag !== undefined) this.tag(slot, signature.tag);
    if (signature.note !== undefined) this.noteFrom(slot, signature.note.field, signature.note.value);
  }

  /** Adds a tag to the session's record. */
  tag(slot: number, tag: string): void {
    this.noteFrom(slot, tagsField, tag);
  }

  note(flow: Flow, field: SessionField, value: ByteText | JsonText | string | number | boolean): void {
    if (!this.#wantsNotes && this.ruling === undefined && field !== tagsField) return;
    if (!this.notes.add(flow.slot, field, value) || this.ruling === undefined) return;
    this.ruling.noted(flow.slot, field, typeof value === 'number' ? (field.names?.[value] ?? value) : value);
  }

  /** As `note`, of a session that may have no decoder. */
  noteFrom(slot: number, field: SessionField, value: string | number | boolean): void {
    // What is noted is forgotten with the session only where this says so.
    const at = (slot << slotShift) + Slot.state;
    this.#words[at] = (this.#words[at] as number) | State.noted;
    if (this.notes.add(slot, field, value) && this.ruling !== undefined) this.ruling.noted(slot, field, value);
  }

  /** Adds a name to those of a session, when it is not there. */
  addProtocol(slot: number, name: string): void {
    const at = (slot << slotShift) + Slot.probing;
    const probing = this.#words[at] as number;
    const before = probing >>> Probing.listShift;
    const list = this.#protocols.addName(before, name);
    if (list === before) return;
    this.#words[at] = (probing & ~(-1 << Probing.listShift)) | (list << Probing.listShift);
    if (this.ruling !== undefined) this.ruling.noted(slot, undefined, name);
  }

  removeProtocol(slot: number, name: string): void {
    const at = (slot << slotShift) + Slot.probing;
    const probing = this.#words[at] as number;
    const list = this.#protocols.remove(probing >>> Probing.listShift, this.#protocols.numberOf(name));
    this.#words[at] = (probing & ~(-1 << Probing.listShift)) | (list << Probing.listShift);
  }

  /** After a datagram: the session does without its flow until the next one, if its decoder can. */
  rest(flow: Flow): void {
    if (!flow.rest()) return;
    const at = (flow.slot << slotShift) + Slot.state;
    this.#words[at] = (this.#words[at] as number) & ~State.flow;
    this.#giveBack(flow);
  }

  /** The flow of a session that has rested. */
  resume(slot: number): Flow {
    const flow = this.open(slot);
    const probing = this.#words[(slot << slotShift) + Slot.probing] as number;
    flow.resume(((probing >>> Probing.decoderShift) & 0xff) - 1);
    return flow;
  }

  /**
   * After a segment: a flow that nothing waits in, and of which no decoder had anything yet, goes; the addon follows its session as it
   * does others. False: it stays.
   */
  leave(flow: Flow): boolean {
    if (!flow.isNew) return false;
    const at = (flow.slot << slotShift) + Slot.state;
    const state = this.#words[at] as number;
    if (isNeeded(flow.side0, state) || isNeeded(flow.side1, state)) return false;
    this.#words[at] = state & ~State.flow;
    this.#giveBack(flow);
    return true;
  }

  startSide({ slot }: Flow, side: StreamSide): void {
    const base = slot << slotShift;
    const state = this.#words[base + Slot.state] as number;
    const direction = side.direction;
    side.unknown = (state & (State.unknown0 << direction)) !== 0;
    side.lead = leadOf(state, direction);
    if ((state & (State.seen0 << direction)) === 0) return;
    side.started = true;
    // What is kept for recognition has not been delivered; after it there may be holes by now, and also before.
    const isKept = this.kept.has(slot, direction);
    side.next = isKept ? this.kept.after(slot, direction) : this.#tcp.deliveryStart(slot, direction);
    if ((state & (State.fin0 << direction)) !== 0) {
      side.finKnown = true;
      side.finAt = ((this.#words[base + Slot.side0 + direction * 16 + Side.top] as number) - 1) | 0;
      side.finished = !isKept && ((side.next - side.finAt) | 0) >= 0;
    }
    if (!side.unknown) return;
    side.lead = Math.max(0, (side.next - (this.#words[base + Slot.side0 + direction * 16 + Side.low] as number)) | 0);
  }

  /** Forgets all of a session whose slot is given back. */
  forget(slot: number): void {
    const state = this.#words[(slot << slotShift) + Slot.state] as number;
    if ((state & (State.decoded | State.noted)) !== 0) this.notes.forget(slot);
    if ((state & State.flow) !== 0) this.#giveBack(this.#flows[slot] as Flow);
  }

  recognise(slot: number, direction: Direction, bytes: Buffer, from: number, to: number): number {
    const base = slot << slotShift;
    const ports = this.#words[base + Slot.ports] as number;
    return this.recognizer.recognise(this.#transportOf(base), direction, bytes, from, to, ports & 0xffff, ports >>> 16);
  }

  recogniseNext(
    slot: number,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    start: number,
    after: number,
    timeUs: number,
  ): number {
    const { kept } = this;
    const length = to - from;
    // Nothing will come in order after what the snap length cut.
    const isCut = length < ((after - start) | 0);
    if (!kept.has(slot, direction)) {
      const found = this.recognise(slot, direction, bytes, from, to);
      if (found !== Recognition.wait) return found;
      return !isCut && kept.add(slot, direction, bytes, from, length, after, timeUs) >= 0 ? found : Recognition.none;
    }
    const before = kept.add(slot, direction, bytes, from, length, after, timeUs);
    if (before < 0) return Recognition.none;
    const found = this.recognise(slot, direction, kept.bytes, kept.from, kept.to);
    if (found >= 0) kept.cut(slot, direction, before, start);
    return found === Recognition.wait && isCut ? Recognition.none : found;
  }

  isClientAddress(flow: Flow, bytes: Uint8Array, at: number, length: number): boolean {
    const base = flow.slot << slotShift;
    const ipVersion = ((this.#words[base + Slot.protocol] as number) >>> 8) & 0xff;
    if (length !== (ipVersion === 4 ? 4 : ipVersion === 6 ? 16 : 0)) return false;
    const own = (base + Slot.addressA) * 4;
    for (let index = 0; index < length; index += 1) if (this.#octets[own + index] !== bytes[at + index]) return false;
    return true;
  }

  emitRecord<R>(flow: Flow, type: RecordType<R>, record: R, timeUs: number): void {
    if (this.ruling?.isHiddenSession(flow.slot) === true) return;
    this.#sink.record(type, record, this.#view.at(flow.slot, this.ending), timeUs);
  }

  emitAnomaly(flow: Flow, anomaly: Anomaly, timeUs: number): void {
    if (this.ruling?.isHiddenSession(flow.slot) === true) return;
    this.#sink.anomaly(anomaly, this.#view.at(flow.slot, this.ending), timeUs);
  }

  payloadUnwanted(flow: Flow): void {
    const at = (flow.slot << slotShift) + Slot.state;
    const state = (this.#words[at] as number) & ~State.wanted;
    if (flow.isIdle) {
      this.#words[at] = state & ~State.flow;
      this.#giveBack(flow);
    } else this.#words[at] = state;
  }

  tcpHoleAcked(flow: Flow, timeUs: number): void {
    this.odd(flow.slot, Odd.ackedUnseen, timeUs);
  }

  /** Counts an anomaly of the engine's own; the first of its kind in a session goes to the sink. */
  odd(slot: number, kind: number, timeUs: number): void {
    const at = (slot << slotShift) + Slot.state;
    const state = this.#words[at] as number;
    const bit = State.anomalies << kind;
    this.counters[C.anomalies] = (this.counters[C.anomalies] as number) + 1;
    if ((state & bit) !== 0) {
      this.counters[C.suppressed_anomalies] = (this.counters[C.suppressed_anomalies] as number) + 1;
      return;
    }
    this.#words[at] = state | bit;
    this.#sink.anomaly(ownAnomalies[kind] as Anomaly, this.#view.at(slot, this.ending), timeUs);
  }
}
