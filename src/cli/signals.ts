// Signals of a run: SIGINT and SIGTERM drain and end, the second one quits; SIGHUP reloads; SIGUSR1 prints the counters.

import { constants } from 'node:os';
import { monotonicMs } from '../monotonic-clock.ts';

export interface SignalActions {
  /** The first SIGINT or SIGTERM. */
  stop(signal: string): void;
  reload(): void;
  report(): void;
}

/** One Ctrl-C can arrive twice, from the terminal and from a parent that passes it on; that is no wish to quit. */
const echoMs = 200;

/** Returns what takes the handlers away again. */
export function hookSignals(actions: SignalActions): () => void {
  let stoppedAt: number | undefined;
  const end = (signal: 'SIGINT' | 'SIGTERM'): void => {
    const now = monotonicMs();
    if (stoppedAt === undefined) {
      stoppedAt = now;
      actions.stop(signal);
    } else if (now - stoppedAt > echoMs) {
      // As a shell names the death by a signal.
      process.exit(128 + constants.signals[signal]);
    }
  };
  const handlers = {
    SIGINT: () => end('SIGINT'),
    SIGTERM: () => end('SIGTERM'),
    SIGHUP: () => actions.reload(),
    SIGUSR1: () => actions.report(),
  };
  for (const [signal, handler] of Object.entries(handlers)) process.on(signal, handler);
  return () => {
    for (const [signal, handler] of Object.entries(handlers)) process.off(signal, handler);
  };
}
