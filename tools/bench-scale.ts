// `npm run bench:scale -- [--workers 1,2,4] [--pin both|on|off] [--runs N] TRACE…`: one capture worker deals a file to 1…n packet
// workers, pinned to CPUs and not: packets per second, the share of each worker, and how full the rings were.

import { spawnSync } from 'node:child_process';
import { mkdirSync, rmSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './bench/end-of-run.ts';
import { readable, spreadOf, spreadText, table } from './bench/figures.ts';
import { machineText, sensorVersion } from './bench/machine.ts';
import { writeSection } from './bench/page.ts';
import type { ScaleResult, ScaleRun } from './bench/scale-run.ts';
import { openTrace, type TraceFile, warm } from './bench/trace-files.ts';
import { root } from './step.ts';

export interface ScaleOptions {
  readonly traces: readonly string[];
  readonly workers: readonly number[];
  readonly pins: readonly boolean[];
  readonly runs: number;
}

const say = (text: string): void => void process.stderr.write(text);

/** 1, 2, 4 … and one for each CPU; on a small machine one more than fits, to see what that costs. */
export function defaultWorkers(cpus = availableParallelism()): number[] {
  const counts: number[] = [];
  for (let count = 1; count < cpus; count *= 2) counts.push(count);
  return [...counts, cpus, ...(cpus <= 2 ? [cpus * 2] : [])];
}

/** The capture worker on the first CPU, packet workers on those behind it, in turn. */
export function pinning(workers: number, cpus = availableParallelism()): Pick<ScaleRun, 'captureCpus' | 'packetCpus'> {
  return { captureCpus: [0], packetCpus: Array.from({ length: workers }, (_, worker) => (worker + 1) % cpus) };
}

/** The busiest worker's packets over the mean: 1 is even, n of n workers is one that does everything. */
export function imbalance(ofWorkers: readonly number[]): number {
  const sum = ofWorkers.reduce((total, packets) => total + packets, 0);
  return sum === 0 ? 1 : (Math.max(...ofWorkers) * ofWorkers.length) / sum;
}

function runOnce(run: ScaleRun): ScaleResult {
  mkdirSync(run.folder);
  const { status, stdout, stderr } = spawnSync(
    process.execPath,
    ['--disable-warning=ExperimentalWarning', join(root, 'tools', 'bench', 'scale-run.ts'), JSON.stringify(run)],
    { encoding: 'utf8' },
  );
  rmSync(run.folder, { recursive: true });
  if (status !== 0) throw new Error(`a run with ${run.workers} workers failed: ${stderr.trim().slice(-500)}`);
  return JSON.parse(stdout) as ScaleResult;
}

const percent = (share: number): string => `${(share * 100).toFixed(share < 0.1 ? 1 : 0)} %`;

function scaleTable(trace: TraceFile, { workers, pins, runs }: ScaleOptions, folder: string): string {
  warm(trace.path);
  const settings = workers.flatMap((count) => pins.map((pinned) => ({ count, pinned, results: [] as ScaleResult[] })));
  for (let run = 1; run <= runs; run++) {
    for (const { count, pinned, results } of settings) {
      const pins = pinned ? pinning(count) : { captureCpus: [], packetCpus: [] };
      const result = runOnce({ trace: trace.path, folder: join(folder, 'out'), workers: count, ...pins });
      results.push(result);
      say(`${trace.name} ${run}/${runs} ${count} workers${pinned ? ', pinned' : ''}: ${result.seconds.toFixed(2)} s\n`);
    }
  }
  const rows = settings.map(({ count, pinned, results }) => {
    const { ofWorkers, packets } = results[0] as ScaleResult;
    const most = (share: (result: ScaleResult) => number): number => Math.max(...results.map(share));
    return [
      String(count),
      pinned ? 'yes' : 'no',
      readable(spreadOf(results.map(({ seconds }) => packets / seconds)).median),
      spreadText(results.map(({ seconds }) => seconds)),
      spreadText(results.map(({ cpuSeconds }) => cpuSeconds)),
      ofWorkers.map((handled) => percent(handled / packets)).join(', '),
      imbalance(ofWorkers).toFixed(2),
      percent(most(({ packetRingShare }) => packetRingShare)),
      percent(most(({ outputRingShare }) => outputRingShare)),
    ];
  });
  return table(
    [
      { title: 'workers', right: true },
      { title: 'pinned' },
      { title: 'packets/s', right: true },
      { title: 'wall s', right: true },
      { title: 'CPU-s', right: true },
      { title: 'share of each worker' },
      { title: 'imbalance', right: true },
      { title: 'packet ring', right: true },
      { title: 'output ring', right: true },
    ],
    rows,
  );
}

/** Runs everything and returns the section for the page. */
export function benchScale(options: ScaleOptions): string {
  const folder = temporaryFolder();
  const text = [
    '## Over several workers',
    '',
    `\`npm run bench:scale -- --workers ${options.workers} --runs ${options.runs} ${options.traces.join(' ')}\``,
    `on ${machineText()}, Ringtap ${sensorVersion()}.`,
    '',
    'One capture worker reads the file once and deals its flows to the packet workers; one output worker writes. Settings took turns:',
    `median of ${options.runs} (least–most). Wall: from the source being readable to the last record written. CPU-s: user and system of the`,
    'process with its start, here from the sources (the bundled program starts in a third of that). Imbalance: packets of the busiest',
    'worker over the mean. Rings: the most that was in use of the fullest ring, to a packet worker and to the output. Pinned: capture on the',
    'first CPU, workers on the next ones in turn. Capture, each packet worker and the output are a thread each: beyond one thread a CPU the',
    'wall clock can gain nothing.',
  ];
  for (const word of options.traces) {
    const trace = openTrace(word);
    text.push('', `### ${trace.name}: ${trace.packets} packets (${trace.origin})`, '', scaleTable(trace, options, folder));
    if (trace.name === 'elephant') text.push('', elephantText);
  }
  return `${text.join('\n')}\n`;
}

const elephantText = `A flow lives on one worker, whatever its size: the worker of the elephant handles nine packets of ten, the others share the mice, and
the imbalance nears the number of workers. More workers gain nothing here; what bounds the run is how fast one worker follows one
stream, whose bytes it passes over by count once recognition has said no. When its ring is full, a file is read no further until
there is room, so the other workers wait too; a live source leaves packets in the kernel's memory ring, and from half of that on drops the elephant's newest and counts them
(\`capture.dropped_ring_full_packets\`), and the mice of the other workers lose nothing.`;

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      workers: { type: 'string', default: defaultWorkers().join() },
      pin: { type: 'string', default: 'both' },
      runs: { type: 'string', default: '3' },
      page: { type: 'boolean', default: false },
    },
  });
  const workers = values.workers.split(',').map(Number);
  const runs = Number(values.runs);
  const pins = { both: [false, true], on: [true], off: [false] }[values.pin];
  const whole = [runs, ...workers].every((count) => Number.isInteger(count) && count >= 1);
  if (positionals.length === 0 || !whole || pins === undefined) {
    say('usage: npm run bench:scale -- [--workers 1,2,4] [--pin both|on|off] [--runs N] [--page] TRACE…\n');
    say('  TRACE: a pcap file, or http, dns, tls, small, elephant\n');
    process.exitCode = 2;
  } else {
    try {
      const section = benchScale({ traces: positionals, workers, pins, runs });
      process.stdout.write(section);
      if (values.page) writeSection('scale', section);
    } catch (error) {
      say(`bench:scale: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}
