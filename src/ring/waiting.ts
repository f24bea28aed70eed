// The loop in which the primitives of this room wait, blocking the thread or not: try, sleep on one word, try again.
// A sleep is cut into slices, because a thread that dies wakes nobody: not as a holder, and not as the waiter that
// had just been chosen to be woken. Control plane only.

import { monotonicMs } from '../monotonic-clock.ts';

/** Longest that a death goes unnoticed, once the supervisor has marked it. */
export const deathCheckMs = 50;

/** How an attempt to get a mutex or a permit came out. */
export const LockResult = {
  /** Not within the time given. */
  notAcquired: 0,
  acquired: 1,
  /** Acquired from a holder that died with it: what it guards may be half changed and is the caller's to mend. */
  acquiredFromDead: 2,
} as const;
export type LockResult = (typeof LockResult)[keyof typeof LockResult];

/** How waiting for others came out. */
export const WaitResult = {
  timedOut: 0,
  done: 1,
  /** A thread that this depends on died before its part was done: it never will be. */
  died: 2,
} as const;
export type WaitResult = (typeof WaitResult)[keyof typeof WaitResult];

/** Something to wait for. */
export interface Waitable<Result extends number> {
  readonly words: Int32Array;
  /** The word slept on. */
  readonly index: number;
  /** The value of that word as the last failed attempt saw it: the sleep ends when it changes. */
  seen: number;
  /** A result, or 0 for "not yet". */
  attempt(): Result;
}

/** Blocks the thread until an attempt succeeds; 0 after `timeoutMs`. */
export function waitFor<Result extends number>(waitable: Waitable<Result>, timeoutMs: number): Result {
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    const result = waitable.attempt();
    const leftMs = deadline - monotonicMs();
    if (result !== 0 || leftMs <= 0) return result;
    Atomics.wait(waitable.words, waitable.index, waitable.seen, Math.min(leftMs, deathCheckMs));
  }
}

/** As `waitFor`, with the event loop running meanwhile. */
export async function waitForAsync<Result extends number>(waitable: Waitable<Result>, timeoutMs: number): Promise<Result> {
  const deadline = monotonicMs() + timeoutMs;
  for (;;) {
    const result = waitable.attempt();
    const leftMs = deadline - monotonicMs();
    if (result !== 0 || leftMs <= 0) return result;
    const wait = Atomics.waitAsync(waitable.words, waitable.index, waitable.seen, Math.min(leftMs, deathCheckMs));
    if (!wait.async) continue;
    // A pending waitAsync does not keep the event loop alive by itself.
    const keepAlive = setTimeout(() => {}, deathCheckMs * 2);
    await wait.value;
    clearTimeout(keepAlive);
  }
}
