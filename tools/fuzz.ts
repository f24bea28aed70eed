// `npm run fuzz`: throws mutated conversations, packets, records and configs at the TypeScript side; with `--rust` runs the
// cargo-fuzz targets of the capture crate. A failing input is made smaller, saved under dist/fuzz/ and can be replayed.

import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { parseArgs } from 'node:util';
import { Worker } from 'node:worker_threads';
import { attempt, type FuzzReport } from './fuzz/fuzzer.ts';
import { fuzzRust, rustTargets } from './fuzz/rust.ts';
import { targets } from './fuzz/targets.ts';
import type { FuzzWorkerData } from './fuzz/worker.ts';
import { root } from './step.ts';

const usage = `usage: npm run fuzz -- [options] [target…] [capture.pcap…]
  --seconds N     time for each target (60)
  --runs N        at most so many inputs for each target
  --seed N        the same seed gives the same inputs (1)
  --replay FILE   run one saved input of the target
  --rust          the targets of the capture crate instead (cargo-fuzz)
  --list          what the targets are
`;

/** An input that takes longer is taken for one that never ends. */
const hangSeconds = 20;
const inputBytesMax = 1 << 16;

function save(target: string, input: Buffer): string {
  const folder = join(root, 'dist', 'fuzz');
  mkdirSync(folder, { recursive: true });
  const path = join(folder, `${target}-${createHash('sha256').update(input).digest('hex').slice(0, 12)}.bin`);
  writeFileSync(path, input);
  return relative(root, path);
}

/** Runs a target in a worker; ends it when an input does not come to an end. */
async function runTarget(data: Omit<FuzzWorkerData, 'current'>): Promise<FuzzReport> {
  const current = new SharedArrayBuffer(8 + inputBytesMax);
  const words = new Int32Array(current, 0, 2);
  const worker = new Worker(new URL('./fuzz/worker.ts', import.meta.url), { workerData: { ...data, current } });
  let seen = 0;
  let still = 0;
  return await new Promise((resolve, reject) => {
    const watch = setInterval(() => {
      const runs = Atomics.load(words, 0);
      still = runs === seen && runs > 0 ? still + 1 : 0;
      seen = runs;
      if (still < hangSeconds) return;
      clearInterval(watch);
      const input = Buffer.from(new Uint8Array(current, 8, words[1]));
      resolve({ runs, outcomes: 0, failure: { input, message: `no end after ${hangSeconds} s` } });
      void worker.terminate();
    }, 1000);
    worker.once('message', (report: FuzzReport) => {
      clearInterval(watch);
      resolve(report);
    });
    worker.once('error', (error) => {
      clearInterval(watch);
      reject(error);
    });
  });
}

async function main(): Promise<number> {
  const { values, positionals } = parseArgs({
    allowPositionals: true,
    options: {
      seconds: { type: 'string', default: '60' },
      runs: { type: 'string', default: 'Infinity' },
      seed: { type: 'string', default: '1' },
      replay: { type: 'string' },
      rust: { type: 'boolean', default: false },
      list: { type: 'boolean', default: false },
    },
  });
  const [seconds, maxRuns, seed] = [Number(values.seconds), Number(values.runs), Number(values.seed)];
  if (!(seconds > 0) || !(maxRuns > 0) || !Number.isInteger(seed)) {
    process.stderr.write(usage);
    return 2;
  }
  if (values.rust) return fuzzRust(positionals, seconds);
  if (values.list) {
    for (const { name, meaning } of targets) process.stdout.write(`${name.padEnd(10)} ${meaning}\n`);
    process.stdout.write(`--rust     ${rustTargets().join(', ')}\n`);
    return 0;
  }
  const captures = positionals.filter((word) => word.endsWith('.pcap'));
  const names = positionals.filter((word) => !word.endsWith('.pcap'));
  const unknown = names.find((name) => !targets.some((target) => target.name === name));
  if (unknown !== undefined) {
    process.stderr.write(`there is no target ${unknown}; known are: ${targets.map(({ name }) => name).join(', ')}\n${usage}`);
    return 2;
  }
  const chosen = targets.filter(({ name }) => names.length === 0 || names.includes(name));
  if (values.replay !== undefined) {
    const [target] = chosen;
    if (target === undefined || chosen.length !== 1) {
      process.stderr.write(`--replay wants the one target that the input is for\n`);
      return 2;
    }
    const { outcome, failure } = await attempt(target, readFileSync(values.replay));
    process.stdout.write(`${target.name}: ${failure ?? `fine (${outcome})`}\n`);
    return failure === undefined ? 0 : 1;
  }
  let failures = 0;
  for (const { name } of chosen) {
    const { runs, outcomes, failure } = await runTarget({ target: name, seed, seconds, maxRuns, captures });
    process.stdout.write(
      `${name.padEnd(10)} ${runs} inputs, ${outcomes} kinds of outcome: ${failure === undefined ? 'fine' : 'FAILED'}\n`,
    );
    if (failure === undefined) continue;
    failures++;
    const path = save(name, Buffer.from(failure.input));
    process.stdout.write(`${failure.message}\ninput saved; to run it again: npm run fuzz -- ${name} --replay ${path}\n`);
  }
  return failures === 0 ? 0 : 1;
}

process.exitCode = await main();
