// Where threads sleep: one cache line of shared memory a thread, its parking word. Any thread wakes any other through
// it; the capture crate only clears flags and leaves the notify to the thread that called it. Never allocates.
//
//   slot n (64 bytes):  │ i32 flag: 1 asleep or about to be, 0 awake │ i32 signals: bits for its owner │ 56 bytes │
//
// Word n of the lot is Int32 index n * parkStrideWords. A thread has one word for everything it waits for: it
// sleeps in one place at a time, and whoever wakes it lets it look at all its rings again.

import { errorCodes, SensorError } from '../errors.ts';
import { Ring } from './generated/layout.ts';

export const maxParkingWords = 1024;

const stride = Ring.parkStrideWords;
const longestTimerMs = 2 ** 31 - 1;

export class ParkingLot {
  readonly buffer: SharedArrayBuffer;
  readonly words: Int32Array<SharedArrayBuffer>;
  /** Number of parking words. */
  readonly count: number;

  /** Opens the lot that `ParkingLot.create` made, on any thread. */
  constructor(buffer: SharedArrayBuffer) {
    if (buffer.byteLength === 0 || buffer.byteLength % (stride * 4) !== 0)
      throw new SensorError(errorCodes.ring, `not a parking lot: ${buffer.byteLength} bytes`);
    this.buffer = buffer;
    this.words = new Int32Array(buffer);
    this.count = buffer.byteLength / (stride * 4);
  }

  /** A lot with `count` words, all awake. */
  static create(count: number): ParkingLot {
    if (!Number.isInteger(count) || count < 1 || count > maxParkingWords)
      throw new SensorError(errorCodes.ring, `a parking lot of ${count} words is not possible`, {
        hint: `use 1 to ${maxParkingWords}`,
      });
    return new ParkingLot(new SharedArrayBuffer(count * stride * 4));
  }

  /** Int32 index of a parking word in `words`; throws when the lot has no such word. */
  indexOf(word: number): number {
    if (!Number.isInteger(word) || word < 0 || word >= this.count)
      throw new SensorError(errorCodes.ring, `parking word ${word} of ${this.count} does not exist`);
    return word * stride;
  }

  /** Owner: says "I am about to sleep". What was awaited has to be looked at again after this and before `sleep`. */
  raise(word: number): void {
    Atomics.store(this.words, word * stride, 1);
  }

  /** Owner: awake again, or will not sleep after all. */
  lower(word: number): void {
    Atomics.store(this.words, word * stride, 0);
  }

  /** Owner, after `raise`: blocks the thread until woken or `timeoutMs` is over. Lowers the flag. */
  sleep(word: number, timeoutMs: number): void {
    Atomics.wait(this.words, word * stride, 1, timeoutMs);
    Atomics.store(this.words, word * stride, 0);
  }

  /** As `sleep`, with the event loop running meanwhile. */
  async sleepAsync(word: number, timeoutMs: number): Promise<void> {
    const wait = Atomics.waitAsync(this.words, word * stride, 1, timeoutMs);
    if (wait.async) {
      // A pending wait does not keep the event loop alive by itself.
      const keepAlive = setTimeout(() => {}, Math.min(timeoutMs + 1000, longestTimerMs));
      await wait.value;
      clearTimeout(keepAlive);
    }
    Atomics.store(this.words, word * stride, 0);
  }

  /** Anyone: wakes the owner if it sleeps or is about to. Returns whether it did. Cheap when the owner is awake. */
  wake(word: number): boolean {
    const index = word * stride;
    if (Atomics.load(this.words, index) === 0) return false;
    if (Atomics.exchange(this.words, index, 0) === 0) return false;
    Atomics.notify(this.words, index);
    return true;
  }

  /** For flags that the capture crate has cleared already: the owner is woken unconditionally. */
  notify(word: number): void {
    Atomics.notify(this.words, word * stride);
  }

  /** Anyone: sets bits (their meaning is the owner's) and wakes the owner; a parked thread hears no messages. */
  signal(word: number, bits: number): void {
    Atomics.or(this.words, word * stride + 1, bits);
    this.wake(word);
  }

  /** Bits set and not yet taken. */
  signals(word: number): number {
    return Atomics.load(this.words, word * stride + 1);
  }

  /** Owner: takes all bits set so far. */
  takeSignals(word: number): number {
    if (Atomics.load(this.words, word * stride + 1) === 0) return 0;
    return Atomics.exchange(this.words, word * stride + 1, 0);
  }
}
