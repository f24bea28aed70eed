// The fuzzing tool: a short run of every target, that a failure is found, made small and reproducible, and its command line.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { decoderSeeds } from '../../tools/fuzz/decoder-seeds.ts';
import { attempt, fuzz } from '../../tools/fuzz/fuzzer.ts';
import { rustTargets } from '../../tools/fuzz/rust.ts';
import type { Target } from '../../tools/fuzz/target.ts';
import { targets } from '../../tools/fuzz/targets.ts';
import { root } from '../../tools/step.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

/** Decoders that only name a session have nothing to come to. */
const named = new Set(
  decoderDefinitions.filter(({ sessionFields, records }) => sessionFields.length + records.length === 0).map(({ name }) => name),
);

const short = { seed: 7, seconds: 60, maxRuns: 1500, captures: [] };

for (const target of targets) {
  test(`${target.name}: ${short.maxRuns} inputs without a failure`, async () => {
    const report = await fuzz(target, short);
    assert.equal(report.failure?.message, undefined);
    assert.equal(report.runs, short.maxRuns);
    const least = named.has(target.name) ? 1 : 2;
    assert.ok(report.outcomes >= least, `the inputs reach ${report.outcomes} outcomes`);
  });
}

test('every decoder has a conversation to start from', () => {
  const without = [...decoderSeeds([])].filter(([, talks]) => talks.length === 0).map(([name]) => name);
  assert.deepEqual(without, []);
});

/** Fails on every input with an `X` behind a `!`. */
const fragile: Target = {
  name: 'fragile',
  meaning: '',
  seeds: () => [Buffer.from('a long seed that holds ! and then a few more words')],
  run: (input) => {
    const mark = input.indexOf('!');
    if (mark >= 0 && input.indexOf('X', mark) >= 0) throw new Error(`failed at ${mark}`);
    return mark >= 0 ? 'marked' : 'plain';
  },
};

test('a failure is found, made as small as it can be, and found again with the same seed', async () => {
  const options = { ...short, maxRuns: 200_000 };
  const { failure, runs } = await fuzz(fragile, options);
  assert.equal(failure?.input.toString(), '!X');
  assert.match(failure?.message ?? '', /failed at 0/);
  assert.equal((await fuzz(fragile, options)).runs, runs);
  assert.notEqual((await fuzz(fragile, { ...options, seed: 8 })).runs, runs);
  assert.match((await attempt(fragile, Buffer.from('!X'))).failure ?? '', /failed/);
});

function run(...args: string[]): { code: number | null; out: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, ['tools/fuzz.ts', ...args], { cwd: root, encoding: 'utf8' });
  return { code: status, out: stdout + stderr };
}

test('the command line: lists, runs targets on threads, replays inputs, names what it does not know', (context) => {
  const list = run('--list').out;
  for (const name of [...targets.map((target) => target.name), ...rustTargets()]) assert.match(list, new RegExp(`\\b${name}\\b`));
  assert.ok(rustTargets().includes('dissect'));
  const ran = run('--runs', '200', 'dns', 'encoder');
  assert.equal(ran.code, 0, ran.out);
  assert.match(ran.out, /^dns +200 inputs, \d+ kinds of outcome: fine\nencoder +200 inputs/m);
  const file = join(temporaryFolder(context), 'input.bin');
  writeFileSync(file, 'anything');
  const replayed = run('http', '--replay', file);
  assert.equal(replayed.code, 0, replayed.out);
  assert.match(replayed.out, /^http: fine/);
  assert.equal(run('nonsense').code, 2);
  assert.equal(run('--rust', 'nonsense').code, 2);
  assert.equal(run('--seconds', 'x').code, 2);
});

test('without cargo, --rust names the commands that install what it needs', () => {
  const { status, stderr } = spawnSync(process.execPath, ['tools/fuzz.ts', '--rust', '--seconds', '1'], {
    cwd: root,
    encoding: 'utf8',
    env: { ...process.env, PATH: '/nonexistent' },
  });
  assert.equal(status, 2);
  assert.match(stderr, /rustup toolchain install nightly/);
  assert.match(stderr, /cargo install cargo-fuzz --locked/);
});
