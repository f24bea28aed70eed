// The watch of a folder and its ledger: what counts as complete, as new, as done.

import assert from 'node:assert/strict';
import { appendFileSync, mkdirSync, readFileSync, rmSync, symlinkSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import type { FolderSourceConfig } from '../../src/config/index.ts';
import { addToLedger, type LedgerEntry, readLedger, tidyLedger } from '../../src/workers/folder-ledger.ts';
import { FolderWatch } from '../../src/workers/folder-watch.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

const lookMs = 1100;

function watchOf(context: TestContext, changes: Partial<FolderSourceConfig> = {}, done = new Map<string, LedgerEntry>()) {
  const folder = temporaryFolder(context);
  const given: string[] = [];
  const told: string[] = [];
  const finished: { path: string; packets: number; problem?: string }[] = [];
  let isComplete = false;
  const taker = {
    addFile: (path: string) => void given.push(path.slice(folder.length + 1)),
    complete: () => {
      isComplete = true;
    },
    takeFinished: () => finished.splice(0),
  };
  const config = { directory: folder, recursive: false, monitor: true, settle_secs: 0.5, ...changes } as FolderSourceConfig;
  const watch = new FolderWatch(config, taker, done, (message) => told.push(message));
  const path = (name: string) => join(folder, name);
  return { folder, watch, given, told, finished, path, isComplete: () => isComplete };
}

/** As it would be a minute after its last byte. */
function old(path: string, text = 'x'): void {
  writeFileSync(path, text);
  const then = Date.now() / 1000 - 60;
  utimesSync(path, then, then);
}

test('once: all files by name, and no more', (context) => {
  const { watch, given, path, isComplete } = watchOf(context, { monitor: false, recursive: true });
  mkdirSync(path('sub'));
  for (const name of ['b', 'a', 'sub/c', '.hidden', 'd.part', 'e.pcap.tmp', 'f~']) writeFileSync(path(name), 'x');
  symlinkSync(path('sub'), path('again'));
  symlinkSync(path('nowhere'), path('dangling'));
  watch.start();
  assert.deepEqual([given, isComplete()], [['a', 'b', 'sub/c'], true]);
});

test('watched: what has settled is given at once, what is fresh or grows when it has settled, what is empty not', async (context) => {
  const { watch, given, path, isComplete } = watchOf(context);
  old(path('old'));
  old(path('empty'), '');
  writeFileSync(path('fresh'), 'x');
  watch.start();
  assert.deepEqual([given, isComplete()], [['old'], false]);
  appendFileSync(path('fresh'), 'y');
  await pause(lookMs);
  watch.look();
  assert.deepEqual(given, ['old'], 'it has grown since');
  await pause(lookMs);
  watch.look();
  watch.look();
  assert.deepEqual(given, ['old', 'fresh']);
});

test('a file that changes after it was read is told and given again; one that is gone is forgotten', async (context) => {
  const { watch, given, told, finished, path } = watchOf(context);
  old(path('a'));
  watch.start();
  finished.push({ path: path('a'), packets: 3 });
  const [file] = watch.takeFinished();
  assert.deepEqual([file?.path, file?.size, file?.packets, file?.problem], [path('a'), 1, 3, undefined]);
  old(path('a'), 'longer');
  await pause(lookMs);
  watch.look();
  assert.deepEqual(given, ['a', 'a']);
  assert.match(told.join(), /a: has changed since it was read/);
  finished.push({ path: path('a'), packets: 0, problem: 'no capture' });
  assert.equal(watch.takeFinished()[0]?.problem, 'no capture');
  rmSync(path('a'));
  await pause(lookMs);
  watch.look();
  old(path('a'), 'longer');
  await pause(lookMs);
  watch.look();
  assert.deepEqual(given, ['a', 'a', 'a'], 'a new file of the same name and size');
});

test('a watched folder that goes away is told once, and looked for', async (context) => {
  const { watch, given, told, folder, path } = watchOf(context);
  watch.start();
  rmSync(folder, { recursive: true });
  for (let looks = 0; looks < 2; looks++) {
    await pause(lookMs);
    watch.look();
  }
  assert.equal(told.length, 1);
  assert.match(told[0] as string, /no such file or directory; looking again/);
  mkdirSync(folder);
  old(path('a'));
  await pause(lookMs);
  watch.look();
  assert.deepEqual(given, ['a']);
  const { watch: second } = watchOf(context, { directory: join(folder, 'gone') });
  assert.throws(() => second.start(), { code: 'RT_SOURCE_OPEN' });
});

test('the ledger knows files by name, size and time, bears a cut line, and forgets what is gone', (context) => {
  const folder = temporaryFolder(context);
  const [ledger, here] = [join(folder, 'below/ledger'), join(folder, 'here')];
  old(here);
  assert.equal(readLedger(ledger).size, 0);
  addToLedger(ledger, [{ path: here, size: 1, mtime_ms: 5 }]);
  addToLedger(ledger, [{ path: join(folder, 'gone'), size: 2, mtime_ms: 6, problem: 'cut' }]);
  appendFileSync(ledger, '{"path": "/half');
  assert.equal(readLedger(ledger).get(join(folder, 'gone'))?.problem, 'cut');
  tidyLedger(ledger);
  assert.deepEqual([...readLedger(ledger).keys()], [here]);
  assert.equal(readFileSync(ledger, 'utf8').split('\n').length, 2);
});
