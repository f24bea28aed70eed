import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { BerCursor, contentBytes, headerBytes, Tag } from '../../src/decoders/ber-cursor.ts';
import { DerCursor } from '../../src/decoders/x509/der-cursor.ts';

const wire = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex');

function items(hex: string, cut = false, Cursor: typeof BerCursor | typeof DerCursor = BerCursor): string[] {
  const bytes = wire(hex);
  const cursor = new Cursor(bytes, 0, bytes.length);
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

test('DER has tags of one byte and definite lengths, inside as outside', () => {
  const der = (hex: string): string[] => items(hex, false, DerCursor);
  assert.deepEqual(der('02 01 05  04 81 01 ff  04 84 00000001 ee'), ['2:05', '4:ff', '4:ee']);
  for (const bad of ['9f32 02 abcd', '1f 00', '30 80 0000', '04', '04 05 0102', '04 85 0000000001 ff', '04 82 00']) {
    assert.deepEqual(der(bad), ['failed'], bad);
  }
  const outer = new DerCursor(wire('30 06 30 80 05 00 0000'), 0, 8);
  assert.ok(outer.expect(Tag.sequence));
  const inner = outer.inside();
  assert.ok(!inner.next() && inner.failed && !outer.failed);
});

test('what must have a tag fails for another, and for the end', () => {
  const cursor = (hex: string): BerCursor => new BerCursor(wire(hex), 0, wire(hex).length);
  const short = cursor('04 05 0102');
  assert.equal(short.peek(), Tag.octetString);
  assert.ok(short.expectCut(Tag.octetString) && short.peek() === -1 && !short.failed);
  assert.ok(!short.expectCut(Tag.octetString) && short.failed);
  const other = cursor('02 01 05 04 00');
  assert.ok(!other.expect(Tag.octetString) && other.failed && other.peek() === -1 && !other.next());
});

test('the header of an item that is still coming', () => {
  const cases: [string, number, number][] = [
    ['30', 0, 0],
    ['30 05', 2, 5],
    ['30 82 01', 0, 0],
    ['30 82 0102', 4, 0x102],
    ['30 84 ffffffff', 6, 0xffff_ffff],
    ['30 80', -1, 0],
    ['30 85 0000000001', -1, 0],
  ];
  for (const [hex, header, contents] of cases) {
    const bytes = wire(hex);
    assert.equal(headerBytes(bytes, 0, bytes.length), header, hex);
    if (header > 0) assert.equal(contentBytes(bytes, 0, header), contents, hex);
  }
});
