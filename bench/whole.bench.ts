// The whole program as a process of its own on capture files from tools/traces: packets per second of CPU time (user and
// system, all threads). Reading alone is measured with every packet left out by a filter. Records go to a file.

import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { type TraceName, writeTrace } from '../tools/traces/index.ts';
import type { BenchResult } from './bench-result.ts';

const main = fileURLToPath(new URL('../src/main.ts', import.meta.url));
/** Flows or transactions: a run takes some seconds, start-up a small part of it. */
const sizes: Readonly<Partial<Record<TraceName, number>>> = { small: 150_000, http: 60_000, dns: 120_000 };
const runs = 2;
/** A filter that matches no packet of the traces. */
const nothing = 'src host 203.0.113.254';

interface Run {
  readonly cpuSeconds: number;
  readonly seconds: number;
}

/** CPU time of the program without its start-up, which `-r` of a file without packets shows. */
async function runOnce(folder: string, args: readonly string[]): Promise<Run> {
  const usage = join(folder, 'usage.json');
  const preload = join(folder, 'usage.mjs');
  writeFileSync(
    preload,
    `import { writeFileSync } from 'node:fs';
import { isMainThread } from 'node:worker_threads';
if (isMainThread) process.on('exit', () => writeFileSync(${JSON.stringify(usage)}, JSON.stringify(process.resourceUsage())));
`,
  );
  const output = mkdtempSync(join(folder, 'out-'));
  const startMs = performance.now();
  const child = spawn(process.execPath, ['--import', preload, main, ...args, '-q', '-l', output], {
    stdio: 'ignore',
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) throw new Error(`the sensor ended with ${code}: ${args.join(' ')}`);
  if (args.includes(nothing) && statSync(join(output, 'ringtap.ndjson')).size > 0)
    throw new Error('the filter let packets through: this would not measure reading alone');
  const { userCPUTime, systemCPUTime } = JSON.parse(readFileSync(usage, 'utf8')) as Record<string, number>;
  return {
    cpuSeconds: ((userCPUTime as number) + (systemCPUTime as number)) / 1e6,
    seconds: (performance.now() - startMs) / 1000,
  };
}

async function best(folder: string, args: readonly string[]): Promise<Run> {
  const all: Run[] = [];
  for (let run = 0; run < runs; run++) all.push(await runOnce(folder, args));
  return all.reduce((least, run) => (run.cpuSeconds < least.cpuSeconds ? run : least));
}

const noDecoders = ['dns', 'http', 'tls'].flatMap((name) => ['--set', `decoder.${name}.enabled=false`]);
const cases: readonly {
  readonly trace: TraceName;
  readonly name: string;
  readonly args: readonly string[];
  readonly work: string;
}[] = [
  {
    trace: 'small',
    name: 'reading only',
    args: [nothing],
    work: '60-byte frames, every one left out by a filter',
  },
  {
    trace: 'small',
    name: 'flow records only',
    args: noDecoders,
    work: '60-byte frames of TCP and UDP flows, decoders off, session records',
  },
  { trace: 'http', name: 'everything', args: [], work: 'HTTP connections, session and http records' },
  { trace: 'dns', name: 'everything', args: [], work: 'DNS over UDP, session and dns records' },
];

export default async function wholeBench(): Promise<BenchResult[]> {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-bench-'));
  const results: BenchResult[] = [];
  try {
    const empty = join(folder, 'empty.pcap');
    const packets = new Map<TraceName, number>();
    for (const [trace, size] of Object.entries(sizes) as [TraceName, number][]) {
      packets.set(trace, writeTrace(trace, join(folder, `${trace}.pcap`), size).packets as number);
    }
    writeFileSync(empty, readFileSync(join(folder, 'small.pcap')).subarray(0, 24));
    const startUp = await best(folder, ['-r', empty, '-n', '1']);
    for (const { trace, name, args, work } of cases) {
      const path = join(folder, `${trace}.pcap`);
      const count = packets.get(trace) as number;
      const run = await best(folder, ['-r', path, '-n', '1', ...args]);
      const cpuSeconds = run.cpuSeconds - startUp.cpuSeconds;
      results.push({
        name: `whole: ${trace}, ${name}`,
        work: `${work}; ${count} packets, one packet worker, without ${startUp.cpuSeconds.toFixed(2)} s of CPU time for start-up`,
        unit: 'packets/CPU-s',
        value: count / cpuSeconds,
        extra: {
          'packets/s': count / run.seconds,
          'CPU-s': cpuSeconds,
          'MB/s': statSync(path).size / 1e6 / run.seconds,
        },
      });
    }
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
  return results;
}

if (import.meta.main) console.dir(await wholeBench(), { depth: 3 });
