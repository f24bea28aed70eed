// Counts how often and how long the garbage collector stops a worker thread. Every worker has one of its own when somebody
// can look at it (a live run, or the admin interface); a run over files has none and pays nothing.
//
// A packet worker never returns to its event loop, so observers of `perf_hooks` never hear of anything there. V8's
// profiler of collections hands over what it has gathered whenever it is asked; it is asked once a second, from the end
// of a batch, which otherwise costs one look at the clock. Nothing happens per packet.

import { GCProfiler } from 'node:v8';
import { type CounterBlock, type CounterHandle, defineCounters, openCounterBlock } from '../counters/index.ts';
import { monotonicMs } from '../monotonic-clock.ts';

/** One block a worker thread, label `thread`. */
export const threadCounters = defineCounters('thread', {
  gc_pauses: { help: 'Times that the garbage collector stopped the thread.' },
  gc_pause_us: { help: 'Microseconds for which it did, all together.' },
  gc_pause_max_us: { help: 'Microseconds of the longest stop.', kind: 'gauge' },
});
const C = threadCounters.index;

/** Time between two readings; what a busy thread gathers meanwhile is some hundred kilobytes. */
const readEveryMs = 1000;

export class GcPauses {
  readonly #counters: CounterBlock;
  #profiler: GCProfiler;
  #dueMs: number;

  constructor(counters: CounterBlock) {
    this.#counters = counters;
    this.#profiler = new GCProfiler();
    this.#profiler.start();
    this.#dueMs = monotonicMs() + readEveryMs;
  }

  /** For the thread's handle, if it has one. */
  static of(handle: CounterHandle | undefined): GcPauses | undefined {
    return handle === undefined ? undefined : new GcPauses(openCounterBlock(handle));
  }

  /** Called once a batch. */
  tick(): void {
    const nowMs = monotonicMs();
    if (nowMs < this.#dueMs) return;
    this.#dueMs = nowMs + readEveryMs;
    this.read();
    this.#profiler = new GCProfiler();
    this.#profiler.start();
  }

  /** Counts what has been gathered. By itself only at the end of the thread: nothing is gathered afterwards. */
  read(): void {
    const counters = this.#counters;
    for (const { cost } of this.#profiler.stop()?.statistics ?? []) {
      const us = Math.round(cost);
      counters[C.gc_pauses] = (counters[C.gc_pauses] as number) + 1;
      counters[C.gc_pause_us] = (counters[C.gc_pause_us] as number) + us;
      counters[C.gc_pause_max_us] = Math.max(counters[C.gc_pause_max_us] as number, us);
    }
  }
}
