// `npm run bench:allocation`: bytes that a packet worker allocates for a packet, flow or transaction, against the committed
// baseline; fails when one has grown by more than a tenth. `--renew` writes the baseline anew. CI runs it: it is the same on a
// busy machine and on an idle one.

import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { allocationCases, type Baseline, judge, measureAllocation, tolerance } from './bench/allocation.ts';
import { temporaryFolder } from './bench/end-of-run.ts';
import { table } from './bench/figures.ts';
import { root } from './step.ts';

const baselineFile = 'bench/allocation-baseline.json';
const path = join(root, baselineFile);

const { values } = parseArgs({ options: { renew: { type: 'boolean', default: false } } });
const folder = temporaryFolder();
const figures: Record<string, number> = {};
for (const each of allocationCases) figures[`${each.trace} per ${each.unit}`] = Math.round(measureAllocation(each, folder));

if (values.renew) {
  const baseline: Baseline = { node: process.versions.node, bytes: figures };
  writeFileSync(path, `${JSON.stringify(baseline, null, 2)}\n`);
}
const baseline: Baseline = existsSync(path) ? JSON.parse(readFileSync(path, 'utf8')) : { node: process.versions.node, bytes: {} };
const judgements = judge(figures, baseline.bytes);
const columns = [{ title: 'allocated' }, { title: 'bytes', right: true }, { title: 'baseline', right: true }, { title: '' }];
const rows = judgements.map(({ name, bytes, baseline: before, verdict }) => [name, String(bytes), String(before ?? ''), verdict]);
process.stdout.write(`${table(columns, rows)}\n`);

const worse = judgements.filter(({ verdict }) => verdict === 'worse').map(({ name }) => name);
const renewal = `If that is meant, write the baseline anew with \`npm run bench:allocation -- --renew\` and commit ${baselineFile}.`;
if (worse.length > 0 && baseline.node !== process.versions.node) {
  process.stdout.write(`The baseline is of Node ${baseline.node}, this is ${process.versions.node}: nothing can be said.\n`);
} else if (worse.length > 0) {
  process.stdout.write(`More than ${tolerance * 100} % beyond the baseline: ${worse.join(', ')}.\n${renewal}\n`);
  process.exitCode = 1;
} else if (judgements.some(({ verdict }) => verdict !== 'same')) {
  process.stdout.write(`Not as the baseline says. ${renewal}\n`);
}
