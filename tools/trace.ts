// Makes a benchmark trace with its truth: `npm run trace -- http out.pcap --size 120000 --seed 1`.

import { parseArgs } from 'node:util';
import { defaultSizes, type TraceName, traceNames, writeTrace } from './traces/index.ts';

const { positionals, values } = parseArgs({
  allowPositionals: true,
  options: { size: { type: 'string' }, seed: { type: 'string', default: '1' } },
});
const [name, path] = positionals;
if (!(traceNames as string[]).includes(name ?? '') || path === undefined) {
  process.stderr.write(`usage: npm run trace -- ${traceNames.join('|')} FILE [--size N] [--seed N]\n`);
  process.exitCode = 2;
} else {
  const size = Number(values.size ?? defaultSizes[name as TraceName]);
  const truth = writeTrace(name as TraceName, path, size, Number(values.seed));
  process.stdout.write(`${path}: ${truth.packets} packets, ${truth.file_bytes} bytes\n`);
}
