// Puts the TCP segments of a flow into order: delivers what is next, keeps what came early within the bounds, and gives
// holes up when they will not be filled. One a worker; the flow's sides hold the state. It knows nothing of decoders.

import type { CounterBlock } from '../counters/index.ts';
import { type Direction, giveBack } from '../decoders/index.ts';
import { type Flow, Stage } from './flow.ts';
import type { QueueBudget, QueuedSegment } from './segment-queue.ts';
import type { SessionConfig } from './session-config.ts';
import { sessionCounters } from './session-counters.ts';
import type { StreamSide } from './stream-side.ts';

const C = sessionCounters.index;

export class StreamAssembler {
  readonly #config: SessionConfig;
  readonly #counters: CounterBlock;
  readonly #budget: QueueBudget;

  constructor(config: SessionConfig, counters: CounterBlock, budget: QueueBudget) {
    this.#config = config;
    this.#counters = counters;
    this.#budget = budget;
  }

  /**
   * A TCP segment with payload or FIN: sequence numbers `[start, start + wireLength)`, of which `captured` bytes stand at
   * `from`. `clockUs` is the source's clock. The flow is not over.
   */
  segment(
    flow: Flow,
    direction: Direction,
    start: number,
    wireLength: number,
    fin: boolean,
    bytes: Buffer,
    from: number,
    captured: number,
    timeUs: number,
    clockUs: number,
  ): void {
    const side = flow.side(direction);
    let length = wireLength;
    // Nothing follows a FIN.
    if (side.finKnown && length > 0 && ((start + length - side.finAt) | 0) > 0) length = Math.max(0, (side.finAt - start) | 0);
    if (!side.started) {
      side.started = true;
      side.next = start;
    }
    // A FIN below what was delivered is an old one or a lie.
    if (fin && !side.finKnown && ((start + length - side.next) | 0) >= 0) {
      side.finKnown = true;
      side.finAt = (start + length) | 0;
    }
    const ahead = (start - side.next) | 0;
    if (ahead <= 0) {
      // What was delivered before stays: only the part beyond it is new.
      const rest = length + ahead;
      if (rest > 0) {
        const present = captured < length ? captured : length;
        // Not `-ahead`, which may be -0: all positions from here on would be floating-point numbers.
        const known = 0 - ahead;
        const trimmed = known < present ? known : present;
        this.#advance(flow, side, bytes, from + trimmed, present - trimmed, rest, timeUs);
      }
      if (flow.stage !== Stage.over && side.queue !== undefined) this.#drain(flow, side, timeUs);
    } else if (length > 0) {
      this.#enqueue(flow, side, start, length, ahead, bytes, from, captured, timeUs);
    }
    if (side.isComplete) flow.finish(side, timeUs);
    if (side.isBlocked) side.seeHole(clockUs);
  }

  #enqueue(
    flow: Flow,
    side: StreamSide,
    start: number,
    length: number,
    ahead: number,
    bytes: Buffer,
    from: number,
    captured: number,
    timeUs: number,
  ): void {
    const queue = side.ensureQueue(this.#budget);
    const wanted = flow.stage !== Stage.decoding || side.skipLeft < ahead + length;
    const pieces = queue.add(start, length, bytes, from, captured, wanted);
    const counters = this.#counters;
    counters[C.tcp_queued_segments] = (counters[C.tcp_queued_segments] as number) + pieces;
    while (queue.segments.length > this.#config.tcp_queue_segments)
      this.#giveUpHole(flow, side, C.holes_given_up_segments, timeUs);
    while (queue.bytes > this.#config.tcp_queue_bytes) this.#giveUpHole(flow, side, C.holes_given_up_bytes, timeUs);
    while (queue.segments.length > 0 && this.#budget.bytes > this.#budget.limitBytes) {
      this.#giveUpHole(flow, side, C.holes_given_up_total, timeUs);
    }
  }

  /**
   * Looks whether a hole of the direction is to be given up. Called with each packet of the session.
   * @param acked highest acknowledgement of the other side, when `hasAcked`
   */
  check(flow: Flow, direction: Direction, hasAcked: boolean, acked: number, clockUs: number, timeUs: number): void {
    const side = flow.side(direction);
    const config = this.#config;
    while (flow.stage !== Stage.over && side.isBlocked) {
      const hole = side.seeHole(clockUs);
      const isAcked = hasAcked && ((acked - side.holeEnd) | 0) >= 0;
      if (isAcked && hole.ackedUs < 0) hole.ackedUs = clockUs;
      if (isAcked && clockUs - hole.ackedUs >= config.tcp_acked_hole_wait_ms * 1000) {
        flow.tellAckedHole(timeUs);
        this.#giveUpHole(flow, side, C.holes_given_up_acked, timeUs);
      } else if (clockUs - hole.seenUs >= config.tcp_hole_wait_ms * 1000) {
        this.#giveUpHole(flow, side, C.holes_given_up_time, timeUs);
      } else return;
    }
  }

  /** Tells the decoder of the hole before the first waiting segment and delivers what follows it. */
  #giveUpHole(flow: Flow, side: StreamSide, counter: number, timeUs: number): void {
    const counters = this.#counters;
    counters[counter] = (counters[counter] as number) + 1;
    const length = (side.holeEnd - side.next) | 0;
    side.next = side.holeEnd;
    side.endHole();
    flow.gap(side, length, timeUs);
    if (flow.stage === Stage.over) return;
    if (side.queue !== undefined) this.#drain(flow, side, timeUs);
    if (side.isComplete) flow.finish(side, timeUs);
  }

  /** Delivers waiting segments that are in order now. */
  #drain(flow: Flow, side: StreamSide, timeUs: number): void {
    const queue = side.queue;
    if (queue === undefined) return;
    while (queue.segments.length > 0) {
      const first = queue.segments[0] as QueuedSegment;
      const ahead = (first.start - side.next) | 0;
      if (ahead > 0) return;
      queue.take();
      side.endHole();
      const { bytes } = first;
      const rest = first.length + ahead;
      if (rest > 0) {
        const known = 0 - ahead;
        const trimmed = known < first.captured ? known : first.captured;
        if (bytes === undefined) this.#advanceUnread(flow, side, first.captured - trimmed, rest, timeUs);
        else this.#advance(flow, side, bytes, trimmed, first.captured - trimmed, rest, timeUs);
      }
      if (bytes !== undefined) giveBack(bytes);
      if (flow.stage === Stage.over) return;
    }
  }

  /** Delivers `captured` bytes at `from`, tells of those the snap length cut, and moves on by `length`. */
  #advance(flow: Flow, side: StreamSide, bytes: Buffer, from: number, captured: number, length: number, timeUs: number): void {
    side.next = (side.next + length) | 0;
    if (captured > 0) flow.deliver(side, bytes, from, from + captured, timeUs);
    if (captured < length) flow.gap(side, length - captured, timeUs);
  }

  /** The same for a segment whose bytes were not kept because a skip covered them. */
  #advanceUnread(flow: Flow, side: StreamSide, captured: number, length: number, timeUs: number): void {
    side.next = (side.next + length) | 0;
    const skipped = flow.deliverUnread(side, captured, timeUs);
    // The skip ended early only if the stream changed hands meanwhile; then the bytes are lost.
    if (length > skipped) flow.gap(side, length - skipped, timeUs);
  }

  /** The side's numbers begin anew at `start`, so far from the old ones that nobody knows how much is missing. */
  reanchor(flow: Flow, direction: Direction, start: number, timeUs: number): void {
    const side = flow.side(direction);
    side.queue?.clear();
    side.next = start;
    side.started = true;
    side.finKnown = false;
    side.endHole();
    flow.lost(side, timeUs);
  }

  /** The session is over: delivers what still waits, with its gaps. */
  flush(flow: Flow, timeUs: number): void {
    this.#flushSide(flow, flow.side0, timeUs);
    this.#flushSide(flow, flow.side1, timeUs);
  }

  #flushSide(flow: Flow, side: StreamSide, timeUs: number): void {
    while (flow.stage !== Stage.over && side.isBlocked) this.#giveUpHole(flow, side, C.holes_given_up_end, timeUs);
  }
}
