// What a packet brings beyond its headers: TCP state and stream, datagrams, and recognition while nobody knows yet whose
// they are. Called by the session engine for every packet of a session, after it has been counted.

import { type Direction, Recognition } from '../decoders/index.ts';
import type { PacketView } from '../packet/index.ts';
import { OddSegment, TcpAnswer } from '../ring/index.ts';
import { type Flow, Stage } from './flow.ts';
import { type FlowTable, Odd } from './flow-table.ts';
import type { SessionConfig } from './session-config.ts';
import type { SessionTable } from './session-table.ts';
import { Probing, Side, Slot, State } from './slot-layout.ts';
import type { StreamAssembler } from './stream-assembler.ts';
import { aligned } from './stream-side.ts';
import { TcpFlag, type TcpTracker } from './tcp-tracker.ts';

export class PayloadPath {
  readonly #config: SessionConfig;
  readonly #words: Int32Array;
  readonly #numbers: Float64Array;
  readonly #tcp: TcpTracker;
  readonly #flows: FlowTable;
  readonly #assembler: StreamAssembler;

  constructor(config: SessionConfig, table: SessionTable, tcp: TcpTracker, flows: FlowTable, assembler: StreamAssembler) {
    this.#config = config;
    this.#words = table.words;
    this.#numbers = table.numbers;
    this.#tcp = tcp;
    this.#flows = flows;
    this.#assembler = assembler;
  }

  /** Takes the payload of a packet without a stream. */
  datagram(view: PacketView, slot: number, base: number, direction: Direction): void {
    const state = this.#words[base + Slot.state] as number;
    const captured = view.payloadLength;
    if ((state & State.wanted) === 0) return;
    const flows = this.#flows;
    let from = view.payloadStart;
    const to = from + captured;
    const numbered = flows.byNumber(base);
    // Those who are told by number read the header too.
    if (numbered >= 0) from = view.headersStart;
    if (from >= to) return;
    let flow: Flow;
    if ((state & State.flow) !== 0) flow = flows.of(slot) as Flow;
    else if ((state & State.decoded) !== 0) flow = flows.resume(slot);
    else {
      const found = numbered >= 0 ? numbered : flows.recognise(slot, direction, view.bytes, from, to);
      if (found < 0) {
        this.#notRecognised(base, state);
        return;
      }
      flow = flows.open(slot);
      flow.begin(found, direction);
    }
    flow.datagram(direction, view.bytes, from, to, view.timeUs);
    flows.rest(flow);
  }

  #notRecognised(base: number, state: number): void {
    const probing = (this.#words[base + Slot.probing] as number) + 1;
    this.#words[base + Slot.probing] = probing;
    if ((probing & Probing.tries) >= this.#config.probe_datagrams) this.#words[base + Slot.state] = state & ~State.wanted;
  }

  /**
   * Takes a TCP segment.
   * @param base word of the slot
   * @returns true when it has closed the session: from here on it only waits for late packets
   */
  segment(view: PacketView, slot: number, base: number, direction: Direction): boolean {
    const words = this.#words;
    const flags = view.tcpFlags;
    if ((words[base + Slot.state] as number) < 0) this.wake(slot, base);
    let answer = this.#tcp.track(view, slot, direction);
    let start = view.tcpSequence;
    if ((flags & TcpFlag.syn) !== 0) {
      start = (start + 1) | 0;
      const known = this.#flows.of(slot)?.side(direction);
      if (known !== undefined && !known.started) known.lead = aligned;
    }
    const length = view.payloadWireLength;
    if (answer === TcpAnswer.undecided || answer === TcpAnswer.apart) {
      if (answer === TcpAnswer.apart) this.#flows.open(slot);
      else this.#firstData(view, slot, direction, start, length);
      answer = this.#tcp.account();
    }
    this.odd(view, slot, answer);
    const closes = (answer & TcpAnswer.closes) !== 0;
    if ((answer & TcpAnswer.nothing) !== 0) return closes;
    const fin = (flags & TcpFlag.fin) !== 0;
    const state = words[base + Slot.state] as number;
    if ((state & (State.wanted | State.flow)) === (State.wanted | State.flow)) {
      const flow = this.#flows.of(slot) as Flow;
      // Times are read where they are used: handed from call to call each would become an object.
      const timeUs = view.timeUs;
      const clockUs = this.#numbers[(base + Slot.clockUs) >> 1] as number;
      // What the other side missed comes before what it was answered.
      const otherDirection = direction === 0 ? 1 : 0;
      if (flow.side(otherDirection).isBlocked) this.#checkHole(flow, base, otherDirection, clockUs, timeUs);
      if ((answer & OddSegment.streamLost) !== 0) this.#assembler.reanchor(flow, direction, start, timeUs);
      // What the other side missed may just have made the decoder stop.
      if ((length > 0 || fin) && flow.stage !== Stage.over && !flow.isPassing(direction)) {
        this.#assembler.segment(
          flow,
          direction,
          start,
          length,
          fin,
          view.bytes,
          view.payloadStart,
          view.payloadLength,
          timeUs,
          clockUs,
        );
      }
      if (flow.side(direction).isBlocked) this.#checkHole(flow, base, direction, clockUs, timeUs);
      if (!this.#flows.leave(flow)) this.#rest(flow, base);
    }
    return closes;
  }

  /** Tells what is odd about a segment, if anything is. `bits`: of `OddSegment`, among others. */
  odd(view: PacketView, slot: number, bits: number): void {
    if ((bits & OddSegment.refusedReset) !== 0) this.#flows.odd(slot, Odd.reset, view.timeUs);
    else if ((bits & OddSegment.outOfWindow) !== 0) this.#flows.odd(slot, Odd.segment, view.timeUs);
    else if ((bits & OddSegment.streamLost) !== 0) this.#flows.odd(slot, Odd.streamLost, view.timeUs);
  }

  /**
   * The flow of a session that may be resting is about to be used: it catches up with what went by inside its skips (`State.resting`,
   * crates/capture/src/follow), or it is opened and has in its queue what waited in the addon.
   */
  wake(slot: number, base: number): void {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    if (state >= 0) return;
    words[base + Slot.state] = state & ~State.resting;
    const flow = this.#flows.of(slot);
    if (flow === undefined) {
      this.#queueWaiting(slot);
      return;
    }
    flow.side0.catchUp(words[base + Slot.side0 + Side.top] as number);
    flow.side1.catchUp(words[base + Slot.side1 + Side.top] as number);
  }

  #queueWaiting(slot: number): void {
    const waiting = this.#flows.kept.takeWaiting(slot);
    if (waiting === null) return;
    const { bytes, ends, start, seenUs, ackedUs } = waiting;
    const flow = this.#flows.open(slot);
    const direction = waiting.side as Direction;
    let from = 0;
    for (const end of ends) {
      const length = end - from;
      this.#assembler.segment(flow, direction, (start + from) | 0, length, false, bytes, from, length, seenUs, seenUs);
      from = end;
    }
    if (ackedUs !== undefined) flow.side(direction).seeHole(seenUs).ackedUs = ackedUs;
  }

  /** The flow has seen a segment: from here on it sees only what it waits for, where it can catch up. */
  #rest(flow: Flow, base: number): void {
    const words = this.#words;
    const state = words[base + Slot.state] as number;
    // The ends of skips are where the time of a SYN is, which is wanted until the handshake is complete.
    const isTimed = (state & State.established) !== 0 || (state & (State.syn0 | State.syn1)) === 0;
    if ((state & State.flow) === 0 || !isTimed || (state & (State.holes0 | State.holes1)) !== 0) return;
    const { side0, side1 } = flow;
    const top0 = words[base + Slot.side0 + Side.top] as number;
    const top1 = words[base + Slot.side1 + Side.top] as number;
    if (!side0.canRest(top0) || !side1.canRest(top1)) return;
    words[base + Slot.state] = state | State.resting;
    words[base + Slot.skip0] = (top0 + side0.skipLeft) | 0;
    words[base + Slot.skip1] = (top1 + side1.skipLeft) | 0;
  }

  #checkHole(flow: Flow, base: number, direction: Direction, clockUs: number, timeUs: number): void {
    const state = this.#words[base + Slot.state] as number;
    const receiver = 1 - direction;
    const acked = this.#words[base + Slot.side0 + receiver * 16 + Side.acked] as number;
    this.#assembler.check(flow, direction, (state & (State.acked0 << receiver)) !== 0, acked, clockUs, timeUs);
  }

  /**
   * First data of a session that has no flow yet, next in order, of which the addon cannot say whose they are: asks decoders in place,
   * and keeps the bytes while that is undecided. Called before the segment is accounted.
   * @param start sequence number of the first byte
   */
  #firstData(view: PacketView, slot: number, direction: Direction, start: number, length: number): void {
    const flows = this.#flows;
    const { kept } = flows;
    const { payloadStart: from, payloadLength: captured } = view;
    const after = (start + length) | 0;
    const found = flows.recogniseNext(slot, direction, view.bytes, from, from + captured, start, after, view.timeUs);
    if (found >= 0) {
      // Bytes that were kept go to the decoder first; the flow does that, once the segment is accounted.
      const flow = flows.open(slot);
      if (!kept.has(slot, 0) && !kept.has(slot, 1)) flow.begin(found, direction);
    } else if (found === Recognition.none || (view.tcpFlags & TcpFlag.fin) !== 0) kept.giveUp(slot, direction);
  }
}
