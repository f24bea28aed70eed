// Numbers of capture files that runs count by themselves: none is given out twice, whoever takes them at the same time, whoever is killed
// over it, and whatever lies in the folder.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { LastNumber } from '../../plugins/output-pcap/last-number.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { runSensor, temporaryFolder } from '../e2e/sensor.ts';
import { listedFiles, packetsOf } from './capture-file.ts';

interface Taker {
  readonly process: ChildProcess;
  numbers(): number[];
}

async function startTaker(context: TestContext, folder: string, count: number): Promise<Taker> {
  const taker = spawn(process.execPath, [join(import.meta.dirname, 'fixtures', 'number-taker.ts'), folder, String(count)]);
  context.after(() => taker.kill('SIGKILL'));
  let text = '';
  taker.stdout.on('data', (piece) => {
    text += piece;
  });
  await once(taker.stdout, 'data');
  // A killed one may have been cut off in its last line.
  return { process: taker, numbers: () => text.split('\n').slice(1, -1).map(Number) };
}

test('processes that take numbers at once never have the same, and a killed one keeps nothing locked', async (context) => {
  const folder = temporaryFolder(context);
  const takers = await Promise.all([300, 300, 100_000].map((count) => startTaker(context, folder, count)));
  const victim = takers[2] as Taker;
  for (const taker of takers) taker.process.stdin?.end();
  const finished = takers.slice(0, 2).map(({ process }) => once(process, 'exit'));
  while (victim.numbers().length < 50) await once(victim.process.stdout as NonNullable<ChildProcess['stdout']>, 'data');
  victim.process.kill('SIGKILL');
  assert.deepEqual(await Promise.all(finished), [
    [0, null],
    [0, null],
  ]);
  const given = takers.flatMap((taker) => taker.numbers());
  assert.ok(given.length >= 650, `${given.length}`);
  assert.equal(new Set(given).size, given.length);
  const next = await new LastNumber(folder, 'n', 0).take();
  assert.ok(next > Math.max(...given));
  assert.deepEqual(readdirSync(join(folder, 'n.number')), [String(next)]);
});

test('what is known to be taken is passed over, and the folder says what is wrong with it', async (context) => {
  const folder = temporaryFolder(context);
  const [one, two] = [new LastNumber(folder, 'a/b', 7), new LastNumber(folder, 'a/b', 3)];
  assert.deepEqual([one.value, two.value], [7, 7]);
  assert.deepEqual(
    await Promise.all([one.take(), one.take(), two.take()]).then((given) => given.sort((a, b) => a - b)),
    [8, 9, 10],
  );
  await one.raise(20);
  await two.raise(15);
  assert.deepEqual([two.value, await two.take()], [15, 21]);
  assert.deepEqual(readdirSync(folder), ['a_b.number']);
  assert.deepEqual(statSync(join(folder, 'a_b.number')).mode & 0o007, 0);
  rmSync(join(folder, 'a_b.number', '21'));
  await assert.rejects(one.take(), /a_b\.number should hold one file named with a number/);
  assert.equal(await new LastNumber(folder, 'a/b', 30).take(), 31);
  rmSync(join(folder, 'a_b.number', '31'));
  mkdirSync(join(folder, 'a_b.number', 'x'));
  assert.throws(() => new LastNumber(folder, 'a/b', 30), /should hold one file named with a number/);
});

test('two runs at once that write to one folder have files and numbers of their own', async (context) => {
  const folder = temporaryFolder(context);
  const input = join(folder, 'in.pcap');
  writeTrace('http', input, 60);
  const directories = `directories=["${join(folder, 'pcap')}"]`;
  const run = (log: string): ReturnType<typeof runSensor> => {
    const settings = ['kind=pcap', directories, 'rotate_bytes=6000'].flatMap((setting) => ['--set', `output.0.${setting}`]);
    return runSensor(context, '-r', input, '-l', join(folder, log), '-n', '1', ...settings);
  };
  for (const { code, stderr } of await Promise.all([run('one'), run('two')])) {
    assert.equal(code, 0, stderr);
    assert.match(stderr, /losses {5}none/);
  }
  const files = [...listedFiles(join(folder, 'pcap')).values()];
  const captures = readdirSync(join(folder, 'pcap')).filter((name) => name.endsWith('.pcap'));
  assert.ok(captures.length > 10, `${captures.length}`);
  assert.deepEqual(files.map(({ path }) => path).sort(), captures.map((name) => join(folder, 'pcap', name)).sort());
  const packets = files.flatMap(({ path }) => packetsOf(readFileSync(path))).sort();
  const expected = packetsOf(readFileSync(input));
  assert.deepEqual(packets, [...expected, ...expected].sort());
});

test('a capture file that is there already is not written over', async (context) => {
  const folder = temporaryFolder(context);
  const input = join(folder, 'in.pcap');
  writeTrace('http', input, 60);
  mkdirSync(join(folder, 'pcap'));
  writeFileSync(join(folder, 'pcap', '00000001.pcap'), 'precious');
  const settings = ['kind=pcap', 'name_template={number}', 'rotate_bytes=6000'];
  const args = settings.flatMap((setting) => ['--set', `output.0.${setting}`]);
  const { code, stderr } = await runSensor(context, '-r', input, '-l', folder, '-n', '1', ...args);
  assert.equal(code, 0, stderr);
  assert.match(stderr, /00000001\.pcap is there already and is not written over/);
  assert.match(stderr, /kept frames/);
  assert.equal(readFileSync(join(folder, 'pcap', '00000001.pcap'), 'utf8'), 'precious');
  const files = [...listedFiles(join(folder, 'pcap')).values()];
  assert.ok(files.length > 5 && files.every(({ number }) => number > 1));
});
