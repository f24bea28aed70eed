// The flows of a worker by slot, and what they need of the worker: where their records go, how their protocol is
// recognised. Owned by the session engine.

import type { CounterBlock } from '../counters/index.ts';
import type { Direction, Recognizer, Transport } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import type { Anomaly, RecordType, SessionEnd } from '../record/index.ts';
import { Flow } from './flow.ts';
import type { FlowHost } from './flow-host.ts';
import { Protocol } from './protocols.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { SessionSink } from './session-sink.ts';
import type { SessionTable } from './session-table.ts';
import type { SessionView } from './session-view.ts';
import { Side, Slot, State, slotShift } from './slot-layout.ts';
import { aligned, type StreamSide } from './stream-side.ts';
import { tcpAnomalies } from './tcp-anomalies.ts';
import type { TcpTracker } from './tcp-tracker.ts';

const C = sessionCounters.index;
const transportNames: readonly Transport[] = ['tcp', 'udp', 'sctp'];
const noTransport = -1;

/** The engine's own anomalies, by bit of `Slot.state` from `State.anomalies` on. */
const ownAnomalies: readonly Anomaly[] = [
  tcpAnomalies.segment_out_of_window,
  tcpAnomalies.reset_out_of_window,
  tcpAnomalies.acked_unseen_bytes,
  tcpAnomalies.stream_lost,
];
export const Odd = { segment: 0, reset: 1, ackedUnseen: 2, streamLost: 3 } as const;

export class FlowTable implements FlowHost {
  readonly config: SessionConfig;
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  /** What `SessionFacts.end` says in records made now. */
  ending: SessionEnd;
  readonly #sink: SessionSink;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #tcp: TcpTracker;
  readonly #view: SessionView;
  /** As long as slots were used. */
  readonly #flows: (Flow | undefined)[];
  /** Transport index by IP protocol, `noTransport` when no decoder is for it. */
  readonly #transports: Int8Array;

  constructor(
    config: SessionConfig,
    counters: CounterBlock,
    recognizer: Recognizer,
    sink: SessionSink,
    table: SessionTable,
    tcp: TcpTracker,
    view: SessionView,
  ) {
    this.config = config;
    this.counters = counters;
    this.recognizer = recognizer;
    this.ending = 'part';
    this.#sink = sink;
    this.#words = table.words;
    this.#numbers = table.numbers;
    this.#tcp = tcp;
    this.#view = view;
    this.#flows = [];
    this.#transports = new Int8Array(256).fill(noTransport);
    for (const [transport, protocol] of [Protocol.tcp, Protocol.udp, Protocol.sctp].entries()) {
      if (recognizer.hasDecoders(transport)) this.#transports[protocol] = transport;
    }
  }

  /** True when some decoder is for sessions of this IP protocol. */
  wants(protocol: number): boolean {
    return this.#transports[protocol] !== noTransport;
  }

  of(slot: number): Flow | undefined {
    return ((this.#words[(slot << slotShift) + Slot.state] as number) & State.flow) === 0 ? undefined : this.#flows[slot];
  }

  open(slot: number): Flow {
    const base = slot << slotShift;
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    const transport = this.#transports[((words[base + Slot.protocol] as number) >>> 16) & 0xff] as number;
    const ports = words[base + Slot.ports] as number;
    const startUs = this.#numbers[(base + Slot.startUs) >> 1] as number;
    const flow = new Flow(this, slot, transportNames[transport] as Transport, ports & 0xffff, ports >>> 16, startUs);
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

  /** Forgets the flow of a slot that is given back. */
  release(slot: number): void {
    this.#flows[slot] = undefined;
  }

  /** Decoder for the payload of the packet at `view`, as `Recognizer.recognise` answers. */
  recognise(view: PacketView, base: number, direction: Direction): number {
    const ports = this.#words[base + Slot.ports] as number;
    const from = view.payloadStart;
    return this.recognizer.recognise(
      this.#transports[view.protocol] as number,
      direction,
      view.bytes,
      from,
      from + view.payloadLength,
      ports & 0xffff,
      ports >>> 16,
    );
  }

  emitRecord<R>(flow: Flow, type: RecordType<R>, record: R, timeUs: number): void {
    this.#sink.record(type, record, this.#view.at(flow.slot, flow, this.ending), timeUs);
  }

  emitAnomaly(flow: Flow, anomaly: Anomaly, timeUs: number): void {
    this.#sink.anomaly(anomaly, this.#view.at(flow.slot, flow, this.ending), timeUs);
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
    this.#sink.anomaly(ownAnomalies[kind] as Anomaly, this.#view.at(slot, this.of(slot), this.ending), timeUs);
  }
}
