// Names: escapes, compression, bounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { firstNameEnd, NameFault, sameName, skipName, writeName } from '../../../src/decoders/dns/domain-name.ts';
import { TextWriter } from '../../../src/decoders/dns/text-writer.ts';
import { bytes, name, pointer } from './wire.ts';

const header = Buffer.alloc(12);

function read(data: Uint8Array, at: number): [string, number] {
  const writer = new TextWriter(1024);
  writer.begin(1024);
  const end = writeName(writer, data, 0, at, data.length);
  return [writer.toString(), end];
}

test('plain names, the root, and bytes that need escapes', () => {
  assert.deepEqual(read(bytes(header, name('www.Example.com'), 9), 12), ['www.Example.com', 29]);
  assert.deepEqual(read(bytes(header, 0), 12), ['.', 13]);
  assert.deepEqual(read(bytes(header, 5, 'a.b\\c', 3, ' \x7f\xff', 0), 12), ['a\\.b\\\\c.\\032\\127\\255', 23]);
  assert.deepEqual(read(bytes(header, 4, '"@;$', 0), 12)[0], '"@;$');
});

test('compression leads backwards only', () => {
  const data = bytes(header, name('example.com'), 3, 'www', pointer(12), pointer(25), 1, 'x', pointer(34));
  assert.deepEqual(read(data, 25), ['www.example.com', 31]);
  assert.deepEqual(read(data, 31), ['www.example.com', 33], 'a pointer to a name that ends in one');
  assert.equal(read(data, 33)[1], NameFault.loop, 'into its own middle');
  assert.equal(read(bytes(header, pointer(12)), 12)[1], NameFault.loop, 'to itself');
  assert.equal(read(bytes(header, pointer(14), 0), 12)[1], NameFault.loop, 'forward');
  assert.equal(read(bytes(header, 1, 'a', pointer(12)), 12)[1], NameFault.loop, 'to the start of the same name');
  assert.equal(read(bytes(header, pointer(4)), 12)[1], NameFault.bad, 'into the header');
});

test('a chain of pointers is bounded', () => {
  const chain = (length: number): Buffer =>
    bytes(header, 0, 0, ...Array.from({ length }, (_, index) => pointer(index === 0 ? 12 : 12 + 2 * index)));
  assert.deepEqual(read(chain(127), 14 + 2 * 126), ['.', 14 + 2 * 127]);
  assert.equal(read(chain(128), 14 + 2 * 127)[1], NameFault.loop);
});

test('255 bytes are a name, 256 are not, whole or through pointers', () => {
  const label = (length: number): Buffer => bytes(length, 'a'.repeat(length));
  const longest = bytes(label(63), label(63), label(63), label(61), 0);
  assert.equal(longest.length, 255);
  assert.equal(read(bytes(header, longest), 12)[1], 12 + 255);
  assert.equal(skipName(bytes(header, longest), 12, 12 + 255), 12 + 255);
  const longer = bytes(label(63), label(63), label(63), label(62), 0);
  assert.equal(read(bytes(header, longer), 12)[1], NameFault.bad);
  assert.equal(skipName(bytes(header, longer), 12, 12 + 256), NameFault.bad);
  assert.equal(read(bytes(header, longest, 1, 'b', pointer(12)), 12 + 255)[1], NameFault.bad);
});

test('label types 01 and 10 do not exist', () => {
  for (const type of [0x40, 0x80]) {
    assert.equal(read(bytes(header, type, 0), 12)[1], NameFault.bad);
    assert.equal(skipName(bytes(header, type, 0), 12, 14), NameFault.bad);
  }
});

test('a name cut anywhere is cut', () => {
  const data = bytes(header, name('example.com'), 3, 'www', pointer(12));
  for (let end = 25; end < data.length; end++) {
    assert.equal(read(data.subarray(0, end), 25)[1], NameFault.cut);
    assert.equal(skipName(data, 25, end), NameFault.cut);
  }
});

test('names are the same without case of letters, and only of letters', () => {
  const same = (one: string, other: string): boolean => {
    const [a, b] = [name(one), name(other)];
    return a.length === b.length && sameName(bytes('..', a), 2, b, 0, a.length);
  };
  assert.ok(same('WwW.eXample', 'www.EXAMPLE'));
  assert.ok(!same('www.example', 'www.examplf'));
  assert.ok(!same('ab.c', 'a.bc'), 'other labels');
  assert.ok(!same('a[b', 'a{b'), '0x5b and 0x7b differ by the same bit as letters do');
  assert.ok(!same('a-b', 'a\rb'));
});

test('the first name of a message ends where it would be read to, with the same faults', () => {
  const agree = (data: Uint8Array): void => assert.equal(firstNameEnd(data, 12, data.length), read(data, 12)[1]);
  for (const first of [
    name('www.example.com'),
    bytes(0),
    bytes(63, 'a'.repeat(63), 1),
    bytes(3, 'www', pointer(12)),
    bytes(3, 'www', pointer(4)),
    bytes(3, 'www', pointer(90)),
    bytes(0xc0),
    bytes(0x80),
    bytes(1, 'a', 0x40, 0),
    ...[61, 62].map((last) => bytes(...[63, 63, 63, last].map((length) => bytes(length, 'a'.repeat(length))), 0)),
  ]) {
    agree(bytes(header, first, 'behind'));
    agree(bytes(header, first));
  }
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 300 }), (data) => agree(bytes(header, data))),
    { numRuns: 500, seed: 5 },
  );
});

test('random bytes give an offset within the message or a fault, and skipping agrees with reading', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 13, maxLength: 600 }), (data) => {
      const [shown, end] = read(data, 12);
      assert.ok(shown.length <= 1024);
      const skipped = skipName(data, 12, data.length);
      if (end >= 0) assert.equal(skipped, end);
      if (skipped < 0) assert.ok(end < 0);
    }),
    { numRuns: 500, seed: 4 },
  );
});
