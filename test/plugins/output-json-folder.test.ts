// The json-folder output: whole arrays in place, unfinished ones in tmp/, folders in turn, writes and moves that fail.

import assert from 'node:assert/strict';
import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import plugin from '../../plugins/output-json-folder/index.ts';
import type { Output, OutputContext } from '../../src/plugin/index.ts';
import { recordsOf, startSensor, temporaryFolder } from '../e2e/sensor.ts';
import { root } from '../source-tree.ts';
import { lines } from './kit.ts';

type UnderTest = Required<Omit<Output, 'finish'>> & { readonly counts: Record<string, number>; readonly log: string[] };

function outputIn(directory: string, changes: object = {}): UnderTest {
  const counts: Record<string, number> = {};
  const log: string[] = [];
  const tell = (message: string) => void log.push(message);
  const context: OutputContext = {
    name: 'test',
    directory,
    log: { debug: tell, info: tell, warn: tell, error: tell },
    count: (name, by = 1) => {
      counts[name] = (counts[name] ?? 0) + by;
    },
  };
  const config = { ...(Value.Create(plugin.config as TObject) as object), ...changes };
  return Object.assign(plugin.create(context, config as never), { counts, log }) as unknown as UnderTest;
}

const filesIn = (folder: string): string[] => readdirSync(folder).filter((name) => name.endsWith('.json'));
const arraysIn = (folder: string): unknown[] =>
  filesIn(folder).map((name) => JSON.parse(readFileSync(join(folder, name), 'utf8')));

test('a file grows in tmp/ and appears when it is large enough, as one array', async (context) => {
  const folder = temporaryFolder(context);
  const output = outputIn(folder, { max_bytes: 4096 });
  await output.start();
  await output.write(lines('{"n":1}', '{"n":2}'));
  assert.deepEqual([filesIn(join(folder, 'records')).length, filesIn(join(folder, 'records/tmp')).length], [0, 1]);
  await output.write(lines(`{"n":3,"text":"${'x'.repeat(4096)}"}`));
  const [array] = arraysIn(join(folder, 'records')) as [{ n: number }[]];
  assert.deepEqual(
    array.map(({ n }) => n),
    [1, 2, 3],
  );
  assert.equal(filesIn(join(folder, 'records/tmp')).length, 0);
  assert.deepEqual(output.counts, { completed_files: 1 });
  await output.stop(1000);
  assert.equal(filesIn(join(folder, 'records')).length, 1, 'an empty array is no file');
});

test('a file also appears when it is old enough, on SIGHUP, and at the end', async (context) => {
  const folder = temporaryFolder(context);
  const output = outputIn(folder, { max_secs: 0.2 });
  await output.start();
  await output.write(lines('{"n":1}'));
  await pause(600);
  assert.deepEqual(arraysIn(join(folder, 'records')), [[{ n: 1 }]]);
  await output.write(lines('{"n":2}'));
  await output.reopen();
  assert.equal(filesIn(join(folder, 'records')).length, 2);
  await output.write(lines('{"n":3}'));
  await output.flush();
  await output.stop(1000);
  assert.equal(filesIn(join(folder, 'records')).length, 3);
  assert.deepEqual(output.counts, { completed_files: 3 });
});

test('folders take turns; one that cannot be written is passed over and counted', async (context) => {
  const folder = temporaryFolder(context);
  const output = outputIn(folder, { directories: ['a', 'b', 'c'] });
  await output.start();
  rmSync(join(folder, 'b'), { recursive: true });
  writeFileSync(join(folder, 'b'), 'a file in the place of the folder');
  for (let n = 0; n < 4; n++) {
    await output.write(lines(`{"n":${n}}`));
    await output.reopen();
  }
  assert.equal(filesIn(join(folder, 'a')).length, 2);
  assert.equal(filesIn(join(folder, 'c')).length, 2);
  assert.deepEqual(output.counts, { completed_files: 4, unwritable_folders: 2 });
  await output.stop(1000);
});

test('what cannot be moved now is moved later, with what has come meanwhile lost from neither', async (context) => {
  const folder = temporaryFolder(context);
  const output = outputIn(folder);
  await output.start();
  await output.write(lines('{"n":1}'));
  const records = join(folder, 'records');
  const [name] = filesIn(join(records, 'tmp')) as [string];
  // A folder of its name, with something in it, cannot be replaced.
  mkdirSync(join(records, name, 'x'), { recursive: true });
  await output.reopen();
  await output.write(lines('{"n":2}'));
  await output.reopen();
  assert.equal(output.log.filter((line) => line.includes('trying again')).length, 1);
  rmSync(join(records, name), { recursive: true });
  await output.stop(1000);
  assert.deepEqual(new Set(arraysIn(records).map((array) => JSON.stringify(array))), new Set(['[{"n":1}]', '[{"n":2}]']));
});

test('a folder in which nothing can be written is an error at the start', async (context) => {
  const folder = temporaryFolder(context);
  writeFileSync(join(folder, 'records'), '');
  await assert.rejects(outputIn(folder).start(), { code: 'RT_OUTPUT', hint: /output\.directories/ });
});

test('what a killed run has left stays in tmp/ and is told of; records of the next are whole', async (context) => {
  const folder = temporaryFolder(context);
  const args = ['-l', folder, '--set', 'output.0.kind=json-folder', '-q'];
  const killed = startSensor(context, ['-r', '-', ...args], {
    openStdin: true,
    input: readFileSync(join(root, 'test/golden/http.pcap')),
  });
  const unfinished = join(folder, 'records/tmp');
  for (let tries = 0; tries < 200; tries++) {
    await pause(50);
    try {
      if (filesIn(unfinished).length > 0) break;
    } catch {
      // Not made yet.
    }
  }
  killed.kill('SIGKILL');
  await killed.result;
  assert.equal(filesIn(unfinished).length, 1);
  assert.equal(filesIn(join(folder, 'records')).length, 0);
  const { code, stderr } = await startSensor(context, ['-r', join(root, 'test/golden/dns.pcap'), ...args]).result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /records\/tmp: 1 files that an earlier run has not completed/);
  const { stdout } = await startSensor(context, ['-r', join(root, 'test/golden/dns.pcap'), '-q']).result;
  assert.equal((arraysIn(join(folder, 'records')) as unknown[][])[0]?.length, recordsOf(stdout).length);
});

test("lines for Elasticsearch's bulk requests are no array", async (context) => {
  const set = ['output.0.kind=json-folder', 'output.0.format=arkime_bulk'].flatMap((setting) => ['--set', setting]);
  const { code, stderr } = await startSensor(context, ['-r', join(root, 'test/golden/dns.pcap'), ...set]).result;
  assert.equal(code, 2);
  assert.match(stderr, /output\[0\]\.format: has lines between the records/);
});
