// How a consumer of one or several rings waits: `park` blocks its thread (packet workers), `parkAsync` leaves the event
// loop running (output workers). Order as in ring.ts: raise the flag, look again, sleep. Never reads a record.

import { monotonicMs } from '../monotonic-clock.ts';
import type { ParkingLot } from './parking-lot.ts';
import type { RingReader } from './ring-reader.ts';
import { spin } from './spin.ts';

/** Why a wait ended. */
export const ParkResult = { timedOut: 0, ready: 1, signalled: 2 } as const;
export type ParkResult = (typeof ParkResult)[keyof typeof ParkResult];

/**
 * Waits until one of `readers` has records or has been closed, a signal for `word` is pending, or `timeoutMs` is over.
 * `word` is the consumer's parking word, the `consumerPark` of all these rings. Ended rings (`isDrained` has said so) may stay
 * in the list. A producer that sleeps for space is woken first, so that two sleepers never wait for each other.
 */
export function park(readers: readonly RingReader[], lot: ParkingLot, word: number, timeoutMs: number): ParkResult {
  for (let round = 0; round < spin.rounds; round += 1) {
    if (anyNews(readers)) return ParkResult.ready;
    if (lot.signals(word) !== 0) return ParkResult.signalled;
    spin.pause();
  }
  const deadline = monotonicMs() + timeoutMs;
  wakeProducers(readers);
  for (;;) {
    lot.raise(word);
    if (anyNews(readers)) {
      lot.lower(word);
      return ParkResult.ready;
    }
    if (lot.signals(word) !== 0) {
      lot.lower(word);
      return ParkResult.signalled;
    }
    const leftMs = deadline - monotonicMs();
    if (leftMs <= 0) {
      lot.lower(word);
      return ParkResult.timedOut;
    }
    lot.sleep(word, leftMs);
  }
}

/** As `park`, without blocking the thread. One at a time for a word. */
export async function parkAsync(
  readers: readonly RingReader[],
  lot: ParkingLot,
  word: number,
  timeoutMs: number,
): Promise<ParkResult> {
  const deadline = monotonicMs() + timeoutMs;
  wakeProducers(readers);
  for (;;) {
    lot.raise(word);
    if (anyNews(readers)) {
      lot.lower(word);
      return ParkResult.ready;
    }
    if (lot.signals(word) !== 0) {
      lot.lower(word);
      return ParkResult.signalled;
    }
    const leftMs = deadline - monotonicMs();
    if (leftMs <= 0) {
      lot.lower(word);
      return ParkResult.timedOut;
    }
    await lot.sleepAsync(word, leftMs);
  }
}

/** Whether every ring is closed and empty. Asks each of them: one that is not asked stays news, and nobody could sleep. */
export function allDrained(readers: readonly RingReader[]): boolean {
  let all = true;
  for (const reader of readers) if (!reader.isDrained()) all = false;
  return all;
}

function anyNews(readers: readonly RingReader[]): boolean {
  for (let index = 0; index < readers.length; index += 1) {
    if ((readers[index] as RingReader).hasNews()) return true;
  }
  return false;
}

function wakeProducers(readers: readonly RingReader[]): void {
  for (let index = 0; index < readers.length; index += 1) (readers[index] as RingReader).wakeProducer();
}
