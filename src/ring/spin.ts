// The short busy wait before a thread goes to sleep, shared by readers and writers on any thread. A sleep and its
// wake-up cost 10–50 µs; records that come within the spin spare both sides that.

const atomics = Atomics as typeof Atomics & { pause?: (iterations?: number) => void };

export const spin = {
  /** Looks at the ring before sleeping. A few microseconds: more would take the core from the thread waited for. */
  rounds: 100,
  /** Tells the core that this is a busy wait, where the runtime can. */
  pause: atomics.pause === undefined ? (): void => {} : (): void => atomics.pause?.(),
} as const;
