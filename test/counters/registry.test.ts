// The counter registry: blocks, labels, snapshots and adding from other threads.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  CounterRegistry,
  type CounterSample,
  captureCounterSet,
  defineCounters,
  openCounterBlock,
  total,
} from '../../src/counters/index.ts';
import { captureCounters } from '../../src/ring/index.ts';

const session = defineCounters('session', {
  created_sessions: { help: 'sessions created' },
  open_sessions: { help: 'sessions in the table', kind: 'gauge' },
});
const output = defineCounters('output', { written_records: { help: 'records written', account: 'processed' } });

const brief = (samples: readonly CounterSample[]): unknown[] =>
  samples.map(({ set, name, labels, value }) => [set, name, labels, value]);

test('a snapshot lists every counter of every block with its labels and spec', () => {
  const registry = new CounterRegistry({ expected: [{ set: session, instances: 2 }] });
  const first = registry.block(session, { worker: '0' });
  const second = registry.block(session, { worker: '1' });
  const third = registry.block(output, { output: 'eve' });
  first.values[session.index.created_sessions] = 7;
  second.values[session.index.open_sessions] = 2 ** 53 - 1;
  openCounterBlock(third)[0] = 3;
  assert.deepEqual(brief(registry.snapshot()), [
    ['session', 'created_sessions', { worker: '0' }, 7],
    ['session', 'open_sessions', { worker: '0' }, 0],
    ['session', 'created_sessions', { worker: '1' }, 0],
    ['session', 'open_sessions', { worker: '1' }, 2 ** 53 - 1],
    ['output', 'written_records', { output: 'eve' }, 3],
  ]);
  assert.equal(registry.snapshot()[1]?.spec, session.specs.open_sessions);
  assert.equal(total(registry.snapshot(), 'session', 'created_sessions'), 7);
  assert.equal(total(registry.snapshot(), 'session', 'no_such_counter'), 0);
});

test('the same set and labels give the same block, whatever the order of the labels', () => {
  const registry = new CounterRegistry({ expected: [] });
  const first = registry.block(session, { a: '1', b: '2' });
  first.values[0] = 5;
  const again = registry.block(session, { b: '2', a: '1' });
  assert.equal(again.base, first.base);
  assert.equal(again.values[0], 5);
  assert.equal(registry.snapshot().length, 2);
  assert.notEqual(registry.block(session, { a: '1,b="2"' }).base, first.base);
});

test('blocks start on cache lines of their own', () => {
  const registry = new CounterRegistry({ expected: [] });
  const bases = ['0', '1', '2'].map((worker) => registry.block(session, { worker }).base);
  assert.deepEqual(bases, [0, 8, 16]);
  assert.equal(registry.block(captureCounterSet, { source: '0' }).base, 24);
  assert.equal(registry.block(output).base, 24 + Math.ceil(captureCounters.length / 8) * 8);
});

test('sized from what is expected, plus head room; beyond that is an error with a code', () => {
  const registry = new CounterRegistry({ expected: [{ set: session, instances: 2 }], headRoomWords: 8 });
  assert.equal(registry.capacityWords, 24);
  for (const worker of ['0', '1', '2']) registry.block(session, { worker });
  assert.throws(() => registry.block(session, { worker: '3' }), { code: 'RT_WORKER' });
  assert.equal(registry.block(session, { worker: '2' }).base, 16);
});

test('two sets of one name are a programming error', () => {
  const registry = new CounterRegistry({ expected: [] });
  registry.block(session);
  assert.throws(() => registry.block(defineCounters('session', { other_sessions: { help: 'other' } })), /two different/);
});

test('what had something and is gone has no gauges left; its counts stay', () => {
  const registry = new CounterRegistry({ expected: [{ set: session, instances: 2 }] });
  for (const worker of ['0', '1']) registry.block(session, { worker }).values.set([5, 3]);
  registry.clearGauges(session, { worker: '0' });
  assert.deepEqual(
    registry.snapshot().map(({ value }) => value),
    [5, 0, 5, 3],
  );
});

test('the capture set has the order of the shared layout', () => {
  assert.deepEqual(
    captureCounterSet.names,
    captureCounters.map(([name]) => name),
  );
  captureCounters.forEach(([name, help], index) => {
    assert.equal(captureCounterSet.index[name], index);
    assert.equal(captureCounterSet.specs[name].help, help);
    assert.equal(captureCounterSet.specs[name].dropped !== undefined, name.startsWith('dropped_'));
  });
});

test('four threads add to neighbouring blocks; not one addition is lost', async () => {
  const registry = new CounterRegistry({ expected: [{ set: session, instances: 4 }] });
  const times = 200_000;
  await Promise.all(
    ['0', '1', '2', '3'].map(async (worker) => {
      const { buffer, base, size } = registry.block(session, { worker });
      const thread = new Worker(new URL('./fixtures/adder.ts', import.meta.url), {
        workerData: { handle: { buffer, base, size }, index: session.index.created_sessions, times },
      });
      await once(thread, 'message');
    }),
  );
  assert.equal(total(registry.snapshot(), 'session', 'created_sessions'), 4 * times);
  assert.equal(total(registry.snapshot(), 'session', 'open_sessions'), 0);
});
