// A latch between the threads of this process: opens once all its parties have arrived, and stays open. A party that
// enlisted and died before it arrived is found, and the waiters are told. Control planes only.
//
//   word 0: counts arrivals │ words 1…parties: 0 nobody yet, thread id + 1 enlisted, -1 arrived

import type { ThreadTable } from './thread-table.ts';
import { type Waitable, WaitResult, waitFor, waitForAsync } from './waiting.ts';

const arrived = -1;

export class Latch {
  readonly parties: number;
  readonly #words: Int32Array<SharedArrayBuffer>;
  readonly #index: number;
  readonly #threads: ThreadTable;

  /** Over `Latch.wordCount(parties)` words from `index`, 0 at first; the same words on every thread. */
  constructor(words: Int32Array<SharedArrayBuffer>, index: number, parties: number, threads: ThreadTable) {
    if (!Number.isInteger(parties) || parties < 1 || index + Latch.wordCount(parties) > words.length)
      throw new Error(`a latch of ${parties} parties does not fit its words`);
    this.parties = parties;
    this.#words = words;
    this.#index = index;
    this.#threads = threads;
  }

  static wordCount(parties: number): number {
    return parties + 1;
  }

  /** Says that this thread is one of the parties and will arrive. Throws when there are already as many as fit. */
  enlist(): void {
    this.#change(0, this.#threads.ownHolder(), 'the latch has all its parties');
  }

  /** This thread's part is done. It must have enlisted. Wakes the waiters. */
  arrive(): void {
    this.#change(this.#threads.ownHolder(), arrived, 'this thread has not enlisted or has already arrived');
    Atomics.add(this.#words, this.#index, 1);
    Atomics.notify(this.#words, this.#index);
  }

  /** Parties that have not arrived. */
  get missing(): number {
    let count = 0;
    for (let index = this.#index + 1; index <= this.#index + this.parties; index += 1) {
      if (Atomics.load(this.#words, index) !== arrived) count += 1;
    }
    return count;
  }

  /** Blocks the thread until all parties have arrived; `died` when one that enlisted never will. */
  wait(timeoutMs: number = Number.POSITIVE_INFINITY): WaitResult {
    return waitFor(this.#open(), timeoutMs);
  }

  /** As `wait`, with the event loop running. */
  waitAsync(timeoutMs: number = Number.POSITIVE_INFINITY): Promise<WaitResult> {
    return waitForAsync(this.#open(), timeoutMs);
  }

  #change(from: number, to: number, otherwise: string): void {
    for (let index = this.#index + 1; index <= this.#index + this.parties; index += 1) {
      if (Atomics.compareExchange(this.#words, index, from, to) === from) return;
    }
    throw new Error(otherwise);
  }

  #open(): Waitable<WaitResult> {
    const words = this.#words;
    const first = this.#index + 1;
    const end = first + this.parties;
    const threads = this.#threads;
    return {
      words,
      index: this.#index,
      seen: 0,
      attempt(): WaitResult {
        this.seen = Atomics.load(words, first - 1);
        let missing = 0;
        for (let index = first; index < end; index += 1) {
          const party = Atomics.load(words, index);
          if (party === arrived) continue;
          missing += 1;
          if (party === 0 || threads.isAlive(party - 1)) continue;
          // Arrived between the two looks and died after that: its part is done.
          if (Atomics.load(words, index) === party) return WaitResult.died;
        }
        return missing === 0 ? WaitResult.done : WaitResult.timedOut;
      },
    };
  }
}
