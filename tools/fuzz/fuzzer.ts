// The loop: takes an input, changes it, runs it, keeps it when it led to something new, and stops at the first failure,
// which it makes smaller. Which inputs it comes to depends on seed and number of runs only.

import { Dice, mutate } from './mutator.ts';
import type { Target } from './target.ts';

export interface FuzzOptions {
  readonly seed: number;
  /** Whichever comes first ends the loop. */
  readonly seconds: number;
  readonly maxRuns: number;
  readonly captures: readonly string[];
  /** Told each input before it runs, so that a watcher has it when it never ends. */
  readonly beforeRun?: (input: Buffer) => void;
}

export interface FuzzReport {
  readonly runs: number;
  /** Kinds of outcome seen. */
  readonly outcomes: number;
  readonly failure?: { readonly input: Buffer; readonly message: string };
}

const maxInputBytes = 16_384;
const maxPool = 4096;
/** CPU time of one input beyond which something grows as it must not; ordinary ones take less than a millisecond. */
const maxCpuSeconds = 5;
const shrinkRuns = 2000;

export async function fuzz(target: Target, options: FuzzOptions): Promise<FuzzReport> {
  const dice = new Dice(options.seed);
  const pool: Uint8Array[] = target.seeds(options.captures).filter((seed) => seed.length <= maxInputBytes);
  if (pool.length === 0) pool.push(Buffer.alloc(0));
  const outcomes = new Set<string>();
  const untilMs = performance.now() + options.seconds * 1000;
  let runs = 0;
  for (const seedInputs = pool.length; runs < options.maxRuns && (runs < seedInputs || performance.now() < untilMs); runs++) {
    // Every seed as it is first: what fails on one of them needs no luck.
    const input = runs < seedInputs ? Buffer.from(pool[runs] as Uint8Array) : mutate(dice.pick(pool), pool, dice, maxInputBytes);
    const result = await attempt(target, input, options);
    if (result.failure !== undefined) {
      const { failure } = result;
      return { runs: runs + 1, outcomes: outcomes.size, failure: await shrink(target, input, failure, options) };
    }
    if (outcomes.has(result.outcome)) continue;
    outcomes.add(result.outcome);
    if (runs >= seedInputs && pool.length < maxPool) pool.push(input);
  }
  return { runs, outcomes: outcomes.size };
}

type Attempt = { readonly outcome: string; readonly failure?: string };

export async function attempt(target: Target, input: Buffer, options: Pick<FuzzOptions, 'beforeRun'> = {}): Promise<Attempt> {
  options.beforeRun?.(input);
  const before = process.cpuUsage();
  try {
    const answer = target.run(input);
    const outcome = typeof answer === 'string' ? answer : await answer;
    const spent = process.cpuUsage(before).user / 1e6;
    return spent > maxCpuSeconds ? { outcome, failure: `took ${spent.toFixed(1)} s of CPU time` } : { outcome };
  } catch (error) {
    return { outcome: '', failure: error instanceof Error ? (error.stack ?? error.message) : String(error) };
  }
}

/** Leaves out blocks, large ones first, as long as the first line of the failure stays the same. */
async function shrink(
  target: Target,
  input: Buffer,
  failure: string,
  options: FuzzOptions,
): Promise<{ input: Buffer; message: string }> {
  const kind = firstLine(failure);
  let best = { input, message: failure };
  let left = kind.startsWith('took ') ? 0 : shrinkRuns;
  for (let size = input.length >> 1; size > 0 && left > 0; size >>= 1) {
    for (let at = 0; at < best.input.length && left > 0; left--) {
      const shorter = Buffer.concat([best.input.subarray(0, at), best.input.subarray(at + size)]);
      const { failure: message } = await attempt(target, shorter, options);
      if (message !== undefined && firstLine(message) === kind) best = { input: shorter, message };
      else at += size;
    }
  }
  return best;
}

function firstLine(message: string): string {
  return (message.split('\n')[0] as string).replace(/\d+/g, '#');
}
