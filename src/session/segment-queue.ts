// TCP segments of one direction that came before a missing one. Sorted, without overlaps: what came first stays. Made by
// a stream side when the first such segment comes; bounded by segments, bytes and the worker's total.

import type { CounterBlock } from '../counters/index.ts';
import { giveBack, lend } from '../decoders/index.ts';
import { sessionCounters } from './session-counters.ts';

const C = sessionCounters.index;

/** What a waiting segment costs beside its bytes; so tiny segments are bounded by the worker's total as well. */
export const segmentCostBytes = 256;

const smallestBuffer = 128;

/** Memory of waiting segments in the whole worker. */
export class QueueBudget {
  bytes: number;
  readonly limitBytes: number;
  readonly #counters: CounterBlock;

  constructor(limitBytes: number, counters: CounterBlock) {
    this.bytes = 0;
    this.limitBytes = limitBytes;
    this.#counters = counters;
  }

  add(bytes: number): void {
    this.bytes += bytes;
    this.#counters[C.tcp_queued_bytes] = this.bytes;
  }
}

export interface QueuedSegment {
  /** Sequence numbers `[start, start + length)`. */
  start: number;
  length: number;
  /** The captured bytes, `[0, captured)` of a lent buffer; undefined when they will be skipped by count. */
  bytes: Buffer | undefined;
  /** Bytes captured, whether kept or not; at most `length`. */
  captured: number;
}

export class SegmentQueue {
  readonly segments: QueuedSegment[];
  /** Payload bytes kept here. */
  bytes: number;
  readonly #budget: QueueBudget;

  constructor(budget: QueueBudget) {
    this.segments = [];
    this.bytes = 0;
    this.#budget = budget;
  }

  /**
   * Keeps what is new of the segment `[start, start + length)`, of which `captured` bytes stand at `from` in `bytes`.
   * @param wanted false: only lengths are kept
   * @returns pieces kept
   */
  add(start: number, length: number, bytes: Buffer, from: number, captured: number, wanted: boolean): number {
    const segments = this.segments;
    const end = (start + length) | 0;
    // Most segments go behind the last one.
    let position = segments.length;
    while (position > 0) {
      const before = segments[position - 1] as QueuedSegment;
      if (((before.start + before.length - start) | 0) <= 0) break;
      position -= 1;
    }
    let pieces = 0;
    let at = start;
    while (((end - at) | 0) > 0) {
      const next = segments[position];
      const stop = next !== undefined && ((next.start - end) | 0) < 0 ? next.start : end;
      if (((stop - at) | 0) > 0) {
        const offset = (at - start) | 0;
        const size = (stop - at) | 0;
        const present = Math.max(0, Math.min(size, captured - offset));
        const segment = this.#segment(at, size, bytes, from + offset, present, wanted);
        if (position === segments.length) segments.push(segment);
        else segments.splice(position, 0, segment);
        position += 1;
        pieces += 1;
      }
      if (next === undefined) break;
      const past = (next.start + next.length) | 0;
      if (((past - at) | 0) > 0) at = past;
      position += 1;
    }
    return pieces;
  }

  /** Takes the lowest segment out; only when there is one. Its bytes no longer count; the caller gives their buffer back. */
  take(): QueuedSegment {
    const segment = this.segments.shift() as QueuedSegment;
    this.#release(segment.bytes === undefined ? 0 : segment.captured, 1);
    return segment;
  }

  clear(): void {
    if (this.segments.length === 0) return;
    for (const { bytes } of this.segments) if (bytes !== undefined) giveBack(bytes);
    this.#release(this.bytes, this.segments.length);
    this.segments.length = 0;
  }

  #segment(start: number, length: number, bytes: Buffer, from: number, captured: number, wanted: boolean): QueuedSegment {
    let kept: Buffer | undefined;
    if (wanted && captured > 0) {
      kept = lend(captured, smallestBuffer);
      bytes.copy(kept, 0, from, from + captured);
      this.bytes += captured;
    }
    this.#budget.add(segmentCostBytes + (kept === undefined ? 0 : captured));
    return { start, length, bytes: kept, captured };
  }

  #release(bytes: number, segments: number): void {
    this.bytes -= bytes;
    this.#budget.add(-(bytes + segments * segmentCostBytes));
  }
}
