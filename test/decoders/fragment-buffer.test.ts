// Fragments come together whatever their order and overlaps; what does not fit is left out.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { FragmentBuffer } from '../../src/decoders/fragment-buffer.ts';

test('any order and any overlap give the message', () => {
  const message = Buffer.from(Array.from({ length: 200 }, (_, index) => index));
  const cut = fc.tuple(fc.nat(200), fc.nat(200)).map(([a, b]): readonly [number, number] => [Math.min(a, b), Math.max(a, b)]);
  fc.assert(
    fc.property(fc.array(cut, { maxLength: 60 }), (cuts) => {
      const buffer = new FragmentBuffer(1000);
      const there = new Set<number>();
      for (const [from, to] of cuts) {
        buffer.add(from, message, from, to);
        for (let at = from; at < to; at++) there.add(at);
      }
      let length = 0;
      while (there.has(length)) length++;
      assert.equal(buffer.length, length);
      assert.ok(buffer.bytes.subarray(0, length).equals(message.subarray(0, length)));
    }),
  );
});

test('bounded in bytes, in holes, and in how far ahead a fragment lies', () => {
  const buffer = new FragmentBuffer(100);
  buffer.add(0, Buffer.alloc(300, 1), 0, 300);
  assert.equal(buffer.length, 100);
  buffer.clear();
  assert.equal(buffer.length, 0);
  const large = new FragmentBuffer(1_000_000);
  large.add(900_000, Buffer.of(1), 0, 1);
  assert.equal(large.bytes.length, 0);
  for (let index = 1; index < 1000; index++) large.add(index * 2, Buffer.of(1), 0, 1);
  large.add(0, Buffer.alloc(129), 0, 129);
  assert.equal(large.length, 129);
});

test('what came first stays', () => {
  const buffer = new FragmentBuffer(100);
  buffer.add(1, Buffer.from('bc'), 0, 2);
  buffer.add(0, Buffer.from('AXXD'), 0, 4);
  assert.equal(buffer.bytes.toString('latin1', 0, buffer.length), 'AbcD');
});
