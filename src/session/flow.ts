// A session that somebody wants the payload of: recognition goes on, or a decoder is at work. It takes
// payload in order, feeds the decoder and is its context. Made by the session engine when needed, not for every session; runs
// on a packet worker. What a decoder throws is a programmer's error and passes through.

import {
  type Decoder,
  type DecoderContext,
  type Direction,
  DONE,
  type EnabledDecoder,
  type EndReason,
  HANDOVER,
  probeLimitBytes,
  Recognition,
  type Transport,
  transportIndex,
  Verdict,
} from '../decoders/index.ts';
import { type Anomaly, ByteText, type RecordType, type SessionField } from '../record/index.ts';
import type { FlowHost } from './flow-host.ts';
import { Notes } from './notes.ts';
import { sessionCounters } from './session-counters.ts';
import { SessionTexts } from './session-texts.ts';
import { aligned, StreamSide } from './stream-side.ts';

const C = sessionCounters.index;

/** Most protocols one after the other in a session. */
const maxHandovers = 8;
/** Most different anomalies of a session that make a record. */
const maxAnomalyNames = 32;

export const Stage = { probing: 0, decoding: 1, over: 2 } as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

const noProtocols: readonly string[] = [];
/** Both sides of every session of datagrams: they have no state, and such sessions are many. */
const noStream = new StreamSide(0);

export class Flow implements DecoderContext {
  readonly slot: number;
  readonly transport: Transport;
  readonly clientPort: number;
  readonly serverPort: number;
  readonly startUs: number;
  handoverAt: number;
  stage: Stage;
  /** Texts of the session's identity, made once. */
  readonly texts: SessionTexts;
  notes: Notes | undefined;
  readonly side0: StreamSide;
  readonly side1: StreamSide;
  readonly #host: FlowHost;
  #protocols: string[] | undefined;
  #decoder: Decoder | undefined;
  #decoderIndex: number;
  /** Decoders whose stream went over to another protocol, waiting for the session's end. */
  #former: Decoder[] | undefined;
  #anomalies: Set<string> | undefined;

  constructor(host: FlowHost, slot: number, transport: Transport, clientPort: number, serverPort: number, startUs: number) {
    this.slot = slot;
    this.transport = transport;
    this.clientPort = clientPort;
    this.serverPort = serverPort;
    this.startUs = startUs;
    this.handoverAt = 0;
    this.stage = Stage.probing;
    this.texts = new SessionTexts();
    this.notes = undefined;
    this.side0 = transport === 'tcp' ? new StreamSide(0) : noStream;
    this.side1 = transport === 'tcp' ? new StreamSide(1) : noStream;
    this.#host = host;
    this.#protocols = undefined;
    this.#decoder = undefined;
    this.#decoderIndex = -1;
    this.#former = undefined;
    this.#anomalies = undefined;
  }

  get protocols(): readonly string[] {
    return this.#protocols ?? noProtocols;
  }

  /** Nothing of the session depends on this object any more. */
  get isIdle(): boolean {
    return this.stage === Stage.over && this.#decoder === undefined && this.#former === undefined && this.notes === undefined;
  }

  side(direction: Direction): StreamSide {
    return direction === 0 ? this.side0 : this.side1;
  }

  // What decoders may ask of their session.

  emit<R>(type: RecordType<R>, record: R, timeUs: number): void {
    this.#host.emitRecord(this, type, record, timeUs);
  }

  note(field: SessionField, value: ByteText | string | number | boolean): void {
    this.notes ??= new Notes();
    const plain = value instanceof ByteText ? Buffer.from(value.bytes.subarray(value.from, value.to)).toString() : value;
    this.notes.add(field, plain, this.#host.config, this.#host.counters);
  }

  anomaly(anomaly: Anomaly, timeUs: number): void {
    const counters = this.#host.counters;
    counters[C.anomalies] = (counters[C.anomalies] as number) + 1;
    this.#anomalies ??= new Set();
    if (this.#anomalies.has(anomaly.name) || this.#anomalies.size >= maxAnomalyNames) {
      counters[C.suppressed_anomalies] = (counters[C.suppressed_anomalies] as number) + 1;
      return;
    }
    this.#anomalies.add(anomaly.name);
    this.#host.emitAnomaly(this, anomaly, timeUs);
  }

  // Recognition.

  /**
   * Gives the session to a decoder.
   * @param direction the side whose bytes were recognised
   */
  begin(index: number, direction: Direction): void {
    const enabled = this.#host.recognizer.decoders[index] as EnabledDecoder;
    this.#decoder = enabled.definition.create(this, enabled.options);
    this.#decoderIndex = index;
    this.stage = Stage.decoding;
    const name = enabled.definition.name;
    this.#protocols ??= [];
    if (!this.#protocols.includes(name)) this.#protocols.push(name);
    this.side(direction).lead = aligned;
    const counters = this.#host.counters;
    counters[C.recognised_sessions] = (counters[C.recognised_sessions] as number) + 1;
  }

  /** Payload for recognition; once it is decided, everything goes to the decoder in the order it came. */
  #probe(side: StreamSide, bytes: Buffer, from: number, to: number, timeUs: number): void {
    const length = to - from;
    if (side.unknown) {
      side.lead = Math.max(0, side.lead) + length;
      return;
    }
    const before = side.keptLength;
    let verdict: number;
    if (before === 0) {
      verdict = this.#recognise(side.direction, bytes, from, to);
      if (verdict === Recognition.wait) this.#keep(side, bytes, from, length, timeUs);
    } else {
      this.#keep(side, bytes, from, Math.min(length, probeLimitBytes - before), timeUs);
      verdict = this.#recognise(side.direction, side.kept as Buffer, 0, side.keptLength);
    }
    if (verdict === Recognition.wait) return;
    if (verdict < 0) {
      this.#giveUpSide(side, before + length);
      return;
    }
    this.begin(verdict, side.direction);
    const other = this.side(side.direction === 0 ? 1 : 0);
    this.#replay(other, other.keptLength);
    this.#replay(side, before);
    this.deliver(side, bytes, from, to, timeUs);
  }

  #recognise(direction: Direction, bytes: Buffer, from: number, to: number): number {
    return this.#host.recognizer.recognise(
      transportIndex[this.transport],
      direction,
      bytes,
      from,
      to,
      this.clientPort,
      this.serverPort,
    );
  }

  /** Adds bytes to what is kept, which is seldom more than a few. */
  #keep(side: StreamSide, bytes: Buffer, from: number, length: number, timeUs: number): void {
    const before = side.kept;
    const kept = Buffer.allocUnsafe(side.keptLength + length);
    if (before !== undefined) before.copy(kept, 0);
    else side.keptUs = timeUs;
    bytes.copy(kept, side.keptLength, from, from + length);
    side.kept = kept;
    side.keptLength = kept.length;
  }

  #replay(side: StreamSide, length: number): void {
    const kept = side.kept;
    this.#dropKept(side);
    if (kept !== undefined && length > 0) this.deliver(side, kept, 0, length, side.keptUs);
  }

  #dropKept(side: StreamSide): void {
    side.kept = undefined;
    side.keptLength = 0;
  }

  /** The side is of no known protocol; `passed` of its bytes go by. */
  #giveUpSide(side: StreamSide, passed: number): void {
    side.unknown = true;
    side.lead = Math.max(0, side.lead) + passed;
    this.#dropKept(side);
    if (this.side0.unknown && this.side1.unknown) this.#close();
  }

  /** No more delivery in this session. */
  #close(): void {
    this.stage = Stage.over;
    this.#clearSide(this.side0);
    this.#clearSide(this.side1);
    this.#host.payloadUnwanted(this);
  }

  #clearSide(side: StreamSide): void {
    side.queue?.clear();
    this.#dropKept(side);
  }

  // Delivery.

  /** A datagram of a recognised session. */
  datagram(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): void {
    let at = from;
    while (at < to && this.stage !== Stage.over) {
      if (this.stage === Stage.probing) {
        // After a handover, datagrams are probed one by one.
        const verdict = this.#recognise(direction, bytes, at, to);
        if (verdict < 0) return;
        this.begin(verdict, direction);
      }
      const answer = (this.#decoder as Decoder).data(direction, bytes, at, to, timeUs);
      // Nothing can be skipped beyond a datagram.
      if (answer >= 0) return;
      at = this.#obey(answer, at, to);
    }
  }

  /** Does what a decoder's negative answer says; returns where payload goes on. */
  #obey(answer: number, from: number, to: number): number {
    if (answer === DONE) {
      this.#close();
      return to;
    }
    if (answer !== HANDOVER) throw new Error(`decoder returned ${answer}`);
    this.#handOver();
    return Math.min(Math.max(this.handoverAt, from), to);
  }

  /** The next payload `[from, to)` of a side, in order. */
  deliver(side: StreamSide, bytes: Buffer, from: number, to: number, timeUs: number): void {
    let at = from;
    while (at < to) {
      if (this.stage === Stage.over) return;
      if (this.stage === Stage.probing) {
        this.#probe(side, bytes, at, to, timeUs);
        return;
      }
      if (side.skipLeft > 0) {
        const length = Math.min(side.skipLeft, to - at);
        at += length;
        this.#skip(side, length, 0, timeUs);
        continue;
      }
      if (side.lead !== aligned && !this.#announce(side, bytes, at, to, timeUs)) return;
      const answer = (this.#decoder as Decoder).data(side.direction, bytes, at, to, timeUs);
      if (answer === 0) return;
      if (answer > 0) {
        side.skipLeft = answer;
        side.skipLength = answer;
        side.skipMissing = 0;
        return;
      }
      at = this.#obey(answer, at, to);
    }
  }

  /** Tells the decoder what it missed before the first data of a side. False: it cannot go on. */
  #announce(side: StreamSide, bytes: Buffer, from: number, to: number, timeUs: number): boolean {
    const lead = side.lead;
    side.lead = aligned;
    if (lead === 0) {
      const definition = (this.#host.recognizer.decoders[this.#decoderIndex] as EnabledDecoder).definition;
      if (definition.probe(side.direction, bytes, from, to) !== Verdict.no) return true;
    }
    this.gap(side, lead, timeUs);
    return this.stage !== Stage.over;
  }

  /** A segment of `length` bytes that waited without them, because a skip covered it. Returns how many it still covers. */
  deliverUnread(side: StreamSide, length: number, timeUs: number): number {
    const skipped = Math.min(side.skipLeft, length);
    if (skipped > 0) this.#skip(side, skipped, 0, timeUs);
    return skipped;
  }

  #skip(side: StreamSide, length: number, missing: number, timeUs: number): void {
    side.skipLeft -= length;
    side.skipMissing += missing;
    if (side.skipLeft > 0) return;
    const total = side.skipLength;
    const lost = side.skipMissing;
    side.skipLength = 0;
    side.skipMissing = 0;
    (this.#decoder as Decoder).skipped(side.direction, total, lost, timeUs);
  }

  /** Nothing will complete the skip under way: the decoder is told how far it came. */
  #endSkip(side: StreamSide, timeUs: number): void {
    const passed = side.skipLength - side.skipLeft;
    if (side.skipLeft === 0 || passed === 0) return;
    const missing = side.skipMissing;
    side.skipLeft = 0;
    side.skipLength = 0;
    side.skipMissing = 0;
    (this.#decoder as Decoder).skipped(side.direction, passed, missing, timeUs);
  }

  /** The next `length` bytes of a side are missing. */
  gap(side: StreamSide, length: number, timeUs: number): void {
    if (this.stage === Stage.probing) {
      if (side.unknown) side.lead = Math.max(0, side.lead) + length;
      else if (side.keptLength > 0) this.#giveUpSide(side, side.keptLength + length);
      // Nothing of the side was seen before: it is picked up in its middle.
      else side.lead = 0;
      return;
    }
    if (this.stage === Stage.over) return;
    let rest = length;
    if (side.skipLeft > 0) {
      const inside = Math.min(side.skipLeft, rest);
      rest -= inside;
      this.#skip(side, inside, inside, timeUs);
      if (rest === 0) return;
    }
    const counters = this.#host.counters;
    counters[C.stream_gaps] = (counters[C.stream_gaps] as number) + 1;
    counters[C.stream_gap_bytes] = (counters[C.stream_gap_bytes] as number) + rest;
    if (!(this.#decoder as Decoder).gap(side.direction, rest, timeUs)) this.#close();
  }

  /** An unknown number of bytes of the side is missing: the capture lost track of it and found it again. */
  lost(side: StreamSide, timeUs: number): void {
    if (this.stage === Stage.probing) this.#giveUpSide(side, side.keptLength);
    else if (this.stage === Stage.decoding) {
      // How much is missing is unknown, so a skip cannot be followed to its end.
      side.skipLeft = 0;
      if (!(this.#decoder as Decoder).gap(side.direction, 0, timeUs)) this.#close();
    }
  }

  /** The side was delivered up to its FIN. */
  finish(side: StreamSide, timeUs: number): void {
    side.finished = true;
    if (this.stage === Stage.decoding) {
      this.#endSkip(side, timeUs);
      (this.#decoder as Decoder).finished(side.direction, timeUs);
    } else if (this.stage === Stage.probing && !side.unknown) this.#giveUpSide(side, side.keptLength);
  }

  /** Bytes were acknowledged that were never captured. */
  tellAckedHole(timeUs: number): void {
    this.#host.tcpHoleAcked(this, timeUs);
  }

  #handOver(): void {
    const counters = this.#host.counters;
    this.#former ??= [];
    if (this.#former.length >= maxHandovers) {
      counters[C.refused_handovers] = (counters[C.refused_handovers] as number) + 1;
      this.#close();
      return;
    }
    counters[C.handed_over_sessions] = (counters[C.handed_over_sessions] as number) + 1;
    this.#former.push(this.#decoder as Decoder);
    this.#decoder = undefined;
    this.#decoderIndex = -1;
    this.stage = Stage.probing;
    this.side0.restart();
    this.side1.restart();
  }

  /** The session is over, and what still waited was delivered: ends the decoders, the first one first. */
  end(reason: EndReason, timeUs: number): void {
    if (this.stage === Stage.decoding) {
      this.#endSkip(this.side0, timeUs);
      this.#endSkip(this.side1, timeUs);
    }
    this.stage = Stage.over;
    this.#clearSide(this.side0);
    this.#clearSide(this.side1);
    if (this.#former !== undefined) for (const decoder of this.#former) decoder.end('handover', timeUs);
    this.#decoder?.end(reason, timeUs);
  }
}
