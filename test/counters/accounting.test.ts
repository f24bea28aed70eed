// The accounting: every received packet is processed or dropped somewhere with a reason.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { accounting, CounterRegistry, captureCounterSet, defineCounters } from '../../src/counters/index.ts';

const worker = defineCounters('worker', {
  processed_packets: { help: 'packets handled', account: 'processed' },
  dropped_died_packets: { help: 'in hand when the worker died', dropped: { stage: 'worker', reason: 'died' } },
  processed_bytes: { help: 'their bytes' },
});
const output = defineCounters('output', {
  received_records: { help: 'records taken from rings', account: 'received' },
  written_records: { help: 'records written', account: 'processed' },
  dropped_full_records: { help: 'ring full', dropped: { stage: 'output', reason: 'full' } },
});

const captureDrops = captureCounterSet.names.filter((name) => name.startsWith('dropped_'));

test('balances to the packet whatever is lost where, and not when one packet is missing', () => {
  fc.assert(
    fc.property(
      fc.array(fc.nat(1_000_000), { minLength: 2, maxLength: 2 }),
      fc.array(fc.nat(1000), { minLength: captureDrops.length, maxLength: captureDrops.length }),
      fc.nat(50),
      fc.integer({ min: -3, max: 3 }),
      (processed, dropped, died, missing) => {
        const registry = new CounterRegistry({ expected: [] });
        const capture = registry.block(captureCounterSet, { source: '0' }).values;
        const lost = dropped.reduce((sum, value) => sum + value, died);
        const handled = processed.reduce((sum, value) => sum + value, 0);
        capture[captureCounterSet.index.received_packets] = handled + lost + missing;
        captureDrops.forEach((name, index) => {
          capture[captureCounterSet.index[name]] = dropped[index] as number;
        });
        capture[captureCounterSet.index.fragments_packets] = 99;
        processed.forEach((value, index) => {
          registry.block(worker, { worker: String(index) }).values[worker.index.processed_packets] = value;
        });
        registry.block(worker, { worker: '1' }).values[worker.index.dropped_died_packets] = died;
        registry.block(output).values[output.index.dropped_full_records] = 1;
        const sum = accounting(registry.snapshot());
        assert.equal(sum.received, handled + lost + missing);
        assert.equal(sum.processed, handled);
        assert.equal(sum.droppedTotal, lost);
        assert.equal(sum.inFlight, missing);
        assert.equal(sum.balanced, missing === 0);
      },
    ),
  );
});

test('drops are told by stage and reason, summed over instances', () => {
  const registry = new CounterRegistry({ expected: [] });
  for (const source of ['0', '1']) {
    const block = registry.block(captureCounterSet, { source }).values;
    captureDrops.forEach((name, index) => {
      block[captureCounterSet.index[name]] = index + 1;
    });
  }
  assert.deepEqual(accounting(registry.snapshot()).dropped, [
    { stage: 'kernel', reason: 'ring_full', value: 2 },
    { stage: 'ring', reason: 'full', value: 4 },
    { stage: 'filter', reason: 'bpf', value: 6 },
    { stage: 'dissect', reason: 'truncated', value: 8 },
    { stage: 'dissect', reason: 'malformed', value: 10 },
    { stage: 'dissect', reason: 'unsupported', value: 12 },
    { stage: 'dissect', reason: 'checksum', value: 14 },
    { stage: 'ring', reason: 'too_large', value: 16 },
  ]);
});

test('records have an accounting of their own', () => {
  const registry = new CounterRegistry({ expected: [] });
  const block = registry.block(output, { output: 'eve' }).values;
  block.set([10, 7, 3]);
  registry.block(worker).values[worker.index.processed_packets] = 5;
  assert.deepEqual(accounting(registry.snapshot(), 'records'), {
    unit: 'records',
    received: 10,
    processed: 7,
    dropped: [{ stage: 'output', reason: 'full', value: 3 }],
    droppedTotal: 3,
    inFlight: 0,
    balanced: true,
  });
});
