// Runs one target on a thread of its own, so that the main thread can tell when an input never ends: each input lies in
// shared memory before it runs (length, then bytes), behind a count of runs.

import { parentPort, workerData } from 'node:worker_threads';
import { fuzz } from './fuzzer.ts';
import { targets } from './targets.ts';

export interface FuzzWorkerData {
  readonly target: string;
  readonly seed: number;
  readonly seconds: number;
  readonly maxRuns: number;
  readonly captures: readonly string[];
  /** Two words (runs, length of the input), then the input. */
  readonly current: SharedArrayBuffer;
}

const data = workerData as FuzzWorkerData;
const words = new Int32Array(data.current, 0, 2);
const bytes = new Uint8Array(data.current, 8);
const target = targets.find(({ name }) => name === data.target);
if (target === undefined) throw new Error(`there is no target ${data.target}`);

const report = await fuzz(target, {
  ...data,
  beforeRun: (input) => {
    words[1] = input.length;
    bytes.set(input);
    Atomics.add(words, 0, 1);
  },
});
parentPort?.postMessage(report);
