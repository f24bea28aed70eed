import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { HoleLists, maxHoles } from '../../src/session/hole-list.ts';

/** One list of `lists`, as if it were an object. */
function listOf(lists: HoleLists, direction: number) {
  const list = lists.open(direction);
  return {
    get count() {
      return lists.count(list);
    },
    get forgotten() {
      return lists.forgotten(list);
    },
    get firstStart() {
      return lists.firstStart(list);
    },
    get last() {
      return [lists.lastStart(list), lists.lastEnd(list)];
    },
    append: (start: number, end: number) => lists.append(list, start, end),
    prepend: (start: number, end: number) => lists.prepend(list, start, end),
    cover: (from: number, to: number) => lists.cover(list, from, to),
  };
}

describe('hole list', () => {
  test('covers what a set of missing numbers would, also across the wrap', () => {
    const ranges = fc.array(fc.tuple(fc.integer({ min: 0, max: 199 }), fc.integer({ min: 1, max: 60 })), { maxLength: 40 });
    fc.assert(
      fc.property(fc.integer({ min: -0x8000_0000, max: 0x7fff_ffff }), ranges, (base, covers) => {
        const holes = listOf(new HoleLists(4), 1);
        holes.append(base, (base + 100) | 0);
        holes.append((base + 120) | 0, (base + 200) | 0);
        const missing = new Set(Array.from({ length: 200 }, (_, index) => index).filter((index) => index < 100 || index >= 120));
        for (const [from, length] of covers) {
          let expected = 0;
          for (let number = from; number < from + length; number += 1) if (missing.delete(number)) expected += 1;
          assert.equal(holes.cover((base + from) | 0, (base + from + length) | 0), expected);
        }
        assert.equal(holes.cover(base, (base + 300) | 0), missing.size);
        assert.equal(holes.count, 0);
      }),
      { numRuns: 300, seed: 4 },
    );
  });

  test('forgets the lowest hole when there are too many, and counts it', () => {
    const holes = listOf(new HoleLists(4), 1);
    for (let hole = 0; hole < maxHoles + 3; hole += 1) holes.append(hole * 10, hole * 10 + 5);
    assert.deepEqual([holes.count, holes.forgotten, holes.firstStart], [maxHoles, 3, 30]);
    assert.equal(holes.cover(0, 30), 0);
    assert.equal(holes.cover(32, 33), 1);
    assert.deepEqual([holes.count, holes.forgotten], [maxHoles - 1, 4]);
    holes.append(10_000, 10_001);
    holes.prepend(0, 5);
    assert.deepEqual([holes.count, holes.forgotten], [maxHoles, 5]);
  });

  test('splitting a full list forgets its lowest hole and keeps both halves', () => {
    const holes = listOf(new HoleLists(4), 1);
    for (let hole = 0; hole < maxHoles; hole += 1) holes.append(hole * 10, hole * 10 + 5);
    assert.equal(holes.cover(22, 23), 1);
    assert.deepEqual([holes.count, holes.forgotten, holes.firstStart], [maxHoles, 1, 10]);
    assert.equal(holes.cover(20, 25), 4);
  });
  test('lists do not mix, change places and use memory again', () => {
    const lists = new HoleLists(600);
    for (let round = 0; round < 3; round += 1) {
      const all = Array.from({ length: 300 }, (_, direction) => listOf(lists, direction * 2));
      for (let hole = 0; hole < 8; hole += 1) {
        all.forEach((list, index) => {
          list.append(index * 1000 + hole * 10, index * 1000 + hole * 10 + 5);
        });
      }
      all.forEach((list, index) => {
        assert.equal(list.cover(index * 1000, (index + 1) * 1000 - 928), 5 * 8 - 3);
        assert.deepEqual(
          [list.count, list.firstStart, list.last],
          [1, index * 1000 + 72, [index * 1000 + 72, index * 1000 + 75]],
        );
        list.prepend(index * 1000, index * 1000 + 1);
        assert.equal(list.cover(index * 1000 + 72, index * 1000 + 80), 3);
        assert.deepEqual([list.count, list.last], [1, [index * 1000, index * 1000 + 1]]);
      });
      assert.equal(lists.size, 300);
      lists.swap(0, 1);
      assert.equal(lists.of(0), 0);
      assert.equal(lists.firstStart(lists.of(1)), 0);
      lists.swap(0, 1);
      for (let direction = 0; direction < 600; direction += 2) lists.close(direction);
      assert.equal(lists.size, 0);
    }
  });
});
