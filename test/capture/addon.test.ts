import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import {
  addonBuildCommand,
  addonPath,
  affinity,
  checkFilter,
  currentCpuCount,
  interfaces,
  loadAddonFrom,
  setAffinity,
} from '../../src/capture/index.ts';
import { SensorError } from '../../src/errors.ts';

const here = dirname(fileURLToPath(import.meta.url));

test('the committed types are those of the built addon', () => {
  const built = readFileSync(join(dirname(addonPath), 'addon.d.ts'), 'utf8');
  const committed = readFileSync(join(here, '../../src/capture/generated/addon.d.ts'), 'utf8');
  assert.equal(committed, built);
});

test('a missing addon names the command that builds it', () => {
  assert.throws(
    () => loadAddonFrom(join(here, 'nowhere.node')),
    (error) =>
      error instanceof SensorError &&
      error.code === 'RT_ADDON' &&
      error.message.includes('is not built') &&
      (error.hint ?? '').includes(addonBuildCommand),
  );
});

test('a file that is no addon says why it cannot be loaded', () => {
  assert.throws(
    () => loadAddonFrom(join(here, '../../LICENSE')),
    (error) => error instanceof SensorError && error.code === 'RT_ADDON' && error.message.includes('cannot be loaded'),
  );
});

test('the loopback interface is found', () => {
  const loopback = interfaces().find((one) => one.loopback);
  assert.equal(loopback?.name, 'lo');
  assert.equal(loopback?.linkType, 1);
  assert.equal(loopback?.mac, undefined);
});

test('a worker pins itself and nobody else', async () => {
  const before = affinity();
  assert.equal(currentCpuCount(), before.length);
  const worker = new Worker(new URL('./fixtures/pinned-worker.ts', import.meta.url), { workerData: before[0] });
  const pinned = await new Promise((resolve, reject) => {
    worker.once('message', resolve);
    worker.once('error', reject);
  });
  await worker.terminate();
  assert.deepEqual(pinned, [before[0]]);
  assert.deepEqual(affinity(), before);
});

test('CPUs that do not exist are refused by number', () => {
  assert.throws(
    () => setAffinity([5000]),
    (error) => error instanceof SensorError && error.code === 'RT_WORKER' && error.message.includes('5000'),
  );
});

test('a filter is judged before anything is opened', (context) => {
  try {
    checkFilter('tcp port 80 and not host 10.0.0.1');
  } catch (error) {
    if (error instanceof SensorError && error.code === 'RT_FILTER_LIBRARY') return context.skip('libpcap is not installed');
    throw error;
  }
  checkFilter('vlan 3', 1);
  assert.throws(
    () => checkFilter('tcp prot 80', 1),
    (error) => error instanceof SensorError && error.code === 'RT_FILTER' && error.message.includes('tcp prot 80'),
  );
});
