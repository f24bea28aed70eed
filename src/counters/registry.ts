// The registry of all counters, on the main thread. It hands every part of the sensor a block of one shared
// Float64Array and keeps their names and labels, so that top, /metrics and the exit summary read values without
// asking the packet path for anything. Values are whole numbers, exact up to 2^53.
//
//   shared words  │ session{worker=0}: n words, up to a multiple of 8 │ session{worker=1} │ … │ head room │
//
// Blocks start on cache lines, so that two threads never write to the same one. A word has one writer at a time; a
// reader sees whole values (aligned 8-byte stores) that are a moment old.

import { errorCodes, SensorError } from '../errors.ts';
import type { CounterBlock, CounterSet, CounterSpec } from './counter-set.ts';

/** What tells instances of a set apart: `{ worker: '0' }`, `{ output: 'eve' }`. snake_case names. */
export type CounterLabels = Readonly<Record<string, string>>;

/** A block as it travels to its owner in `workerData`. */
export interface CounterHandle {
  readonly buffer: SharedArrayBuffer;
  /** First word of the block in the shared array. */
  readonly base: number;
  /** Number of counters in the block. */
  readonly size: number;
}

/** One value of a snapshot. */
export interface CounterSample {
  readonly set: string;
  readonly name: string;
  readonly labels: CounterLabels;
  readonly value: number;
  readonly spec: CounterSpec;
}

export interface RegistryOptions {
  /** Which sets will be asked for and how often; the array is sized from it. */
  readonly expected: readonly { readonly set: CounterSet; readonly instances: number }[];
  /** Words beyond that, for what comes with a reload. Default 1024. */
  readonly headRoomWords?: number;
}

interface RegisteredBlock {
  readonly set: CounterSet;
  readonly labels: CounterLabels;
  readonly handle: CounterHandle;
  readonly values: CounterBlock;
}

const wordsPerLine = 8;
const defaultHeadRoomWords = 1024;

/** The view an owner adds to: `block[set.index.evicted_sessions] += 1`. Any thread. */
export function openCounterBlock(handle: CounterHandle): CounterBlock {
  return new Float64Array(handle.buffer, handle.base * 8, handle.size);
}

export class CounterRegistry {
  readonly buffer: SharedArrayBuffer;
  /** Words of the shared array, used or not. */
  readonly capacityWords: number;
  readonly #blocks: Map<string, RegisteredBlock>;
  #nextWord: number;

  constructor(options: RegistryOptions) {
    let words = options.headRoomWords ?? defaultHeadRoomWords;
    for (const { set, instances } of options.expected) words += roundUp(set.names.length) * instances;
    this.capacityWords = roundUp(words);
    this.buffer = new SharedArrayBuffer(this.capacityWords * 8);
    this.#blocks = new Map();
    this.#nextWord = 0;
  }

  /**
   * The block of one instance of a set. Asked again with the same set and labels it gives the same block, values kept: a
   * restarted worker goes on counting where the dead one stopped. Throws `RT_WORKER` when the array is full.
   */
  block(set: CounterSet, labels: CounterLabels = {}): CounterHandle & { readonly values: CounterBlock } {
    const key = keyOf(set.set, labels);
    const known = this.#blocks.get(key);
    if (known !== undefined) {
      if (known.set.names.join() !== set.names.join()) throw new Error(`two different counter sets are named ${set.set}`);
      return { ...known.handle, values: known.values };
    }
    const size = set.names.length;
    if (this.#nextWord + size > this.capacityWords)
      throw new SensorError(errorCodes.worker, `no room for the counters of ${key}: ${this.capacityWords} words are taken`, {
        hint: 'restart with the configuration as it now is: a reload can add only so many workers and outputs',
      });
    const handle: CounterHandle = { buffer: this.buffer, base: this.#nextWord, size };
    this.#nextWord += roundUp(size);
    const values = openCounterBlock(handle);
    this.#blocks.set(key, { set, labels: { ...labels }, handle, values });
    return { ...handle, values };
  }

  /** What an instance of a set had is gone: its gauges are 0 from now on. */
  clearGauges(set: CounterSet, labels: CounterLabels = {}): void {
    const { values } = this.block(set, labels);
    for (const [index, name] of set.names.entries()) if (set.specs[name]?.kind === 'gauge') values[index] = 0;
  }

  /** All counters with their values now, in the order of registration. */
  snapshot(): CounterSample[] {
    const samples: CounterSample[] = [];
    for (const { set, labels, values } of this.#blocks.values()) {
      set.names.forEach((name, index) => {
        samples.push({ set: set.set, name, labels, value: values[index] as number, spec: set.specs[name] as CounterSpec });
      });
    }
    return samples;
  }
}

function roundUp(words: number): number {
  return Math.ceil(words / wordsPerLine) * wordsPerLine;
}

function keyOf(set: string, labels: CounterLabels): string {
  const parts = Object.keys(labels)
    .sort()
    .map((name) => `${name}=${JSON.stringify(labels[name])}`);
  return `${set}{${parts.join()}}`;
}
