// A session that somebody wants the payload of: a decoder is at work, or recognition needs bytes in order that did not come
// so. It takes payload in order, feeds the decoder and is its context. The session engine has it for a session while needed
// and uses it again for others; runs on a packet worker. What a decoder throws is a programmer's error and passes through.

import {
  type Decoder,
  type DecoderContext,
  type Direction,
  DONE,
  type EnabledDecoder,
  type EndReason,
  HANDOVER,
  type HeldBytes,
  Recognition,
  type Transport,
  Verdict,
} from '../decoders/index.ts';
import type { Anomaly, ByteText, JsonText, RecordType, SessionField } from '../record/index.ts';
import type { FlowHost } from './flow-host.ts';
import { sessionCounters } from './session-counters.ts';
import { aligned, StreamSide } from './stream-side.ts';

const C = sessionCounters.index;

/** Most protocols one after the other in a session. */
const maxHandovers = 8;
/** Most different anomalies of a session that make a record. */
const maxAnomalyNames = 32;

export const Stage = { probing: 0, decoding: 1, over: 2 } as const;
export type Stage = (typeof Stage)[keyof typeof Stage];

interface FormerDecoder {
  readonly decoder: Decoder;
  readonly index: number;
}

/** Both sides of every session of datagrams: they have no state, and such sessions are many. */
const noStream = new StreamSide(0);

export class Flow implements DecoderContext {
  /** These are the session's, set by `open`. */
  slot: number;
  clientPort: number;
  serverPort: number;
  startUs: number;
  transport: Transport;
  handoverAt: number;
  handoverTo: string;
  handoverHeld: HeldBytes | undefined;
  stage: Stage;
  readonly side0: StreamSide;
  readonly side1: StreamSide;
  /** Next free one while in the pool. */
  next: Flow | undefined;
  readonly #host: FlowHost;
  #decoder: Decoder | undefined;
  #decoderIndex: number;
  /** Decoders whose stream went over to another protocol, waiting for the session's end. */
  #former: FormerDecoder[] | undefined;
  #anomalies: Set<string> | undefined;

  constructor(host: FlowHost, isStream: boolean) {
    this.slot = 0;
    this.clientPort = 0;
    this.serverPort = 0;
    this.startUs = 0;
    this.transport = 'tcp';
    this.handoverAt = 0;
    this.handoverTo = '';
    this.handoverHeld = undefined;
    this.stage = Stage.over;
    this.side0 = isStream ? new StreamSide(0) : noStream;
    this.side1 = isStream ? new StreamSide(1) : noStream;
    this.next = undefined;
    this.#host = host;
    this.#decoder = undefined;
    this.#decoderIndex = -1;
    this.#former = undefined;
    this.#anomalies = undefined;
  }

  /** Begins a session, or goes on with one that had no flow for a while. The sides' places in the stream are set by the caller. */
  open(slot: number, transport: Transport, clientPort: number, serverPort: number, startUs: number): void {
    this.slot = slot;
    this.clientPort = clientPort;
    this.serverPort = serverPort;
    this.startUs = startUs;
    this.transport = transport;
    this.handoverAt = 0;
    this.handoverTo = '';
    this.handoverHeld = undefined;
    this.stage = Stage.probing;
    this.#decoder = undefined;
    this.#decoderIndex = -1;
    this.#former = undefined;
    this.#anomalies = undefined;
    if (transport !== 'tcp') return;
    this.side0.reset();
    this.side1.reset();
  }

  /** No decoder has had the session yet: what is known of its sides is in its slot, beside what waits in their queues. */
  get isNew(): boolean {
    return this.stage === Stage.probing && this.#former === undefined && this.#anomalies === undefined;
  }

  /** Nobody can want what a side sends, unless the other side tells whose the session is. */
  isPassing(direction: Direction): boolean {
    return this.side(direction).unknown && this.isNew;
  }

  /** Nothing of the session depends on this object any more. */
  get isIdle(): boolean {
    return this.stage === Stage.over && this.#decoder === undefined && this.#former === undefined;
  }

  /**
   * After a datagram: lets the decoder go when it holds nothing.
   * @returns true when the session needs no flow until its next datagram, which `resume` begins with
   */
  rest(): boolean {
    const decoder = this.#decoder;
    if (decoder?.isIdle !== true || this.stage !== Stage.decoding) return false;
    if (this.#former !== undefined || this.#anomalies !== undefined) return false;
    this.#decoder = undefined;
    this.#host.giveBackDecoder(this.#decoderIndex, decoder, this);
    return true;
  }

  /** After `open`: goes on with the decoder that the session had before it rested. */
  resume(index: number): void {
    this.#decoder = this.#host.takeDecoder(index, this);
    this.#decoderIndex = index;
    this.stage = Stage.decoding;
  }

  side(direction: Direction): StreamSide {
    return direction === 0 ? this.side0 : this.side1;
  }

  // What decoders may ask of their session.

  emit<R>(type: RecordType<R>, record: R, timeUs: number): void {
    this.#host.emitRecord(this, type, record, timeUs);
  }

  get details(): boolean {
    return this.#host.details;
  }

  protocol(name: string): void {
    this.#host.named(this, name);
  }

  note(field: SessionField, value: ByteText | JsonText | string | number | boolean): void {
    this.#host.note(this, field, value);
  }

  isClientAddress(bytes: Uint8Array, at: number, length: number): boolean {
    return this.#host.isClientAddress(this, bytes, at, length);
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
    // What nobody could want of the other side went by unseen.
    const other = direction === 0 ? 1 : 0;
    if (this.isPassing(other)) this.#host.startSide(this, this.side(other));
    this.resume(index);
    this.#host.recognised(this, index);
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
    const { direction, next } = side;
    const before = this.#host.kept.length(this.slot, direction);
    const verdict = this.#host.recogniseNext(this.slot, direction, bytes, from, to, (next - length) | 0, next, timeUs);
    if (verdict === Recognition.wait) return;
    if (verdict < 0) {
      this.#giveUpSide(side, before + length);
      return;
    }
    this.begin(verdict, direction);
    this.#replay(this.side(direction === 0 ? 1 : 0));
    this.#replay(side);
    this.deliver(side, bytes, from, to, timeUs);
  }

  /** Delivers the bytes kept, and keeps none. */
  #replay(side: StreamSide): void {
    const kept = this.#host.kept;
    if (!kept.has(this.slot, side.direction)) return;
    kept.open(this.slot, side.direction);
    const { timeUs } = kept;
    // A decoder may hand over at once, and then other bytes are kept.
    const bytes = Buffer.from(kept.bytes.subarray(kept.from, kept.to));
    kept.drop(this.slot, side.direction);
    this.deliver(side, bytes, 0, bytes.length, timeUs);
  }

  /** The side is of no known protocol; `passed` of its bytes go by. */
  #giveUpSide(side: StreamSide, passed: number): void {
    side.unknown = true;
    side.lead = Math.max(0, side.lead) + passed;
    if (this.isNew) {
      this.#host.kept.giveUp(this.slot, side.direction);
      side.letGo();
    } else this.#host.kept.drop(this.slot, side.direction);
    if (this.side0.unknown && this.side1.unknown) this.#close();
  }

  /** No more delivery in this session. */
  #close(): void {
    this.stage = Stage.over;
    this.#clearSides();
    const decoder = this.#decoder;
    if (decoder?.isIdle === true) {
      this.#decoder = undefined;
      this.#host.giveBackDecoder(this.#decoderIndex, decoder, this);
    }
    this.#host.payloadUnwanted(this);
  }

  #clearSides(): void {
    if (this.transport !== 'tcp') return;
    this.side0.queue?.clear();
    this.side1.queue?.clear();
    this.#host.kept.drop(this.slot, 0);
    this.#host.kept.drop(this.slot, 1);
  }

  // Delivery.

  /** A datagram of a recognised session. */
  datagram(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): void {
    let at = from;
    while (at < to && this.stage !== Stage.over) {
      if (this.stage === Stage.probing) {
        // After a handover, datagrams are probed one by one.
        const verdict = this.#host.recognise(this.slot, direction, bytes, at, to);
        if (verdict < 0) return;
        this.begin(verdict, direction);
      }
      const answer = (this.#decoder as Decoder).data(direction, bytes, at, to, timeUs);
      // Nothing can be skipped beyond a datagram.
      if (answer >= 0) return;
      at = this.#obey(answer, at, to, timeUs);
    }
  }

  /** Does what a decoder's negative answer says; returns where payload goes on. */
  #obey(answer: number, from: number, to: number, timeUs: number): number {
    if (answer === DONE) {
      this.#close();
      return to;
    }
    if (answer !== HANDOVER) throw new Error(`decoder returned ${answer}`);
    const at = Math.min(Math.max(this.handoverAt, from), to);
    this.#handOver(timeUs);
    return at;
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
        const length = side.skipLeft < to - at ? side.skipLeft : to - at;
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
      at = this.#obey(answer, at, to, timeUs);
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
    const skipped = side.skipLeft < length ? side.skipLeft : length;
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
      else if (this.#keptLength(side) > 0) this.#giveUpSide(side, this.#keptLength(side) + length);
      // Nothing of the side was seen before: it is picked up in its middle.
      else side.lead = 0;
      return;
    }
    if (this.stage === Stage.over) return;
    let rest = length;
    if (side.skipLeft > 0) {
      const inside = side.skipLeft < rest ? side.skipLeft : rest;
      rest -= inside;
      this.#skip(side, inside, inside, timeUs);
      if (rest === 0) return;
    }
    const counters = this.#host.counters;
    counters[C.stream_gaps] = (counters[C.stream_gaps] as number) + 1;
    counters[C.stream_gap_bytes] = (counters[C.stream_gap_bytes] as number) + rest;
    if (!(this.#decoder as Decoder).gap(side.direction, rest, timeUs)) this.#close();
  }

  #keptLength(side: StreamSide): number {
    return this.#host.kept.length(this.slot, side.direction);
  }

  /** An unknown number of bytes of the side is missing: the capture lost track of it and found it again. */
  lost(side: StreamSide, timeUs: number): void {
    if (this.stage === Stage.probing) this.#giveUpSide(side, this.#keptLength(side));
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
    } else if (this.stage === Stage.probing && !side.unknown) this.#giveUpSide(side, this.#keptLength(side));
  }

  /** Bytes were acknowledged that were never captured. */
  tellAckedHole(timeUs: number): void {
    this.#host.tcpHoleAcked(this, timeUs);
  }

  #handOver(timeUs: number): void {
    const held = this.handoverHeld;
    this.handoverHeld = undefined;
    const counters = this.#host.counters;
    this.#former ??= [];
    if (this.#former.length >= maxHandovers) {
      counters[C.refused_handovers] = (counters[C.refused_handovers] as number) + 1;
      this.#close();
      return;
    }
    counters[C.handed_over_sessions] = (counters[C.handed_over_sessions] as number) + 1;
    this.#former.push({ decoder: this.#decoder as Decoder, index: this.#decoderIndex });
    this.#decoder = undefined;
    this.#decoderIndex = -1;
    this.stage = Stage.probing;
    this.side0.restart();
    this.side1.restart();
    const heir = this.handoverTo === '' ? -1 : this.#host.recognizer.indexOf(this.handoverTo);
    this.handoverTo = '';
    if (heir >= 0) this.begin(heir, 0);
    if (held !== undefined) this.#deliverHeld(held, timeUs);
  }

  /** What the decoder before has held goes to the next one, or to recognition, as if it came now; what it did not hold is a hole. */
  #deliverHeld({ direction, bytes, length, timeUs, missing }: HeldBytes, nowUs: number): void {
    // Datagrams are whole, or lost.
    if (this.transport !== 'tcp') return;
    const side = this.side(direction);
    this.deliver(side, bytes, 0, length, timeUs);
    if (missing > 0) this.gap(side, missing, nowUs);
    if (side.finished) this.finish(side, nowUs);
  }

  /** The session is over, and what still waited was delivered: ends the decoders, the first one first. */
  end(reason: EndReason, timeUs: number): void {
    if (this.stage === Stage.decoding) {
      this.#endSkip(this.side0, timeUs);
      this.#endSkip(this.side1, timeUs);
    }
    this.stage = Stage.over;
    this.#clearSides();
    if (this.#former !== undefined) {
      for (const { decoder, index } of this.#former) {
        decoder.end('handover', timeUs);
        this.#host.giveBackDecoder(index, decoder, this);
      }
      this.#former = undefined;
    }
    const decoder = this.#decoder;
    if (decoder === undefined) return;
    decoder.end(reason, timeUs);
    this.#decoder = undefined;
    this.#host.giveBackDecoder(this.#decoderIndex, decoder, this);
  }
}
