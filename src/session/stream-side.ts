// One direction of a session whose payload somebody wants: where delivery stands, what waits for a missing segment, and what
// is being skipped. State only; the flow acts on it.

import type { Direction } from '../decoders/index.ts';
import { type QueueBudget, SegmentQueue } from './segment-queue.ts';

/** `lead` of a side whose decoder sees it from its start on. */
export const aligned = -1;

/** Of the hole that a side waits at. Few sides ever have one. */
export class HoleClocks {
  /** When it was first seen; -1 no hole. */
  seenUs: number;
  /** When the receiver was first seen to have acknowledged past it; -1 not yet. */
  ackedUs: number;

  constructor() {
    this.seenUs = -1;
    this.ackedUs = -1;
  }
}

export class StreamSide {
  readonly direction: Direction;
  /** `next` is known. */
  started: boolean;
  /** Sequence number of the next byte to deliver. */
  next: number;
  queue: SegmentQueue | undefined;
  /** Made with the first hole. */
  #hole: HoleClocks | undefined;
  finKnown: boolean;
  /** Sequence number of the FIN. */
  finAt: number;
  finished: boolean;
  /** Bytes of a skip: still to come, in all, and lost so far. */
  skipLeft: number;
  skipLength: number;
  skipMissing: number;
  /** Recognition has said no to this side. */
  unknown: boolean;
  /**
   * What the decoder must be told before its first data: `aligned` nothing; n > 0: so many bytes went by; 0: the stream
   * was picked up in its middle.
   */
  lead: number;

  constructor(direction: Direction) {
    this.direction = direction;
    this.started = false;
    this.next = 0;
    this.queue = undefined;
    this.#hole = undefined;
    this.finKnown = false;
    this.finAt = 0;
    this.finished = false;
    this.skipLeft = 0;
    this.skipLength = 0;
    this.skipMissing = 0;
    this.unknown = false;
    this.lead = aligned;
  }

  /** Something above `next` is known: a segment waits, or the FIN. */
  get isBlocked(): boolean {
    return (this.queue !== undefined && this.queue.segments.length > 0) || (this.finKnown && ((this.finAt - this.next) | 0) > 0);
  }

  /** The side is blocked: the hole that it waits at is seen from now on, if it was not before. */
  seeHole(clockUs: number): HoleClocks {
    this.#hole ??= new HoleClocks();
    if (this.#hole.seenUs < 0) this.#hole.seenUs = clockUs;
    return this.#hole;
  }

  /** The hole is no more, or another one. */
  endHole(): void {
    const hole = this.#hole;
    if (hole === undefined) return;
    hole.seenUs = -1;
    hole.ackedUs = -1;
  }

  /** Waits for nothing any more. */
  letGo(): void {
    this.queue?.clear();
    this.finKnown = false;
    this.endHole();
  }

  /** Delivered up to its FIN, and nobody was told yet. */
  get isComplete(): boolean {
    return this.finKnown && !this.finished && ((this.next - this.finAt) | 0) >= 0;
  }

  /** Sequence number after the hole; only when blocked. */
  get holeEnd(): number {
    const first = this.queue?.segments[0];
    return first === undefined ? this.finAt : first.start;
  }

  /** Nothing is waited for, and a skip is as far as the stream itself, whose next sequence number is `top`. */
  canRest(top: number): boolean {
    return !this.isBlocked && (this.skipLeft === 0 || this.next === top);
  }

  /** Bytes below `top` went by, all inside a skip. */
  catchUp(top: number): void {
    if (this.skipLeft === 0) return;
    this.skipLeft -= (top - this.next) | 0;
    this.next = top;
  }

  ensureQueue(budget: QueueBudget): SegmentQueue {
    this.queue ??= new SegmentQueue(budget);
    return this.queue;
  }

  /** As the constructor made it, but for the empty queue and the clocks of holes, which stay. */
  reset(): void {
    this.started = false;
    this.next = 0;
    this.endHole();
    this.finKnown = false;
    this.finAt = 0;
    this.finished = false;
    this.restart();
  }

  /** Forgets what belonged to the protocol that has just ended. */
  restart(): void {
    this.skipLeft = 0;
    this.skipLength = 0;
    this.skipMissing = 0;
    this.unknown = false;
    this.lead = aligned;
  }
}
