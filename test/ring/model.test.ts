// One thread plays both sides of a ring against an array: any mix of claims, commits, publishes, reads and releases.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { createRing, openRing, ParkingLot, RecordKind, RingReader, RingWriter, ringState } from '../../src/ring/index.ts';
import { fill } from './fixtures/record-stream.ts';

type Step =
  | { readonly do: 'write'; readonly claim: number; readonly commit: number; readonly kind: number }
  | { readonly do: 'abandon'; readonly claim: number }
  | { readonly do: 'publish' | 'begin' | 'release' | 'newReader' | 'newWriter' | 'rewind' }
  | { readonly do: 'read'; readonly count: number };

const capacity = 4096;
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 6,
    arbitrary: fc
      .tuple(fc.integer({ min: 8, max: 1024 }), fc.double({ min: 0, max: 1, noNaN: true }), fc.constantFrom(1, 2, 3, 4))
      .map(([claim, part, kind]) => ({ do: 'write' as const, claim, commit: 8 + Math.floor(part * (claim - 8)), kind })),
  },
  { weight: 1, arbitrary: fc.integer({ min: 1, max: 1024 }).map((claim) => ({ do: 'abandon' as const, claim })) },
  { weight: 3, arbitrary: fc.nat(12).map((count) => ({ do: 'read' as const, count })) },
  {
    weight: 6,
    arbitrary: fc.constantFrom('publish', 'publish', 'begin', 'begin', 'release').map((name) => ({ do: name as 'publish' })),
  },
  { weight: 1, arbitrary: fc.constant({ do: 'rewind' as const }) },
  { weight: 1, arbitrary: fc.constantFrom('newReader', 'newWriter').map((name) => ({ do: name as 'newReader' })) },
);

interface ModelRecord {
  readonly n: number;
  readonly bytes: number;
  readonly kind: number;
}

/** Moves an empty ring's positions, as if `position` bytes had gone through it. */
function startAt(ring: SharedArrayBuffer, position: number): void {
  const { header } = openRing(ring);
  header[0] = position;
  header[16] = position;
}

function expectedBytes(n: number, bytes: number): Buffer {
  const record = Buffer.alloc(Math.max(bytes, 12));
  fill(record, 0, bytes, n);
  return record.subarray(8, bytes);
}

function play(start: number, steps: readonly Step[]): void {
  const lot = ParkingLot.create(2);
  const ring = createRing({ capacityBytes: capacity, producerPark: 0, consumerPark: 1 });
  startAt(ring, start);
  let writer = new RingWriter(ring, lot);
  let reader = new RingReader(ring, lot);
  let committed: ModelRecord[] = [];
  let published: ModelRecord[] = [];
  let held: ModelRecord[] = [];
  let seen = 0;
  let written = 0;
  for (const current of steps) {
    switch (current.do) {
      case 'write':
      case 'abandon': {
        const at = writer.claim(current.claim);
        const stored = [...held, ...published, ...committed].reduce((sum, record) => sum + ((record.bytes + 7) & ~7), 0);
        // Besides the records there are at most two paddings: one in the ring, one before the claim; each less than a claim.
        if (at < 0) assert.ok(stored + current.claim + 7 + 2 * 1024 > capacity, `full with ${stored} bytes`);
        else assert.ok(stored + current.claim <= capacity);
        if (at < 0 || current.do === 'abandon') break;
        assert.equal(at % 8, 0);
        assert.ok(at + current.claim <= capacity);
        fill(writer.data, at, Math.max(current.commit, 12), written);
        writer.commit(current.commit, current.kind);
        committed.push({ n: written, bytes: current.commit, kind: current.kind });
        written += 1;
        break;
      }
      case 'publish':
        writer.publish();
        published.push(...committed);
        committed = [];
        assert.equal(writer.unpublishedBytes, 0);
        break;
      case 'begin': {
        // Never less than the records; more when there is padding.
        const least = published.reduce((sum, record) => sum + ((record.bytes + 7) & ~7), 0);
        assert.ok(reader.begin() >= least);
        seen = published.length;
        break;
      }
      case 'read':
        for (let count = 0; count < current.count; count += 1) {
          const at = reader.next();
          if (seen === 0) {
            assert.equal(at, -1);
            break;
          }
          const record = published.shift() as ModelRecord;
          seen -= 1;
          held.push(record);
          assert.deepEqual([reader.length, reader.kind], [record.bytes, record.kind]);
          const found = reader.data.subarray(at + 8, at + record.bytes);
          assert.deepEqual(found, expectedBytes(record.n, record.bytes));
        }
        break;
      case 'release':
        reader.release();
        held = [];
        assert.equal(reader.heldBytes, 0);
        break;
      case 'rewind': {
        const highWater = ringState(openRing(ring)).highWaterBytes;
        if (held.length + published.length + committed.length > 0 || !writer.isEmpty()) {
          assert.throws(() => writer.rewind(), /not empty/);
          break;
        }
        writer.rewind();
        // The consumer passes over what was padded, after which all of the ring is there again, from its beginning.
        reader.begin();
        assert.equal(reader.next(), -1);
        reader.release();
        seen = 0;
        assert.equal(writer.isEmpty(), true);
        assert.equal(writer.claim(1024), 0);
        assert.equal(ringState(openRing(ring)).highWaterBytes, highWater);
        break;
      }
      case 'newReader':
        reader = new RingReader(ring, lot);
        published = [...held, ...published];
        held = [];
        seen = 0;
        break;
      case 'newWriter':
        writer = new RingWriter(ring, lot);
        committed = [];
        break;
    }
    const state = ringState(openRing(ring));
    assert.ok(state.usedBytes <= capacity);
    assert.ok(state.highWaterBytes <= capacity);
  }
  writer.publish();
  writer.close();
  published.push(...committed);
  reader.begin();
  for (const record of published) {
    const at = reader.next();
    assert.deepEqual(reader.data.subarray(at + 8, at + record.bytes), expectedBytes(record.n, record.bytes));
  }
  assert.equal(reader.next(), -1);
  assert.equal(reader.isDrained(), true);
}

test('behaves as a queue of records, also where positions wrap at 2^31 and 2^32', () => {
  const starts = fc.constantFrom(0, 2048, 4088, 2 ** 31 - 4096, 2 ** 32 - 4096, 2 ** 32 - 8);
  fc.assert(
    fc.property(starts, fc.array(step, { maxLength: 120, size: 'max' }), (start, steps) => play(start, steps)),
    { numRuns: 600, seed: 20_260_101 },
  );
});

test('every capacity from the smallest: a largest record always fits an empty ring, at every position', () => {
  const lot = ParkingLot.create(1);
  for (const capacityBytes of [4096, 8192, 65_536]) {
    for (let position = 0; position < capacityBytes; position += 8) {
      const ring = createRing({ capacityBytes, producerPark: 0, consumerPark: 0 });
      startAt(ring, position);
      const writer = new RingWriter(ring, lot);
      assert.notEqual(writer.claim(writer.maxRecordBytes), -1);
      if (capacityBytes > 8192) position += 504;
    }
  }
});

test('a full ring refuses, and takes again exactly what was released', () => {
  const lot = ParkingLot.create(1);
  const ring = createRing({ capacityBytes: 4096, producerPark: 0, consumerPark: 0 });
  const writer = new RingWriter(ring, lot);
  const reader = new RingReader(ring, lot);
  for (let n = 0; n < 64; n += 1) {
    assert.equal(writer.claim(64), n * 64);
    writer.commit(64, RecordKind.packet);
  }
  assert.equal(writer.claim(8), -1);
  writer.publish();
  assert.deepEqual(ringState(openRing(ring)), { capacity: 4096, usedBytes: 4096, highWaterBytes: 4096, closed: false });
  assert.equal(reader.begin(), 4096);
  assert.equal(reader.next(), 0);
  reader.release();
  assert.equal(writer.claim(65), -1);
  assert.equal(writer.claim(64), 0);
  writer.commit(64);
  assert.equal(writer.claim(8), -1);
});
