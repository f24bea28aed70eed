import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BlockArena } from '../../src/session/block-arena.ts';

test('blocks in use are apart from each other, and given back they are used again', () => {
  fc.assert(
    fc.property(fc.constantFrom(32, 64, 272), fc.array(fc.nat({ max: 9 }), { maxLength: 200 }), (size, steps) => {
      const arena = new BlockArena(size, size * 50);
      const held: number[] = [];
      let highest = 0;
      for (const step of steps) {
        if (step > 6 && held.length > 0) arena.giveBack(held.splice(step % held.length, 1)[0] as number);
        else {
          const block = arena.take();
          if (held.length === 50) assert.equal(block, 0);
          else {
            assert.ok(block > 0 && !held.includes(block));
            held.push(block);
            highest = Math.max(highest, held.length);
            arena.bytes(block).fill(block & 255, arena.at(block), arena.at(block) + size);
          }
        }
        assert.equal(arena.used, held.length);
        assert.ok(held.every((block) => block <= highest));
        for (const block of held)
          assert.ok(
            arena
              .bytes(block)
              .subarray(arena.at(block), arena.at(block) + size)
              .every((byte) => byte === (block & 255)),
          );
      }
    }),
    { numRuns: 100, seed: 30 },
  );
});

test('a new slab leaves the bytes of those before where they are', () => {
  const arena = new BlockArena(32, 32 * 20_000);
  const first = arena.take();
  const bytes = arena.bytes(first);
  for (let count = 1; count < 20_000; count += 1) {
    const block = arena.take();
    arena.words(block)[arena.at(block) >> 2] = block;
    arena.numbers(block)[(arena.at(block) >> 3) + 1] = block / 2;
  }
  assert.equal(arena.take(), 0);
  assert.equal(arena.bytes(first), bytes);
  for (let block = 2; block <= 20_000; block += 1) {
    assert.equal(arena.bytes(block).readInt32LE(arena.at(block)), block);
    assert.equal(arena.bytes(block).readDoubleLE(arena.at(block) + 8), block / 2);
  }
});
