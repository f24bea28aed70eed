// Payload without a hole, by numbers alone, against a model that marks each byte.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { DeliveredBytes } from '../../src/session/delivered-bytes.ts';

const space = 120;

test('as many bytes are delivered as have come without a hole, wherever numbers begin', () => {
  const segment = fc.record({ from: fc.integer({ min: -20, max: space }), length: fc.integer({ min: 1, max: 30 }) });
  fc.assert(
    fc.property(fc.array(segment, { maxLength: 60 }), fc.constantFrom(0, 1000, 0x7fff_ffe0, 0xffff_ffd0), (segments, start) => {
      const delivered = new DeliveredBytes();
      delivered.next = start;
      const seen = new Set<number>();
      let total = 0;
      for (const { from, length } of segments) {
        const waiting = delivered.hasHeld;
        for (let at = from; at < from + length; at += 1) seen.add(at);
        const before = total;
        total += delivered.add((start + from) >>> 0, length);
        let expected = before;
        while (seen.has(expected)) expected += 1;
        assert.equal(total, expected);
        assert.equal(delivered.next, (start + total) >>> 0);
        // What waits lies behind a hole.
        const highest = Math.max(...seen);
        assert.equal(delivered.hasHeld, highest >= total, `${waiting}`);
        assert.equal(delivered.isBefore((start + highest) >>> 0), false);
        if (delivered.hasHeld) assert.ok(delivered.isBefore(delivered.next));
      }
      assert.equal(delivered.isIncomplete, false);
    }),
    { numRuns: 300, seed: 11 },
  );
});

test('of too much behind a hole nothing more counts, until it is cleared', () => {
  const delivered = new DeliveredBytes();
  delivered.next = 0;
  for (let index = 0; index < 256; index += 1) assert.equal(delivered.add(10 + index * 2, 1), 0);
  assert.equal(delivered.isIncomplete, false);
  assert.equal(delivered.add(1000, 1), 0);
  assert.deepEqual([delivered.isIncomplete, delivered.add(0, 10)], [true, 0]);
  delivered.clear();
  assert.deepEqual([delivered.next, delivered.hasHeld, delivered.isIncomplete], [-1, false, false]);
  delivered.next = 5;
  assert.equal(delivered.add(5, 3), 3);
});
