// The progress line on a terminal: bytes, packets, rate and, for files, the time left. Reads counters only.

import { type CounterSample, total } from '../counters/index.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import { duration, scaled } from './units.ts';

const intervalMs = 250;

export class Progress {
  readonly #snapshot: () => readonly CounterSample[];
  readonly #startedAt = monotonicMs();
  #timer: NodeJS.Timeout | undefined;
  #shown = false;

  constructor(snapshot: () => readonly CounterSample[]) {
    this.#snapshot = snapshot;
  }

  start(): void {
    this.#timer = setInterval(() => this.#show(), intervalMs);
    this.#timer.unref();
  }

  /** Takes the line away, before other text comes on the terminal; the next tick brings it back. */
  clear(): void {
    if (this.#shown) process.stderr.write('\r\x1b[K');
    this.#shown = false;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.clear();
  }

  #show(): void {
    process.stderr.write(`\r${progressLine(this.#snapshot(), (monotonicMs() - this.#startedAt) / 1000)}\x1b[K`);
    this.#shown = true;
  }
}

/** The line itself; `seconds` since the start. */
export function progressLine(samples: readonly CounterSample[], seconds: number): string {
  const packets = total(samples, 'worker', 'processed_packets');
  const bytes = total(samples, 'capture', 'received_bytes');
  const parts = [
    `${scaled(bytes, 'B')}  ${scaled(packets, 'packets')}`,
    `${scaled(packets / seconds, 'packets/s')}  ${scaled((bytes * 8) / seconds, 'bit/s')}`,
    `${scaled(total(samples, 'session', 'active_sessions'), 'sessions')}`,
  ];
  const done = total(samples, 'capture', 'file_bytes');
  const all = total(samples, 'capture', 'file_total_bytes');
  if (all > 0 && done > 0 && done <= all)
    parts.push(`${Math.floor((100 * done) / all)} %  ${duration((seconds * (all - done)) / done)} left`);
  return parts.join('  ');
}
