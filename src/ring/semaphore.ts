// A semaphore between the threads of this process: at most `permits` holders at a time. One word is slept on; each
// permit has a word that names its holder, so that a dead one's permits are found and given on. Control planes only.
//
//   word 0: counts releases │ words 1…permits: 0 free, else thread id + 1 of the holder

import type { ThreadTable } from './thread-table.ts';
import { LockResult, type Waitable, waitFor, waitForAsync } from './waiting.ts';

export class Semaphore {
  readonly permits: number;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #threads: ThreadTable;

  /** Over `Semaphore.wordCount(permits)` words from `index`, 0 at first; the same words on every thread. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, permits: number, threads: ThreadTable) {
    if (!Number.isInteger(permits) || permits < 1 || index + Semaphore.wordCount(permits) > words.length)
      throw new Error(`a semaphore of ${permits} permits does not fit its words`);
    this.permits = permits;
    this.#words = words;
    this.#index = index;
    this.#threads = threads;
  }

  static wordCount(permits: number): number {
    return permits + 1;
  }

  /** Takes a permit if that needs no waiting. A thread may hold several. */
  tryAcquire(): LockResult {
    return this.#take().attempt();
  }

  /** Blocks the thread until it has a permit, `notAcquired` after `timeoutMs`. */
  acquire(timeoutMs: number = Number.POSITIVE_INFINITY): LockResult {
    return waitFor(this.#take(), timeoutMs);
  }

  /** As `acquire`, with the event loop running. */
  acquireAsync(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<LockResult> {
    return waitForAsync(this.#take(), timeoutMs);
  }

  /** Gives one permit of this thread back; throws when it holds none. */
  release(): void {
    const own = this.#threads.ownHolder();
    for (let index = this.#index + 1; index <= this.#index + this.permits; index += 1) {
      if (Atomics.compareExchange(this.#words, index, own, 0) !== own) continue;
      Atomics.add(this.#words, this.#index, 1);
      Atomics.notify(this.#words, this.#index, 1);
      return;
    }
    throw new Error('this thread holds no permit');
  }

  #take(): Waitable<LockResult> {
    const words = this.#words;
    const first = this.#index + 1;
    const end = first + this.permits;
    const threads = this.#threads;
    const own = threads.ownHolder();
    return {
      words,
      index: this.#index,
      seen: 0,
      attempt(): LockResult {
        // Before the permits are looked at: a release after that look changes the word and ends the sleep at once.
        this.seen = Atomics.load(words, first - 1);
        for (let index = first; index < end; index += 1) {
          if (Atomics.compareExchange(words, index, 0, own) === 0) return LockResult.acquired;
        }
        for (let index = first; index < end; index += 1) {
          const holder = Atomics.load(words, index);
          if (holder === 0 || threads.isAlive(holder - 1)) continue;
          if (Atomics.compareExchange(words, index, holder, own) === holder) return LockResult.acquiredFromDead;
        }
        return LockResult.notAcquired;
      },
    };
  }
}
