// Files that go to disk as they grow: what is asked of the system and when, what happens where it refuses, and that nothing of the
// file is changed by it.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { WriteBehind } from '../../plugins/output-file/write-behind.ts';
import { loadAddon } from '../../src/capture/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { fileOutputIn, lines } from './kit.ts';

const mib = 1 << 20;

interface Asked {
  readonly below: number;
  readonly from: number;
  readonly to: number;
}

test('a step is asked for after four MiB, and keeps the end of the file in memory', async () => {
  const asked: Asked[] = [];
  const behind = new WriteBehind(
    async (_descriptor, below, from, to) => void asked.push({ below, from, to }),
    8 * mib,
    assert.fail,
  );
  behind.begin(100);
  for (let size = mib; size <= 20 * mib; size += mib) {
    behind.grown(3, size);
    await behind.idle();
  }
  assert.deepEqual(asked.slice(0, 3), [
    { below: 0, from: 100, to: 5 * mib },
    { below: mib, from: 5 * mib, to: 9 * mib },
    { below: 5 * mib, from: 9 * mib, to: 13 * mib },
  ]);
});

test('while a step runs no other is begun, and the next one takes what came meanwhile', async () => {
  const asked: Asked[] = [];
  let done = (): void => {};
  const call = (_descriptor: number, below: number, from: number, to: number): Promise<void> => {
    asked.push({ below, from, to });
    return new Promise((resolve) => {
      done = resolve;
    });
  };
  const behind = new WriteBehind(call, mib, assert.fail);
  for (let size = mib; size <= 12 * mib; size += mib) behind.grown(3, size);
  assert.deepEqual(asked, [{ below: 3 * mib, from: 0, to: 4 * mib }]);
  done();
  await behind.idle();
  behind.grown(3, 13 * mib);
  assert.deepEqual(asked[1], { below: 12 * mib, from: 4 * mib, to: 13 * mib });
  done();
});

test('a system that cannot is asked once, and that is said', async () => {
  let calls = 0;
  const refusals: string[] = [];
  const refuse = async (): Promise<void> => {
    calls += 1;
    throw new Error('invalid argument');
  };
  const behind = new WriteBehind(refuse, mib, ({ message }) => refusals.push(message));
  for (let size = 4 * mib; size <= 40 * mib; size += 4 * mib) {
    behind.grown(3, size);
    await behind.idle();
  }
  assert.equal(calls, 1);
  assert.deepEqual(refusals, ['invalid argument']);
});

test('a file of 40 MiB that goes to disk as it grows has every byte, over a rotation too', async (context) => {
  const folder = temporaryFolder(context);
  const writeBehind = loadAddon().writeBehind;
  const output = fileOutputIn(folder, { cache_bytes: 2 * mib, rotate_bytes: 30 * mib }, writeBehind);
  await output.start();
  const line = 'r'.repeat(mib - 1);
  for (let count = 0; count < 40; count += 1) await output.write(lines(line));
  await output.stop(1000);
  assert.deepEqual(output.counts, { rotated_files: 1 });
  assert.equal(readFileSync(join(folder, 'ringtap.ndjson'), 'latin1'), `${line}\n`.repeat(10));
  assert.deepEqual(output.log, []);
});
