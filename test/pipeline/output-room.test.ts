// Rings whose producer and consumer share a thread: waiting between batches, beginning anew, and what happens where a batch is too
// large or nobody waits any more.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { OutputLink, OutputRoom, outputLinkCounters } from '../../src/pipeline/index.ts';
import {
  createRing,
  maxRingBytes,
  OutputLayout,
  openRing,
  ParkingLot,
  parkAsync,
  RingReader,
  RingWriter,
  ringState,
} from '../../src/ring/index.ts';
import { RecordBatch } from '../../src/workers/record-batch.ts';

const C = outputLinkCounters.index;
const producer = 0;
const consumer = 1;

class Bench {
  readonly lot = ParkingLot.create(2);
  readonly ring: SharedArrayBuffer;
  readonly abort = { aborted: false };
  readonly warnings: string[] = [];
  readonly link: OutputLink;
  readonly room: OutputRoom;
  readonly taken: number[] = [];

  constructor(capacityBytes: number, softBytes: number) {
    this.ring = createRing({ capacityBytes, producerPark: producer, consumerPark: consumer });
    const writer = new RingWriter(this.ring, this.lot, softBytes);
    this.link = new OutputLink(writer, 'yield', new Float64Array(Object.keys(C).length), this.abort);
    this.room = new OutputRoom([this.link], this.abort, (message) => this.warnings.push(message));
  }

  /** A record of `bytes` that begins with `value`; false when it is lost. */
  write(value: number, bytes: number): boolean {
    const at = this.link.reserve(bytes);
    if (at < 0) return false;
    this.link.writer.data.writeUInt32LE(value, at + OutputLayout.size);
    this.link.commit(at, at + bytes, 0, 0, 0, 0);
    return true;
  }

  count(name: keyof typeof C): number {
    return this.link.counters[C[name] as number] as number;
  }

  /** Takes all records, as outputs do: by the addon, in batches, with the event loop running between them. */
  async consume(): Promise<void> {
    const reader = new RingReader(this.ring, this.lot);
    const batch = new RecordBatch(['session']);
    while (!reader.isDrained()) {
      batch.clear();
      if (reader.begin() > 0) {
        batch.addFromRing(reader, 4096);
        await new Promise((resolve) => setImmediate(resolve));
        for (let index = 0; index < batch.count; index++) this.taken.push(batch.record(index).readUInt32LE(0));
        reader.release();
      } else await parkAsync([reader], this.lot, consumer, 1000);
    }
  }
}

test('what goes through is a queue of records, of a GiB only the first pages are used, and positions may wrap', async () => {
  const soft = 16_384;
  const most = 1024;
  const batches = fc.array(fc.array(fc.integer({ min: OutputLayout.size + 4, max: most }), { minLength: 15, maxLength: 60 }), {
    minLength: 40,
    maxLength: 60,
  });
  await fc.assert(
    fc.asyncProperty(batches, async (sizes) => {
      const bench = new Bench(maxRingBytes, soft);
      const consumed = bench.consume();
      let written = 0;
      for (const batch of sizes) {
        while (bench.room.isCrowded) await bench.room.make();
        for (const bytes of batch) assert.ok(bench.write(written++, bytes));
        bench.link.writer.publish(false);
      }
      bench.link.writer.close();
      await consumed;
      assert.deepEqual(
        bench.taken,
        Array.from({ length: written }, (_, value) => value),
      );
      // A batch begins where it is not crowded.
      const furthest = soft + 60 * most;
      const { data } = openRing(bench.ring);
      assert.ok(data.subarray(furthest + 8, furthest + 65_536).every((byte) => byte === 0));
      assert.ok(ringState(openRing(bench.ring)).highWaterBytes <= furthest);
      assert.ok(bench.count('waits') > 5, 'positions have gone beyond 2^32');
      assert.equal(bench.count('records'), written);
    }),
    { numRuns: 12, seed: 20_260_101 },
  );
});

test('records of a batch that is too large are lost, counted, and told of once', async () => {
  const bench = new Bench(65_536, 4096);
  const consumed = bench.consume();
  let lost = 0;
  for (let round = 0; round < 3; round++) {
    for (let record = 0; record < 100; record++) if (!bench.write(record, 1024)) lost++;
    while (bench.room.isCrowded) await bench.room.make();
  }
  bench.link.writer.close();
  await consumed;
  assert.ok(lost > 0);
  assert.deepEqual([bench.count('dropped_full_records'), bench.count('routed_records')], [lost, 300]);
  assert.equal(bench.taken.length, 300 - lost);
  assert.equal(bench.warnings.length, 1);
});

test('nobody waits for an output once the run is cut short, and the ring takes no more than it is meant to hold', async () => {
  const bench = new Bench(maxRingBytes, 4096);
  while (!bench.room.isCrowded) bench.write(0, 512);
  // Nobody takes anything: the signal ends the wait.
  const made = bench.room.make();
  bench.lot.signal(producer, 1);
  await made;
  assert.equal(bench.room.isCrowded, true);
  bench.abort.aborted = true;
  assert.equal(bench.room.isCrowded, false);
  bench.room.confine();
  assert.equal(bench.write(0, 512), false);
  assert.deepEqual([bench.count('dropped_stopped_records'), bench.count('dropped_full_records')], [1, 0]);
});
