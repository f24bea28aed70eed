// `npm run bench`: the micro benches of bench/, as a table and as their section of docs/benchmarks.md. Words after `--` choose
// benches: `npm run bench -- ring`; the section is only written when all ran. `npm run bench -- --all [TRACE…]` makes the whole
// page: other sensors, scaling, live capture where it can be, micro benches.

import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { BenchResult } from '../bench/bench-result.ts';
import { readable, table } from './bench/figures.ts';
import { machineText } from './bench/machine.ts';
import { writeSection } from './bench/page.ts';
import { wireObstacle } from './bench/wire.ts';
import { benchLive } from './bench-live.ts';
import { benchPeers } from './bench-peers.ts';
import { benchScale, defaultWorkers } from './bench-scale.ts';
import { root } from './step.ts';

async function microBenches(words: readonly string[]): Promise<string> {
  const files = globSync('bench/*.bench.ts', { cwd: root })
    .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
    .sort();
  const rows: string[][] = [];
  for (const file of files) {
    process.stderr.write(`${file} …\n`);
    const module = (await import(pathToFileURL(join(root, file)).href)) as { default: () => Promise<BenchResult[]> };
    for (const { name, work, unit, value } of await module.default()) {
      const bench = basename(file, '.bench.ts');
      rows.push([bench, name, work, `${readable(value)} ${unit}`]);
      process.stdout.write(`${bench.padEnd(10)} ${name.padEnd(44)} ${readable(value).padStart(10)} ${unit}\n`);
    }
  }
  return [
    '## Parts by themselves',
    '',
    `\`npm run bench\` on ${machineText()}. One run: read the figures as an order of magnitude, and compare only within a run. What each`,
    'bench does stands in its row and in `bench/`.',
    '',
    table([{ title: 'bench' }, { title: 'case' }, { title: 'work' }, { title: 'figure', right: true }], rows),
  ].join('\n');
}

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { all: { type: 'boolean', default: false }, runs: { type: 'string', default: '5' } },
});
const runs = Number(values.runs);
if (!Number.isInteger(runs) || runs < 1) {
  process.stderr.write('usage: npm run bench -- [WORD…] | --all [--runs N] [TRACE…]\n');
  process.exitCode = 2;
} else if (values.all) {
  const traces = positionals.length > 0 ? positionals : ['http', 'dns', 'tls', 'small'];
  writeSection('peers', await benchPeers({ traces, runs, only: [], also: [] }));
  writeSection('scale', benchScale({ traces: ['small', 'elephant'], workers: defaultWorkers(), pins: [false, true], runs: 3 }));
  const obstacle = wireObstacle();
  if (obstacle === undefined) writeSection('live', await benchLive({ traces: ['http', 'small'], seconds: 3, only: [] }));
  else process.stderr.write(`the live section stays as it is: ${obstacle}\n`);
  writeSection('micro', await microBenches([]));
} else {
  const section = await microBenches(positionals);
  if (positionals.length === 0) writeSection('micro', section);
}
