// What rings, writers, readers and parking lots refuse, and the signals that reach a parked thread.

import assert from 'node:assert/strict';
import { once } from 'node:events';
import { test } from 'node:test';
import { Worker } from 'node:worker_threads';
import {
  closeAbandonedRing,
  createRing,
  maxRingBytes,
  openRing,
  ParkingLot,
  ParkResult,
  park,
  parkAsync,
  RecordKind,
  RingReader,
  RingWriter,
  ringState,
} from '../../src/ring/index.ts';

const small = { capacityBytes: 4096, producerPark: 0, consumerPark: 1 };

test('capacities and parking words out of range are errors with a code and a hint', () => {
  for (const capacityBytes of [0, 2048, 4097, 6000, -4096, 4096.5, Number.NaN, maxRingBytes * 2]) {
    assert.throws(() => createRing({ ...small, capacityBytes }), { name: 'SensorError', code: 'RT_RING' });
  }
  assert.throws(() => createRing({ ...small, producerPark: -1 }), { code: 'RT_RING' });
  assert.throws(() => createRing({ ...small, consumerPark: 1.5 }), { code: 'RT_RING' });
  assert.equal(openRing(createRing(small)).capacity, 4096);
});

test('memory that is not a ring is not opened', () => {
  assert.throws(() => openRing(new SharedArrayBuffer(64)), { code: 'RT_RING' });
  assert.throws(() => openRing(new SharedArrayBuffer(8192)), { code: 'RT_RING' });
  assert.throws(() => openRing(new ArrayBuffer(8192) as unknown as SharedArrayBuffer), { code: 'RT_RING' });
  const ring = createRing(small);
  (openRing(ring).header as Int32Array)[33] = 8192;
  assert.throws(() => openRing(ring), { code: 'RT_RING' });
});

test('a ring whose parking words the lot does not have is not opened', () => {
  const lot = ParkingLot.create(1);
  assert.throws(() => new RingWriter(createRing(small), lot), { code: 'RT_RING' });
  assert.throws(() => new RingReader(createRing({ ...small, producerPark: 5 }), lot), { code: 'RT_RING' });
  assert.throws(() => ParkingLot.create(0), { code: 'RT_RING' });
  assert.throws(() => new ParkingLot(new SharedArrayBuffer(100)), { code: 'RT_RING' });
});

test("a writer's mistakes throw instead of damaging the ring", () => {
  const writer = new RingWriter(createRing(small), ParkingLot.create(2));
  assert.equal(writer.maxRecordBytes, 1024);
  assert.throws(() => writer.claim(1025), /claim of 1025/);
  assert.throws(() => writer.claim(0), /claim of 0/);
  assert.throws(() => writer.hasSpace(1025), /claim of 1025/);
  writer.claim(16);
  assert.throws(() => writer.commit(25), /commit of 25/);
  assert.throws(() => writer.commit(7), /commit of 7/);
  writer.commit(16);
  assert.throws(() => writer.commit(16), /commit of 16 bytes after a claim of 0/);
});

test('a ring is crowded by what is in it, and by how far it was written since it was rewound', () => {
  const lot = ParkingLot.create(2);
  const ring = createRing({ ...small, capacityBytes: 65_536 });
  const writer = new RingWriter(ring, lot, 2048);
  const reader = new RingReader(ring, lot);
  const write = (bytes: number): number => {
    const at = writer.claim(bytes);
    if (at >= 0) writer.commit(bytes);
    return at;
  };
  const readAll = (): void => {
    writer.publish();
    reader.begin();
    while (reader.next() >= 0);
    reader.release();
  };
  write(2048);
  assert.equal(writer.isCrowded, false);
  write(8);
  assert.equal(writer.isCrowded, true);
  assert.throws(() => writer.rewind(), /not empty/);
  readAll();
  assert.equal(writer.isCrowded, true, 'it was written too far');
  writer.rewind();
  assert.equal(writer.isCrowded, true, 'the padding is not passed over yet');
  readAll();
  assert.equal(writer.isCrowded, false);
  assert.equal(write(16_384), 0, 'more than is meant to be there fits all the same');
  readAll();
  writer.confine();
  assert.deepEqual([write(2048), write(8)], [16_384, -1]);
  assert.equal(writer.hasSpace(8), false);
});

test('a consumer is woken without urgency once a quarter of what is meant to be in the ring is', () => {
  const lot = ParkingLot.create(2);
  const writer = new RingWriter(createRing({ ...small, capacityBytes: 65_536 }), lot, 4096);
  for (const isWoken of [false, true]) {
    lot.raise(1);
    writer.claim(512);
    writer.commit(512);
    writer.publish(false);
    assert.equal(lot.words[lot.indexOf(1)], isWoken ? 0 : 1);
  }
});

test('a producer waits for an empty ring with its event loop running, until the consumer has taken everything or a signal comes', async () => {
  const lot = ParkingLot.create(2);
  const ring = createRing(small);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  assert.equal(await writer.waitUntilEmpty(0), true);
  for (let record = 0; record < 2; record++) {
    writer.claim(1000);
    writer.commit(1000);
  }
  assert.equal(await writer.waitUntilEmpty(5), false);
  const waiting = writer.waitUntilEmpty(10_000);
  reader.begin();
  reader.next();
  reader.release();
  setImmediate(() => {
    reader.next();
    reader.release();
  });
  assert.equal(await waiting, true);
  writer.claim(8);
  writer.commit(8);
  setImmediate(() => lot.signal(0, 1));
  assert.equal(await writer.waitUntilEmpty(10_000), false);
  assert.equal(lot.takeSignals(0), 1);
});

test('a record length that leads nowhere stops the reader', () => {
  for (const length of [0, -8, 1, 1 << 30, -1]) {
    const ring = createRing(small);
    const lot = ParkingLot.create(2);
    const writer = new RingWriter(ring, lot);
    const at = writer.claim(64);
    writer.commit(64);
    writer.publish();
    writer.words[at >> 2] = length;
    const reader = new RingReader(ring, lot);
    reader.begin();
    if (length === 1) assert.equal(reader.next(), 0);
    else assert.throws(() => reader.next(), /ring corrupt/);
  }
});

test('a closed ring is drained once its last record has been returned', () => {
  const lot = ParkingLot.create(2);
  const ring = createRing(small);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  writer.claim(16);
  writer.commit(16, RecordKind.clock);
  writer.close();
  assert.equal(reader.isDrained(), false);
  assert.equal(park([reader], lot, 1, 60_000), ParkResult.ready);
  reader.begin();
  assert.equal(reader.next(), 0);
  assert.equal(reader.kind, RecordKind.clock);
  assert.equal(reader.isDrained(), true);
  assert.equal(reader.hasNews(), false);
  assert.equal(park([reader], lot, 1, 0), ParkResult.timedOut);
  assert.equal(ringState(openRing(ring)).closed, true);
});

test('the ring of a dead producer is closed by the supervisor; published records are still read, others never were', () => {
  const lot = ParkingLot.create(2);
  const ring = createRing(small);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  writer.claim(16);
  writer.commit(16);
  writer.publish();
  writer.claim(16);
  writer.commit(16);
  closeAbandonedRing(ring, lot);
  assert.equal(reader.begin(), 16);
  assert.equal(reader.next(), 0);
  assert.equal(reader.isDrained(), true);
});

test('signals: kept until taken, end a wait at once, on both kinds of park and while waiting for space', async () => {
  const lot = ParkingLot.create(2);
  const ring = createRing(small);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  lot.signal(1, 1);
  lot.signal(1, 4);
  assert.equal(park([reader], lot, 1, Number.POSITIVE_INFINITY), ParkResult.signalled);
  assert.equal(await parkAsync([reader], lot, 1, Number.POSITIVE_INFINITY), ParkResult.signalled);
  assert.equal(lot.takeSignals(1), 5);
  assert.equal(lot.takeSignals(1), 0);
  while (writer.claim(1024) >= 0) writer.commit(1024);
  lot.signal(0, 2);
  assert.equal(writer.waitForSpace(1024, Number.POSITIVE_INFINITY), false);
  assert.equal(lot.takeSignals(0), 2);
  assert.equal(writer.waitForSpace(1024, 1), false);
  const waiting = parkAsync([], lot, 1, 60_000);
  lot.signal(1, 8);
  assert.equal(await waiting, ParkResult.signalled);
});

test('a time-out ends both kinds of park; the flag is down afterwards', async () => {
  const lot = ParkingLot.create(2);
  const reader = new RingReader(createRing(small), lot);
  assert.equal(park([reader], lot, 1, 1), ParkResult.timedOut);
  assert.equal(lot.wake(1), false);
  assert.equal(await parkAsync([reader], lot, 1, 1), ParkResult.timedOut);
  assert.equal(lot.wake(1), false);
});

test('a consumer about to sleep wakes a producer that waits for space it will not get more of', async () => {
  const lot = ParkingLot.create(2);
  const ring = createRing(small);
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  while (writer.claim(512) >= 0) writer.commit(512);
  writer.publish();
  reader.begin();
  reader.next();
  lot.raise(0);
  reader.release();
  assert.equal(lot.words[0], 1, 'an eighth of the ring is not worth a wake-up');
  while (reader.next() >= 0);
  assert.equal(await parkAsync([reader], lot, 1, 1), ParkResult.timedOut);
  assert.equal(lot.words[0], 0);
  lot.raise(0);
  reader.release();
  assert.equal(lot.words[0], 0, 'half of the ring is');
});

test('a parked thread is reached by a signal from another thread, and a waiting event loop keeps its worker alive', async () => {
  const lot = ParkingLot.create(2);
  const workers = ['park', 'parkAsync'].map(
    (role, word) => new Worker(new URL('./fixtures/parked.ts', import.meta.url), { workerData: { role, lot: lot.buffer, word } }),
  );
  await Promise.all(workers.map((worker) => once(worker, 'message')));
  lot.signal(0, 3);
  lot.signal(1, 3);
  const codes = await Promise.all(workers.map(async (worker) => (await once(worker, 'exit'))[0] as number));
  assert.deepEqual(codes, [43, 43]);
});
