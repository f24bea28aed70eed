import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { QueueBudget, SegmentQueue, segmentCostBytes } from '../../src/session/segment-queue.ts';
import { sessionCounters } from '../../src/session/session-counters.ts';

const budget = (): QueueBudget => new QueueBudget(1 << 20, new Float64Array(sessionCounters.names.length));

describe('segment queue', () => {
  test('keeps the first of each byte, sorted and without overlaps', () => {
    const segments = fc.array(fc.tuple(fc.integer({ min: 0, max: 80 }), fc.integer({ min: 1, max: 40 })), { maxLength: 20 });
    fc.assert(
      fc.property(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), segments, (base, adds) => {
        const total = budget();
        const queue = new SegmentQueue(total);
        const model = new Map<number, number>();
        for (const [index, [from, length]] of adds.entries()) {
          const bytes = Buffer.alloc(length + 3, index);
          queue.add((base + from) | 0, length, bytes, 3, length, true);
          for (let at = from; at < from + length; at += 1) if (!model.has(at)) model.set(at, index);
        }
        assert.equal(queue.bytes, model.size);
        assert.equal(total.bytes, model.size + queue.segments.length * segmentCostBytes);
        let before = -1;
        while (queue.segments.length > 0) {
          const segment = queue.take();
          const from = (segment.start - base) | 0;
          assert.ok(from >= before);
          before = from + segment.length;
          for (let at = 0; at < segment.length; at += 1) {
            assert.equal(segment.bytes?.[at], model.get(from + at));
            model.delete(from + at);
          }
        }
        assert.equal(model.size, 0);
        assert.equal(total.bytes, 0);
      }),
      { numRuns: 300, seed: 5 },
    );
  });

  test('knows how much of a cut segment was captured', () => {
    const queue = new SegmentQueue(budget());
    queue.add(10, 4, Buffer.from('kkkk'), 0, 4, true);
    queue.add(5, 20, Buffer.from('abcdefghijkl'), 0, 12, true);
    const kept = queue.segments.map(({ start, length, captured, bytes }) => [
      start,
      length,
      captured,
      bytes?.toString('latin1', 0, captured),
    ]);
    assert.deepEqual(kept, [
      [5, 5, 5, 'abcde'],
      [10, 4, 4, 'kkkk'],
      [14, 11, 3, 'jkl'],
    ]);
  });

  test('gives its bytes back when it is cleared', () => {
    const total = budget();
    const queue = new SegmentQueue(total);
    queue.add(0, 3, Buffer.from('abc'), 0, 3, true);
    queue.add(9, 3, Buffer.from('abc'), 0, 3, false);
    assert.deepEqual([queue.segments.length, queue.bytes, total.bytes], [2, 3, 3 + 2 * segmentCostBytes]);
    queue.clear();
    assert.deepEqual([queue.segments.length, queue.bytes, total.bytes], [0, 0, 0]);
  });
});
