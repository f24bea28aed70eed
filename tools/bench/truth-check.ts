// Compares what a sensor wrote with what a trace holds (`expect` in its truth file): a fast wrong answer is no answer.

import { existsSync, readFileSync } from 'node:fs';
import type { RecordCounts } from './record-counts.ts';

export interface TraceTruth {
  /** Records that a sensor should put out, by kind. */
  readonly expect: RecordCounts;
  readonly packets: number | undefined;
}

export interface Finding {
  readonly kind: string;
  readonly expected: number;
  readonly found: number;
  /** Share of the expected records that was found, 0 to 1. */
  readonly recall: number;
  /** Records beyond the expected ones. */
  readonly surplus: number;
}

/** The truth beside a trace; undefined when there is none. */
export function readTruth(trace: string): TraceTruth | undefined {
  const path = `${trace}.truth.json`;
  if (!existsSync(path)) return undefined;
  const { expect, packets } = JSON.parse(readFileSync(path, 'utf8')) as { expect?: RecordCounts; packets?: number };
  return { expect: expect ?? {}, packets };
}

/**
 * `kinds`: how a program calls its records of each kind that it writes. Kinds that it does not write are not asked for.
 */
export function findings(counts: RecordCounts, expect: RecordCounts, kinds: Readonly<Record<string, string>>): Finding[] {
  return Object.entries(kinds).flatMap(([kind, type]) => {
    const expected = expect[kind];
    if (expected === undefined || expected === 0) return [];
    const found = counts[type] ?? 0;
    return [{ kind, expected, found, recall: Math.min(found, expected) / expected, surplus: Math.max(0, found - expected) }];
  });
}

/** `flow exact, http 99.98 %, dns exact +3` */
export function findingsText(list: readonly Finding[]): string {
  return list
    .map(({ kind, recall, surplus }) => {
      // Rounded down: 100 % is said of a whole answer only.
      const share = recall === 1 ? (surplus === 0 ? 'exact' : 'all') : `${(Math.floor(recall * 10_000) / 100).toFixed(2)} %`;
      return `${kind} ${share}${surplus > 0 ? ` +${surplus}` : ''}`;
    })
    .join(', ');
}
