// A mutex between the threads of this process, in one Int32 word. A holder that dies does not take it along: the next
// one gets it and is told. For control planes; the packet path takes no lock.
//
//   word:  0 free │ bits 0–29 thread id + 1 of the holder, bit 30 someone may be waiting

import type { ThreadTable } from './thread-table.ts';
import { LockResult, type Waitable, waitFor, waitForAsync } from './waiting.ts';

const waitersBit = 1 << 30;
const holderMask = waitersBit - 1;

export class Mutex {
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #threads: ThreadTable;

  /** Over word `index`, 0 at first; the same word on every thread. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, threads: ThreadTable) {
    this.#words = words;
    this.#index = index;
    this.#threads = threads;
  }

  /** Thread id of the holder, dead or alive; -1 when free. */
  get holder(): number {
    return (Atomics.load(this.#words, this.#index) & holderMask) - 1;
  }

  /** Takes the mutex if that needs no waiting. */
  tryLock(): LockResult {
    return this.#take(this.#threads.ownHolder(), 0).attempt();
  }

  /** Blocks the thread until it has the mutex, `notAcquired` after `timeoutMs`. Locking it again while holding it throws. */
  lock(timeoutMs: number = Number.POSITIVE_INFINITY): LockResult {
    const own = this.#threads.ownHolder();
    if ((Atomics.load(this.#words, this.#index) & holderMask) === own) throw new Error('this thread holds the mutex already');
    return waitFor(this.#take(own, waitersBit), timeoutMs);
  }

  /** As `lock`, with the event loop running; also waits for another task of this thread. */
  lockAsync(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<LockResult> {
    return waitForAsync(this.#take(this.#threads.ownHolder(), waitersBit), timeoutMs);
  }

  /** Frees the mutex; throws when another thread holds it or none. */
  unlock(): void {
    const own = this.#threads.ownHolder();
    if ((Atomics.load(this.#words, this.#index) & holderMask) !== own) throw new Error('this thread does not hold the mutex');
    if ((Atomics.exchange(this.#words, this.#index, 0) & waitersBit) !== 0) Atomics.notify(this.#words, this.#index, 1);
  }

  /**
   * An attempt by `own`. With `markWaiting` it announces a sleep after a failure, and takes the mutex as one with
   * waiters from then on: there may be others asleep, and only the bit makes `unlock` wake them.
   */
  #take(own: number, markWaiting: number): Waitable<LockResult> {
    const words = this.#words;
    const index = this.#index;
    const threads = this.#threads;
    let waiters = 0;
    return {
      words,
      index,
      seen: 0,
      attempt(): LockResult {
        for (;;) {
          const seen = Atomics.load(words, index);
          if (seen === 0) {
            if (Atomics.compareExchange(words, index, 0, own | waiters) === 0) return LockResult.acquired;
          } else if (!threads.isAlive((seen & holderMask) - 1)) {
            const taken = own | waiters | (seen & waitersBit);
            if (Atomics.compareExchange(words, index, seen, taken) === seen) return LockResult.acquiredFromDead;
          } else {
            const asleep = seen | markWaiting;
            if (seen === asleep || Atomics.compareExchange(words, index, seen, asleep) === seen) {
              this.seen = asleep;
              waiters = markWaiting;
              return LockResult.notAcquired;
            }
          }
        }
      },
    };
  }
}
