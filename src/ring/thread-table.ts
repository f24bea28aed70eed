// Which threads of this process are alive, in shared memory: what the primitives of this room (mutex, semaphore,
// event, latch) ask before they wait for a thread for ever. Threads join when they start; the supervisor takes out the
// ones that end without having left, when their `exit` event comes. Control plane only: the packet path takes no lock.
//
//   word n:  0 free │ thread id + 1 of a living thread         (Node never uses a thread id twice in a process)

import { threadId as ownThreadId } from 'node:worker_threads';
import { errorCodes, SensorError } from '../errors.ts';

export const maxThreads = 1024;

export class ThreadTable {
  readonly buffer: SharedArrayBuffer;
  readonly #words: Int32Array<SharedArrayBuffer>;

  /** Opens the table that `ThreadTable.create` made, on any thread. Joins nothing. */
  constructor(buffer: SharedArrayBuffer) {
    this.buffer = buffer;
    this.#words = new Int32Array(buffer);
  }

  /** An empty table for at most `count` threads living at a time. */
  static create(count: number): ThreadTable {
    if (!Number.isInteger(count) || count < 1 || count > maxThreads)
      throw new SensorError(errorCodes.ring, `a table of ${count} threads is not possible`, { hint: `use 1 to ${maxThreads}` });
    return new ThreadTable(new SharedArrayBuffer(count * 4));
  }

  /** Puts a thread (default: this one) in as living; before it takes any lock. Joining twice is joining once. */
  join(threadId: number = ownThreadId): void {
    if (this.isAlive(threadId)) return;
    for (let index = 0; index < this.#words.length; index += 1) {
      if (Atomics.compareExchange(this.#words, index, 0, threadId + 1) === 0) return;
    }
    throw new SensorError(errorCodes.ring, `more than ${this.#words.length} threads`);
  }

  /**
   * Takes a thread out that has ended. Only once its `exit` event has come, never on suspicion: what it holds is then
   * given to others. The worker's `threadId` is -1 by that time, so it has to be remembered from the start.
   */
  markDead(threadId: number): void {
    for (let index = 0; index < this.#words.length; index += 1) {
      Atomics.compareExchange(this.#words, index, threadId + 1, 0);
    }
  }

  isAlive(threadId: number): boolean {
    for (let index = 0; index < this.#words.length; index += 1) {
      if (Atomics.load(this.#words, index) === threadId + 1) return true;
    }
    return false;
  }

  /** What this thread writes into words that it holds: its id + 1. Throws when it has not joined. */
  ownHolder(): number {
    if (!this.isAlive(ownThreadId)) throw new Error(`thread ${ownThreadId} uses a lock but has not joined the thread table`);
    return ownThreadId + 1;
  }
}
