// Rings between two real threads: every byte of every record in order, sleeping and waking without a lost wake-up.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import { createRing, ParkingLot, ParkResult, park, parkAsync, RecordKind, RingReader, RingWriter } from '../../src/ring/index.ts';
import type { RingPeerData } from './fixtures/ring-peer.ts';

const peer = new URL('./fixtures/ring-peer.ts', import.meta.url);
const start = (workerData: RingPeerData): Worker => new Worker(peer, { workerData });

async function doneOf(worker: Worker): Promise<number> {
  const [message] = (await once(worker, 'message')) as [{ done: number }];
  return message.done;
}

for (const consumer of ['consume', 'consumeAsync'] as const) {
  for (const [capacityBytes, batch, count] of [
    [4096, 1, 40_000],
    [65_536, 32, 200_000],
  ] as const) {
    test(`${count} records through ${capacityBytes} bytes in batches of ${batch}, ${consumer}`, async () => {
      const lot = ParkingLot.create(2);
      const ring = createRing({ capacityBytes, producerPark: 0, consumerPark: 1 });
      const common = { ring, lot: lot.buffer, count, seed: 77, mostBytes: capacityBytes / 4, batch };
      const workers = [start({ ...common, role: consumer, word: 1 }), start({ ...common, role: 'produce', word: 0 })];
      assert.deepEqual(await Promise.all(workers.map(doneOf)), [count, count]);
    });
  }
}

test('two hundred thousand ping-pongs, each asleep on both sides at times, lose no wake-up', async () => {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: 4096, producerPark: 0, consumerPark: 1 });
  const back = createRing({ capacityBytes: 4096, producerPark: 1, consumerPark: 0 });
  const count = 200_000;
  const worker = start({ role: 'echo', ring, back, lot: lot.buffer, word: 1, count, seed: 1, mostBytes: 16, batch: 1 });
  const finished = doneOf(worker);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(back, lot);
  let returned = 0;
  for (let n = 0; n < count; n += 1) {
    const at = writer.claim(16);
    assert.notEqual(at, -1);
    writer.words[(at >> 2) + 2] = n;
    writer.commit(16, RecordKind.record);
    writer.publish();
    while (reader.begin() === 0) {
      assert.notEqual(park([reader], lot, 0, 60_000), ParkResult.timedOut, `wake-up ${n} lost`);
    }
    const answer = reader.next();
    if (reader.data.readInt32LE(answer + 8) === n) returned += 1;
    reader.release();
  }
  writer.close();
  assert.equal(returned, count);
  assert.equal(await finished, count);
  assert.equal(park([reader], lot, 0, 60_000), ParkResult.ready);
  assert.equal(reader.isDrained(), true);
});

test('twenty thousand ping-pongs with an event loop on this side', async () => {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: 4096, producerPark: 0, consumerPark: 1 });
  const back = createRing({ capacityBytes: 4096, producerPark: 1, consumerPark: 0 });
  const count = 20_000;
  const worker = start({ role: 'echo', ring, back, lot: lot.buffer, word: 1, count, seed: 1, mostBytes: 16, batch: 1 });
  const finished = doneOf(worker);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(back, lot);
  for (let n = 0; n < count; n += 1) {
    const at = writer.claim(16);
    writer.words[(at >> 2) + 2] = n;
    writer.commit(16, RecordKind.record);
    writer.publish();
    while (reader.begin() === 0) {
      assert.notEqual(await parkAsync([reader], lot, 0, 60_000), ParkResult.timedOut, `wake-up ${n} lost`);
    }
    assert.equal(reader.data.readInt32LE(reader.next() + 8), n);
    reader.release();
  }
  writer.close();
  assert.equal(await finished, count);
});
