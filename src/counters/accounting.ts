// The sum that must come out: received = processed + Σ dropped{stage,reason}. Made from a snapshot on the main thread,
// for the exit summary, /stats and the accounting tests.

import type { CounterSample } from './registry.ts';

export interface Drop {
  readonly stage: string;
  readonly reason: string;
  readonly value: number;
}

export interface Accounting {
  /** Last part of the counters' names: `packets`, `records`. */
  readonly unit: string;
  readonly received: number;
  readonly processed: number;
  /** Summed over instances, in the order of first appearance, the ones with value 0 included. */
  readonly dropped: readonly Drop[];
  readonly droppedTotal: number;
  /** received − processed − dropped: on its way in rings while running, 0 at the end. Negative: counted twice somewhere. */
  readonly inFlight: number;
  /** Nothing is missing and nothing was counted twice. */
  readonly balanced: boolean;
}

/** The accounting of one unit over all sets. */
export function accounting(samples: readonly CounterSample[], unit = 'packets'): Accounting {
  const suffix = `_${unit}`;
  let received = 0;
  let processed = 0;
  let droppedTotal = 0;
  const drops = new Map<string, { stage: string; reason: string; value: number }>();
  for (const { name, value, spec } of samples) {
    if (!name.endsWith(suffix)) continue;
    if (spec.account === 'received') received += value;
    else if (spec.account === 'processed') processed += value;
    if (spec.dropped === undefined) continue;
    const { stage, reason } = spec.dropped;
    droppedTotal += value;
    const key = `${stage} ${reason}`;
    const drop = drops.get(key);
    if (drop === undefined) drops.set(key, { stage, reason, value });
    else drop.value += value;
  }
  const inFlight = received - processed - droppedTotal;
  return { unit, received, processed, dropped: [...drops.values()], droppedTotal, inFlight, balanced: inFlight === 0 };
}

/** Sum of one counter over all instances of its set; 0 when there is none. */
export function total(samples: readonly CounterSample[], set: string, name: string): number {
  let sum = 0;
  for (const sample of samples) {
    if (sample.set === set && sample.name === name) sum += sample.value;
  }
  return sum;
}
