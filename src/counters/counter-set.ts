// A counter set names the counters that one part of the sensor keeps: "session", "output", "decoder". A room
// declares its set once; the registry on the main thread gives every instance (worker 0, output "eve") a block of
// the shared Float64Array, and the owner adds to its words with a plain `block[index] += 1`. One writer a word.

import { namedValues } from '../named-values.ts';

export interface CounterSpec {
  /** What is counted, a sentence for `# HELP`. */
  readonly help: string;
  /** `counter` only grows; `gauge` goes both ways. Default `counter`. */
  readonly kind?: 'counter' | 'gauge';
  /**
   * For counters of lost or refused work: where and why. The exit summary and the accounting
   * `received = processed + Σ dropped{stage,reason}` are built from these.
   */
  readonly dropped?: { readonly stage: string; readonly reason: string };
  /**
   * The other two terms of that accounting: what came in at the front and what was handled at the end. The unit is the
   * last part of the counter's name (`received_packets`, `written_records`); each unit has an accounting of its own.
   */
  readonly account?: 'received' | 'processed';
}

export interface CounterSet<Name extends string = string> {
  /** Prefix of the metric: `ringtap_<set>_<name>`; snake_case. */
  readonly set: string;
  readonly names: readonly Name[];
  readonly specs: Readonly<Record<Name, CounterSpec>>;
  /** Index of each counter in a block of this set. */
  readonly index: Readonly<Record<Name, number>>;
}

/** Declares a set. Names are snake_case with their unit last (`evicted_sessions`, `gap_bytes`). */
export function defineCounters<const Name extends string>(set: string, specs: Record<Name, CounterSpec>): CounterSet<Name> {
  const names = Object.keys(specs) as Name[];
  return { set, names, specs, index: namedValues(names, (_name, position) => position) };
}

/** The same of names that a run gives, for those who read the index while they start and never again. */
export function defineRunCounters(set: string, specs: Readonly<Record<string, CounterSpec>>): CounterSet {
  const names = Object.keys(specs);
  return { set, names, specs, index: Object.fromEntries(names.map((name, position) => [name, position])) };
}

/** A block of shared counters: one f64 a counter, in the order of the set's names. */
export type CounterBlock = Float64Array;
