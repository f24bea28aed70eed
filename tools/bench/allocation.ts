// How much a packet worker puts on its JavaScript heap for each packet and transaction, measured so that two runs agree: V8
// without threads of its own (`--predictable`), the whole program on traces made on the spot, and the difference between a
// short and a long trace, in which start and warming up cancel out. No clock is involved.

import { spawnSync } from 'node:child_process';
import { mkdirSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { patience } from '../../src/workers/compile-patience.ts';
import { root } from '../step.ts';
import { type TraceName, type Truth, writeTrace } from '../traces/index.ts';

export interface AllocationCase {
  readonly trace: TraceName;
  /** What the bytes are divided by. */
  readonly unit: string;
  /** Sizes of the short and the long trace. With the short one, V8 has compiled what it will; code that is not yet compiled allocates more. */
  readonly sizes: readonly [number, number];
  readonly unitsOf: (truth: Truth, size: number) => number;
}

export const allocationCases: readonly AllocationCase[] = [
  { trace: 'http', unit: 'transaction', sizes: [20_000, 40_000], unitsOf: (_truth, size) => size },
  { trace: 'dns', unit: 'transaction', sizes: [30_000, 60_000], unitsOf: (_truth, size) => size },
  { trace: 'tls', unit: 'handshake', sizes: [10_000, 20_000], unitsOf: (_truth, size) => size },
  { trace: 'small', unit: 'flow', sizes: [20_000, 40_000], unitsOf: (_truth, size) => size },
  { trace: 'elephant', unit: 'packet', sizes: [500, 1500], unitsOf: (truth) => truth.packets as number },
];

/** By `trace per unit`: `http per transaction`. */
export type AllocationFigures = Readonly<Record<string, number>>;

export interface Baseline {
  /** Version of Node whose V8 the figures belong to. */
  readonly node: string;
  readonly bytes: AllocationFigures;
}

export interface Judgement {
  readonly name: string;
  readonly bytes: number;
  readonly baseline: number | undefined;
  readonly verdict: 'worse' | 'better' | 'same' | 'new';
}

/** More than this share beyond the baseline fails. */
export const tolerance = 0.1;
/** Differences below this are the heap's own grain, also where next to nothing is allocated. */
const grainBytes = 4;

export function judge(figures: AllocationFigures, baseline: AllocationFigures): Judgement[] {
  return Object.entries(figures).map(([name, bytes]) => {
    const before = baseline[name];
    if (before === undefined) return { name, bytes, baseline: before, verdict: 'new' };
    const margin = Math.max(before * tolerance, grainBytes);
    const verdict = bytes > before + margin ? 'worse' : bytes < before - margin ? 'better' : 'same';
    return { name, bytes, baseline: before, verdict };
  });
}

/** Bytes that the packet worker allocates for a whole trace. */
function allocated(trace: string, folder: string): number {
  const file = join(folder, 'allocation.json');
  const output = join(folder, 'out');
  mkdirSync(output);
  const probe = join(root, 'tools', 'bench', 'allocation-probe.ts');
  const main = join(root, 'src', 'main.ts');
  // Pinned, a single packet worker has a thread, and so a heap of its own.
  const pinned = ['-n', '1', '--set', 'workers.cpus=[0]'];
  // From the start, and not from when all threads are ready: what is compiled until then would be chance.
  const args = ['--predictable', ...patience, '--disable-warning=ExperimentalWarning', '--import', probe, main];
  const { status, stderr } = spawnSync(process.execPath, [...args, '-r', trace, ...pinned, '-l', output, '-q'], {
    encoding: 'utf8',
    // Code from a cache is not compiled, and so not allocated alike.
    env: { ...process.env, NODE_DISABLE_COMPILE_CACHE: '1', RINGTAP_ALLOCATION_FILE: file },
  });
  rmSync(output, { recursive: true });
  if (status !== 0) throw new Error(`the sensor ended with ${status}: ${stderr.trim().slice(-500)}`);
  const { bytes } = JSON.parse(readFileSync(file, 'utf8')) as { bytes: number };
  rmSync(file);
  return bytes;
}

/** Bytes for one unit more. `folder` is for traces and outputs. */
export function measureAllocation({ trace, sizes, unitsOf }: AllocationCase, folder: string): number {
  const [short, long] = sizes.map((size) => {
    const path = join(folder, `${trace}.pcap`);
    const truth = writeTrace(trace, path, size);
    return { bytes: allocated(path, folder), units: unitsOf(truth, size) };
  }) as [{ bytes: number; units: number }, { bytes: number; units: number }];
  return (long.bytes - short.bytes) / (long.units - short.units);
}
