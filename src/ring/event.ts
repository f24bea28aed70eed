// An event between the threads of this process, in one Int32 word: set wakes one waiter and resets (auto), or all until
// it is reset (manual). A waiter that says whose `set` it waits for is told when that thread died. Control planes only.
//
//   word:  0 not set │ 1 set

import type { ThreadTable } from './thread-table.ts';
import { type Waitable, WaitResult, waitFor, waitForAsync } from './waiting.ts';

export class Event {
  readonly kind: 'auto' | 'manual';
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #threads: ThreadTable;

  /** Over word `index`; the same word and kind on every thread. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, kind: 'auto' | 'manual', threads: ThreadTable) {
    this.kind = kind;
    this.#words = words;
    this.#index = index;
    this.#threads = threads;
  }

  get isSet(): boolean {
    return Atomics.load(this.#words, this.#index) === 1;
  }

  /** Auto: lets one waiter go, now or the next that comes. Manual: lets all go until `reset`. */
  set(): void {
    Atomics.store(this.#words, this.#index, 1);
    if (this.kind === 'auto') Atomics.notify(this.#words, this.#index, 1);
    else Atomics.notify(this.#words, this.#index);
  }

  reset(): void {
    Atomics.store(this.#words, this.#index, 0);
  }

  /** Blocks the thread until the event is set; `died` when thread `setter` (default: nobody in particular) is dead and it is not. */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY, setter = -1): WaitResult {
    return waitFor(this.#pass(setter), timeoutMs);
  }

  /** As `wait`, with the event loop running. */
  waitAsync(timeoutMs: number = Number.POSITIVE_INFINITY, setter = -1): Promise<WaitResult> {
    return waitForAsync(this.#pass(setter), timeoutMs);
  }

  #pass(setter: number): Waitable<WaitResult> {
    const words = this.#words;
    const index = this.#index;
    const threads = this.#threads;
    const after = this.kind === 'auto' ? 0 : 1;
    return {
      words,
      index,
      seen: 0,
      attempt(): WaitResult {
        // Before the word: a thread that set the event and then died has done its part.
        const isDead = setter >= 0 && !threads.isAlive(setter);
        if (Atomics.compareExchange(words, index, 1, after) === 1) return WaitResult.done;
        return isDead ? WaitResult.died : WaitResult.timedOut;
      },
    };
  }
}
