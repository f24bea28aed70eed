// `npm run bench:peers -- TRACE…`: Ringtap and the other sensors that are installed, over the same trace and in turns
// (A B C A B C …), with what each costs, what it found of the truth, and the ratio of each turn.
// TRACE: a pcap file, or http, dns, tls, small, elephant (made on the spot; dns:20000 for a size).

import { mkdirSync, rmSync } from 'node:fs';
import { basename, join } from 'node:path';
import { parseArgs } from 'node:util';
import { temporaryFolder } from './bench/end-of-run.ts';
import { mebibytes, readable, spreadOf, spreadText, table } from './bench/figures.ts';
import { machineText } from './bench/machine.ts';
import { measure, memoryMethod, type Usage } from './bench/measure.ts';
import { writeSection } from './bench/page.ts';
import { otherSensor, type Program, programs } from './bench/programs.ts';
import type { RecordCounts } from './bench/record-counts.ts';
import { openTrace, type TraceFile, warm } from './bench/trace-files.ts';
import { findings, findingsText } from './bench/truth-check.ts';

const leastCpuSeconds = 0.05;

interface Result {
  readonly program: Program;
  readonly runs: Usage[];
  counts: RecordCounts;
}

export interface PeersOptions {
  readonly traces: readonly string[];
  readonly runs: number;
  /** Names of programs; all that are installed when empty. */
  readonly only: readonly string[];
  readonly also: readonly string[];
}

const say = (text: string): void => void process.stderr.write(text);

function choose({ only, also }: PeersOptions): Program[] {
  const all = [...programs, ...also.map(otherSensor)];
  const unknown = only.filter((name) => !all.some((program) => program.name === name));
  if (unknown.length > 0)
    throw new Error(`no such program: ${unknown.join(', ')}; there are ${all.map(({ name }) => name).join(', ')}`);
  const wanted = all.filter(
    ({ name, onlyWhenNamed }) =>
      (only.length === 0 ? onlyWhenNamed !== true : only.includes(name)) || also.some((text) => text.startsWith(`${name}=`)),
  );
  for (const { name, path, package: origin } of wanted) {
    if (path === undefined) say(`${name} is left out: it is not installed (apt-get install ${origin})\n`);
  }
  return wanted.filter(({ path }) => path !== undefined);
}

/** All runs over one trace, in turns. Records are counted once, after the last run. */
async function runTrace(trace: TraceFile, chosen: readonly Program[], runs: number, folder: string): Promise<Result[]> {
  const results: Result[] = chosen.map((program) => ({ program, runs: [], counts: {} }));
  warm(trace.path);
  for (let run = 1; run <= runs; run++) {
    for (const result of results) {
      const { program } = result;
      const own = join(folder, program.name);
      mkdirSync(own);
      const usage = await measure(program.command(trace.path, own), {
        folder: own,
        ...(program.stdout === undefined ? {} : { stdout: join(own, program.stdout) }),
      });
      result.runs.push(usage);
      say(
        `${trace.name} ${run}/${runs} ${program.name.padEnd(14)} ${usage.cpuSeconds.toFixed(2)} CPU-s, ${usage.wallSeconds.toFixed(2)} s\n`,
      );
      if (run === runs) result.counts = program.counts(own);
      rmSync(own, { recursive: true });
    }
  }
  return results;
}

const packetsOf = (trace: TraceFile, { packetLimit }: Program): number => Math.min(trace.packets, packetLimit ?? trace.packets);

/** Times as much CPU time a packet as Ringtap's run of the same turn. */
function ratios(trace: TraceFile, { program, runs }: Result, against: Result): number[] {
  const share = packetsOf(trace, program) / trace.packets;
  return runs.map(({ cpuSeconds }, run) => cpuSeconds / share / (against.runs[run] as Usage).cpuSeconds);
}

function countsText(counts: RecordCounts): string {
  return Object.entries(counts)
    .filter(([type]) => type !== 'stats')
    .map(([type, count]) => `${type} ${count}`)
    .join(', ');
}

function traceTable(trace: TraceFile, results: readonly Result[]): string {
  const lines: string[] = [];
  const rows = results.map((result) => {
    const { program, runs, counts } = result;
    const byName = (name: string | undefined): Result | undefined =>
      results.find(({ program: other }) => other.name === name && other !== program);
    const against = byName(program.against);
    const cpu = runs.map(({ cpuSeconds }) => cpuSeconds);
    const median = spreadOf(cpu).median;
    const own = against === undefined ? [] : ratios(trace, result, against);
    for (const other of [against, byName(program.alsoAgainst)]) {
      if (other === undefined || !program.sameWork) continue;
      const turns = ratios(trace, result, other).map((ratio) => ratio.toFixed(2));
      lines.push(`- ${program.name} : ${other.program.name}, turn by turn: ${turns.join(', ')}`);
    }
    return [
      program.name,
      spreadText(cpu),
      spreadText(runs.map(({ wallSeconds }) => wallSeconds)),
      mebibytes(Math.max(...runs.map(({ peakBytes }) => peakBytes))),
      // Below a few ticks of the kernel's clock there is nothing to divide by.
      median < leastCpuSeconds ? '' : readable(packetsOf(trace, program) / median),
      own.length > 0 ? `${spreadText(own)}${program.sameWork ? '' : ' *'}` : '',
      findingsText(findings(counts, trace.expect, program.kinds)),
      countsText(counts),
    ];
  });
  const columns = [
    { title: 'program' },
    { title: 'CPU-s', right: true },
    { title: 'wall s', right: true },
    { title: 'peak MiB', right: true },
    { title: 'packets/CPU-s', right: true },
    { title: 'CPU × Ringtap', right: true },
    { title: 'of the truth' },
    { title: 'wrote' },
  ];
  return [table(columns, rows), ...(lines.length > 0 ? ['', ...lines] : [])].join('\n');
}

/** Runs everything and returns the section for the page. */
export async function benchPeers(options: PeersOptions): Promise<string> {
  const chosen = choose(options);
  const folder = temporaryFolder();
  // Without folders: where a file lies on this machine is nobody's business.
  const words = options.traces.map((word) => basename(word)).join(' ');
  const text = [
    '## Beside other sensors',
    '',
    `\`npm run bench:peers -- --runs ${options.runs}${options.only.length > 0 ? ` --only ${options.only}` : ''} ${words}\` on ${machineText()}.`,
    '',
    `Programs took turns, ${options.runs === 1 ? 'once' : `${options.runs} times`} each: median (least–most). CPU-s: user and system of the whole process and its`,
    `children, by the kernel, to 10 ms. Peak: ${memoryMethod}, the most of all runs. The file was in the page cache, checksums were not`,
    'looked at, records went to a local file. "CPU × Ringtap": CPU time over that of Ringtap doing the same work in the same turn; with *:',
    "not the same work, set against the nearest. Suricata's `dns` counts messages, Ringtap's transactions.",
    '',
    table(
      [{ title: 'program' }, { title: 'version' }, { title: 'work' }, { title: 'set against' }],
      chosen.map(({ name, version, work, against }) => [name, version(), work, name === against ? '' : against]),
    ),
  ];
  for (const word of options.traces) {
    const trace = openTrace(word);
    const results = await runTrace(trace, chosen, options.runs, folder);
    text.push(
      '',
      `### ${trace.name}: ${trace.packets} packets, ${mebibytes(trace.bytes)} MiB (${trace.origin})`,
      '',
      traceTable(trace, results),
    );
  }
  return `${text.join('\n')}\n`;
}

if (import.meta.main) {
  const { positionals, values } = parseArgs({
    allowPositionals: true,
    options: {
      runs: { type: 'string', default: '3' },
      only: { type: 'string', default: '' },
      also: { type: 'string', multiple: true, default: [] },
      page: { type: 'boolean', default: false },
    },
  });
  const runs = Number(values.runs);
  if (positionals.length === 0 || !Number.isInteger(runs) || runs < 1) {
    say('usage: npm run bench:peers -- [--runs N] [--only NAME,…] [--also NAME=COMMAND] [--page] TRACE…\n');
    say(`  TRACE: a pcap file, or http, dns, tls, small, elephant; programs: ${programs.map(({ name }) => name).join(', ')}\n`);
    process.exitCode = 2;
  } else {
    try {
      const only = values.only.split(',').filter((name) => name !== '');
      const section = await benchPeers({ traces: positionals, runs, only, also: values.also });
      process.stdout.write(section);
      if (values.page) writeSection('peers', section);
    } catch (error) {
      say(`bench:peers: ${(error as Error).message}\n`);
      process.exitCode = 1;
    }
  }
}
