import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteText, JsonText, JsonWriter } from '../../src/record/index.ts';

function written(write: (writer: JsonWriter) => number, limit = 100_000): string {
  const bytes = Buffer.alloc(limit);
  const writer = new JsonWriter();
  writer.begin(bytes, limit);
  const end = write(writer);
  assert.equal(writer.overflow, false);
  return bytes.toString('utf8', 0, end);
}

test('every JSON value reads back equal', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 4 }), (value) => {
      const expected = JSON.parse(JSON.stringify(value));
      assert.deepEqual(JSON.parse(written((writer) => writer.value(0, value))), expected);
    }),
    { seed: 4 },
  );
});

test('strings of any code units become valid UTF-8 JSON', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'binary' }), (text) => {
      assert.equal(JSON.parse(written((writer) => writer.text(0, text))), text.toWellFormed());
    }),
    { seed: 5 },
  );
  assert.equal(
    written((writer) => writer.text(0, '\ud800')),
    '"\ufffd"',
  );
  assert.equal(
    written((writer) => writer.text(0, '"\\\u0001\n\u007fé€😀')),
    '"\\"\\\\\\u0001\\n\\u007fé€😀"',
  );
});

test('integers are written as JavaScript writes them', () => {
  fc.assert(
    fc.property(fc.oneof(fc.maxSafeInteger(), fc.double()), (value) => {
      const text = written((writer) => writer.number(0, value));
      assert.equal(text, Number.isFinite(value) ? (Object.is(value, -0) ? '0' : String(value)) : 'null');
    }),
    { seed: 6 },
  );
});

test('nothing is written at or after the limit', () => {
  fc.assert(
    fc.property(fc.jsonValue({ maxDepth: 3 }), fc.nat(200), (value, limit) => {
      const bytes = Buffer.alloc(limit + 64, 0xee);
      const writer = new JsonWriter();
      writer.begin(bytes, limit);
      const end = writer.value(0, value);
      const json = JSON.stringify(JSON.parse(JSON.stringify(value)));
      assert.equal(writer.overflow, Buffer.byteLength(json) > limit);
      assert.ok(bytes.subarray(limit).every((byte) => byte === 0xee));
      if (!writer.overflow) assert.equal(bytes.toString('utf8', 0, end), json);
    }),
    { seed: 7 },
  );
});

test('values that are bytes already come out like the strings and values they stand for', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme' }), fc.jsonValue({ maxDepth: 2 }), (text, json) => {
      const bytes = Buffer.from(`xx${text}yy`);
      const value = new ByteText(bytes, 2, bytes.length - 2);
      assert.equal(
        written((writer) => writer.value(0, [value, JsonText.of(json)])),
        written((writer) => writer.value(0, [text, json])),
      );
    }),
    { seed: 6 },
  );
});
