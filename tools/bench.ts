// `npm run bench`: all benches, as a table and as docs/benchmarks.md. Words after `--` choose benches: `npm run bench -- ring`;
// the page is only written when all ran.

import { globSync, writeFileSync } from 'node:fs';
import { cpus, totalmem } from 'node:os';
import { basename, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { BenchResult } from '../bench/bench-result.ts';
import { root } from './step.ts';

const words = process.argv.slice(2);
const files = globSync('bench/*.bench.ts', { cwd: root })
  .filter((file) => words.length === 0 || words.some((word) => file.includes(word)))
  .sort();

function readable(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)} k`;
  return value.toFixed(2);
}

const rows: string[] = [];
for (const file of files) {
  process.stderr.write(`${file} …\n`);
  const module = (await import(pathToFileURL(join(root, file)).href)) as { default: () => Promise<BenchResult[]> };
  for (const { name, work, unit, value } of await module.default()) {
    rows.push(`| ${basename(file, '.bench.ts')} | ${name} | ${work} | ${readable(value)} ${unit} |`);
    process.stdout.write(
      `${basename(file, '.bench.ts').padEnd(10)} ${name.padEnd(44)} ${readable(value).padStart(10)} ${unit}\n`,
    );
  }
}
if (words.length === 0) {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, ${Math.round(totalmem() / 2 ** 30)} GiB, ${process.platform}-${process.arch}, Node ${process.versions.node}`;
  const page = [
    '# Benchmarks',
    '',
    `Made by \`npm run bench\` on ${machine}. One run on a machine that may do other work: read the figures as an`,
    'order of magnitude, and compare only within a run. What each bench does stands in its row and in `bench/`.',
    '',
    '| bench | case | work | figure |',
    '|---|---|---|---|',
    ...rows,
    '',
  ].join('\n');
  writeFileSync(join(root, 'docs', 'benchmarks.md'), page);
}
