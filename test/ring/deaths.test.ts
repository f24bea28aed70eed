// Every way in which a thread at one end of a ring can die, and what the other end and the successor find.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  closeAbandonedRing,
  createRing,
  ParkingLot,
  ParkResult,
  park,
  RecordKind,
  RingReader,
  RingWriter,
} from '../../src/ring/index.ts';
import { fill, sizes, verify } from './fixtures/record-stream.ts';
import type { RingPeerData } from './fixtures/ring-peer.ts';

const peer = new URL('./fixtures/ring-peer.ts', import.meta.url);
const start = (workerData: RingPeerData): Worker => new Worker(peer, { workerData });
const producerWord = 0;
const consumerWord = 1;
const mostBytes = 1024;
const seed = 4711;

interface Scene {
  readonly lot: ParkingLot;
  readonly ring: SharedArrayBuffer;
  readonly data: RingPeerData;
}

function scene(capacityBytes = 4096): Scene {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes, producerPark: producerWord, consumerPark: consumerWord });
  const data: RingPeerData = {
    role: 'produce',
    ring,
    lot: lot.buffer,
    word: producerWord,
    count: 1e9,
    seed,
    mostBytes,
    batch: 3,
  };
  return { lot, ring, data };
}

/** Lets this thread's event loop run until the owner of `word` has raised its flag. */
async function asleep(lot: ParkingLot, word: number): Promise<void> {
  while (Atomics.load(lot.words, lot.indexOf(word)) === 0) await new Promise((resolve) => setImmediate(resolve));
}

/** Reads and checks what is readable now; returns the number of the record expected next. */
function readOn(reader: RingReader, nextSize: () => number, from: number): number {
  let n = from;
  reader.begin();
  for (let at = reader.next(); at >= 0; at = reader.next()) {
    verify(reader.data, at, reader.length, n, nextSize());
    n += 1;
  }
  reader.release();
  return n;
}

function writeTen({ ring, lot }: Scene): void {
  const writer = new RingWriter(ring, lot);
  for (let n = 0; n < 10; n += 1) {
    const at = writer.claim(40);
    fill(writer.data, at, 40, n);
    writer.commit(40);
  }
  writer.publish();
}

function numbersIn(reader: RingReader): number[] {
  const numbers: number[] = [];
  reader.begin();
  for (let at = reader.next(); at >= 0; at = reader.next()) numbers.push(reader.data.readUInt32LE(at + 8));
  return numbers;
}

test('producer killed at any moment: whole records to the last one published, then the end', async () => {
  for (let round = 1; round <= 5; round += 1) {
    const { ring, lot, data } = scene();
    const producer = start(data);
    const reader = new RingReader(ring, lot);
    const nextSize = sizes(seed, mostBytes);
    let n = 0;
    while (n < round * 3000) {
      assert.notEqual(park([reader], lot, consumerWord, 60_000), ParkResult.timedOut);
      n = readOn(reader, nextSize, n);
    }
    await producer.terminate();
    closeAbandonedRing(ring, lot);
    while (!reader.isDrained()) n = readOn(reader, nextSize, n);
    assert.ok(n >= round * 3000);
  }
});

test('producer killed while it sleeps for space: all it published is read, and a successor goes on in the same ring', async () => {
  const { ring, lot, data } = scene();
  const producer = start(data);
  await asleep(lot, producerWord);
  await producer.terminate();
  const reader = new RingReader(ring, lot);
  const n = readOn(reader, sizes(seed, mostBytes), 0);
  assert.ok(n > 0);
  const successor = new RingWriter(ring, lot);
  for (let record = 0; record < 1000; record += 1) {
    const at = successor.claim(1000);
    assert.notEqual(at, -1);
    fill(successor.data, at, 1000, record);
    successor.commit(1000, RecordKind.record);
    successor.publish();
    reader.begin();
    verify(reader.data, reader.next(), 1000, record, 1000);
    reader.release();
  }
  successor.close();
  assert.equal(reader.isDrained(), true);
});

test('consumer killed while it held records: its successor is given all of them again', async () => {
  const stage = scene();
  writeTen(stage);
  const consumer = start({ ...stage.data, role: 'holdSpace', word: consumerWord, count: 10 });
  await once(consumer, 'message');
  await consumer.terminate();
  assert.deepEqual(numbersIn(new RingReader(stage.ring, stage.lot)), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
});

test('consumer killed while parked: the wake-up that nobody hears does no harm, the successor reads on', async () => {
  for (const role of ['consume', 'consumeAsync'] as const) {
    const stage = scene();
    const consumer = start({ ...stage.data, role, word: consumerWord });
    await asleep(stage.lot, consumerWord);
    await consumer.terminate();
    writeTen(stage);
    assert.equal(Atomics.load(stage.lot.words, stage.lot.indexOf(consumerWord)), 0);
    const successor = new RingReader(stage.ring, stage.lot);
    assert.equal(park([successor], stage.lot, consumerWord, 60_000), ParkResult.ready);
    assert.deepEqual(numbersIn(successor), [0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
  }
});

test('consumer killed while the producer sleeps for space: the producer sleeps on, the successor wakes it', async () => {
  const { lot, data } = scene();
  const consumer = start({ ...data, role: 'holdSpace', word: consumerWord, count: 1 });
  const producer = start({ ...data, count: 5000 });
  await once(consumer, 'message');
  await asleep(lot, producerWord);
  await consumer.terminate();
  const finished = once(producer, 'message');
  const successor = start({ ...data, role: 'consume', word: consumerWord });
  const ends = await Promise.all([finished, once(successor, 'message')]);
  assert.deepEqual(ends, [[{ done: 5000 }], [{ done: 5000 }]]);
});
