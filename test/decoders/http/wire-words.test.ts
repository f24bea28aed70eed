// Bytes in words against bytes one by one: whatever they are, and wherever the words begin.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { HeaderTable, tokenLower } from '../../../src/decoders/http/header-table.ts';
import { copyWords, findLineFeed, findSpace, sameWords, wordsOf } from '../../../src/decoders/http/wire-words.ts';

/** Mostly what heads hold, with what words could mistake for something else. */
const byte = fc.oneof(
  { arbitrary: fc.constantFrom(0x0a, 0x0d, 0x20, 0x09, 0x8a, 0xa0, 0x21, 0x0b, 0x00, 0xff, 0x80), weight: 1 },
  { arbitrary: fc.integer({ min: 0x21, max: 0x7e }), weight: 6 },
  { arbitrary: fc.integer({ min: 0, max: 255 }), weight: 1 },
);
/** Bytes that lie somewhere in a larger buffer, with others before and behind. */
const placed = fc
  .tuple(fc.array(byte, { maxLength: 60 }), fc.array(byte, { maxLength: 9 }), fc.array(byte, { maxLength: 9 }))
  .map(([bytes, before, behind]) => ({
    bytes: Buffer.from([...before, ...bytes, ...behind]),
    from: before.length,
    to: before.length + bytes.length,
  }));
const runs = { numRuns: 2000, seed: 7 };

test('a line end and a space stand where a byte by byte search finds them', () => {
  fc.assert(
    fc.property(placed, ({ bytes, from, to }) => {
      const words = wordsOf(bytes);
      let lineFeed = from;
      while (lineFeed < to && bytes[lineFeed] !== 0x0a) lineFeed++;
      assert.equal(findLineFeed(bytes, words, from, to), lineFeed);
      let space = from;
      while (space < to && (bytes[space] as number) > 0x20) space++;
      assert.equal(findSpace(bytes, words, from, to), space);
    }),
    runs,
  );
});

test('copied words are the bytes, nothing beside them, and say whether all are ASCII', () => {
  fc.assert(
    fc.property(placed, fc.nat({ max: 9 }), ({ bytes, from, to }, start) => {
      fc.pre(to - from >= 4);
      const length = to - from;
      const target = Buffer.alloc(start + length + 5, 0xee);
      const notAscii = copyWords(
        wordsOf(bytes),
        from,
        new DataView(target.buffer, target.byteOffset, target.length),
        start,
        length,
      );
      const wanted = Buffer.alloc(target.length, 0xee);
      bytes.copy(wanted, start, from, to);
      assert.deepEqual(target, wanted);
      assert.equal(
        notAscii !== 0,
        bytes.subarray(from, to).some((each) => each >= 0x80),
      );
    }),
    runs,
  );
});

test('words are the same when their bytes are', () => {
  fc.assert(
    fc.property(placed, fc.nat(), fc.nat({ max: 255 }), ({ bytes, from, to }, at, other) => {
      fc.pre(to - from >= 4);
      const others = Buffer.concat([Buffer.alloc(3), bytes.subarray(from, to)]);
      others[3 + (at % (to - from))] = other;
      const view = new DataView(others.buffer, others.byteOffset, others.length);
      assert.equal(sameWords(wordsOf(bytes), from, view, 3, to - from), bytes.compare(others, 3, others.length, from, to) === 0);
    }),
    runs,
  );
});

test('names of headers are found in any case, and no others', () => {
  const wanted = ['X-Mixed_Case', 'te', 'a^b~c', 'abcd', 'x-~y', "o'dd!#$%&*+.|`"];
  const table = new HeaderTable(wanted, ['Server']);
  const names = [...wanted.map((name) => name.toLowerCase()), 'server', 'host', 'content-length', 'www-authenticate'];
  const tokens = [...Array(256).keys()].filter((code) => tokenLower[code] !== 0);
  const spelled = fc
    .tuple(
      fc.constantFrom(...names),
      fc.array(fc.boolean(), { minLength: 32, maxLength: 32 }),
      fc.option(fc.tuple(fc.nat(), fc.constantFrom(...tokens))),
    )
    .map(([name, cases, change]) => {
      const bytes = Buffer.from(
        name.replace(/[a-z]/g, (letter, at: number) => (cases[at] ? letter.toUpperCase() : letter)),
        'latin1',
      );
      if (change !== null) bytes[change[0] % bytes.length] = change[1];
      return bytes;
    });
  fc.assert(
    fc.property(spelled, (bytes) => {
      const lower = bytes.toString('latin1').toLowerCase();
      const line = Buffer.concat([Buffer.from('\r\n'), bytes, Buffer.from(': x')]);
      assert.equal(table.find(line, 2, bytes.length)?.name, names.includes(lower) ? lower : undefined);
    }),
    runs,
  );
});
