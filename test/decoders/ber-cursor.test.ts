import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BerCursor } from '../../src/decoders/ber-cursor.ts';

function items(hex: string, cut = false): string[] {
  const bytes = Buffer.from(hex.replaceAll(' ', ''), 'hex');
  const cursor = new BerCursor(bytes, 0, bytes.length);
  const out: string[] = [];
  while (cut ? cursor.nextCut() : cursor.next()) {
    out.push(`${cursor.tag.toString(16)}:${bytes.toString('hex', cursor.from, cursor.to)}`);
  }
  if (cursor.failed) out.push('failed');
  return out;
}

test('tags and lengths of all forms', () => {
  assert.deepEqual(items('02 01 05  9f32 02 abcd  04 81 01 ff  04 82 0001 ee'), ['2:05', '9f32:abcd', '4:ff', '4:ee']);
  assert.deepEqual(items('30 80 02 01 05 30 80 04 00 0000 0000  02 01 06'), ['30:020105308004000000', '2:06']);
  assert.deepEqual(items('04 05 0102'), ['failed']);
  assert.deepEqual(items('04 05 0102', true), ['4:0102']);
  for (const bad of ['9f', '9fffffffff01 00', '04', '04 85 0000000001 ff', '04 82 00', '30 80 02 01 05', '30 80 02 7f']) {
    assert.deepEqual(items(bad), ['failed'], bad);
  }
});

test('random bytes end the walk', () => {
  fc.assert(fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => void items(Buffer.from(bytes).toString('hex'), true)));
});
