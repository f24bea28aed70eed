// Values of records as the addon writes them, compared with what JSON.stringify makes of the same.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ByteText, FactPlan, type FieldValue, JsonText } from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';

const scribe = new RecordScribe();

/** A plan of an object in an object with so many members `v0`, `v1`, …. */
function planOf(count: number): FactPlan {
  const values = Array.from({ length: count }, (_, index) => ({ step: 'value', text: `,"v${index}":`, index }) as const);
  return new FactPlan([
    { step: 'text', text: '{"before":1' },
    { step: 'open', text: ',"in":' },
    { step: 'open', text: ',"deep":' },
    ...values,
    { step: 'close' },
    { step: 'close' },
    { step: 'text', text: '}' },
  ]);
}

function written(
  plan: FactPlan,
  values: readonly (FieldValue | null)[],
  target = Buffer.alloc(1 << 16, 0xee),
): string | undefined {
  const sink = scribe.begin();
  for (const [index, value] of values.entries()) sink.put(index, value);
  const end = scribe.write(plan, target, 3, target.length - plan.most, 0);
  return end < 0 ? undefined : target.toString('utf8', 3, end);
}

/** What a record leaves out. */
const isAbsent = (value: unknown): boolean =>
  value === undefined || value === null || value === '' || (Array.isArray(value) && value.length === 0);

function expected(values: readonly unknown[]): string {
  const members = values.flatMap((value, index) => (isAbsent(value) ? [] : [`"v${index}":${JSON.stringify(value)}`]));
  const json = members.length === 0 ? '{"before":1}' : `{"before":1,"in":{"deep":{${members.join(',')}}}}`;
  return json.replaceAll('\u007f', '\\u007f');
}

const eight = planOf(8);
const text = fc.string({ unit: 'binary', maxLength: 60 }).map((value) => value.toWellFormed());
const number = fc
  .oneof(fc.nat(20_000), fc.maxSafeInteger(), fc.double({ noNaN: true, noDefaultInfinity: true }))
  .map((value) => (Object.is(value, -0) ? 0 : value));
const plain = fc.oneof(text, number, fc.boolean(), fc.constantFrom(undefined, null, ''), fc.array(text, { maxLength: 3 }));

test('values of all kinds are those of JSON.stringify', () => {
  fc.assert(
    fc.property(fc.array(plain, { maxLength: 8 }), (values) => {
      assert.equal(written(eight, values as FieldValue[]), expected(values));
    }),
    { seed: 11, numRuns: 500 },
  );
});

test('values that are bytes are copied or read where they lie, as often as they come', () => {
  // The second and later times large memory is known to the addon; more memories than it knows at a time.
  const memories = Array.from({ length: 50 }, (_, index) => Buffer.alloc(index % 2 === 0 ? 4096 : 200));
  fc.assert(
    fc.property(fc.array(fc.tuple(text, fc.nat(49), fc.boolean()), { maxLength: 8 }), (values) => {
      const used = new Map<number, number>();
      const put = values.map(([value, number, isJson]) => {
        const memory = memories[number] as Buffer;
        const bytes = Buffer.from(isJson ? JSON.stringify(value).replaceAll('\u007f', '\\u007f') : value);
        const from = used.get(number) ?? 0;
        if (from + bytes.length > memory.length) return isJson ? value : new ByteText(bytes, 0, bytes.length);
        bytes.copy(memory, from);
        used.set(number, from + bytes.length);
        return isJson ? new JsonText(memory, from, from + bytes.length) : new ByteText(memory, from, from + bytes.length);
      });
      // The JSON of '' is a value; the empty text is none.
      const plain = values.map(([value], index) =>
        value === '' && put[index] instanceof JsonText ? { toJSON: () => '' } : value,
      );
      assert.equal(written(eight, put), expected(plain));
    }),
    { seed: 12, numRuns: 500 },
  );
});

test('times are dates, and what is no time is what it is', () => {
  const plan = planOf(3);
  const sink = scribe.begin();
  sink.date(0, 1_700_000_000_000_001);
  sink.date(1, undefined);
  sink.date(2, new JsonText(Buffer.from('["2020"]'), 0, 8));
  const target = Buffer.alloc(1000);
  const end = scribe.write(plan, target, 0, 500, 0);
  assert.deepEqual(JSON.parse(target.toString('latin1', 0, end)).in.deep, { v0: '2023-11-14T22:13:20.000001Z', v2: ['2020'] });
});

test('what does not fit is said, and nothing behind the room for a plan is touched', () => {
  const plan = planOf(2);
  const value = 'x"\u0001'.repeat(20);
  const whole = written(plan, [value, 5])?.length as number;
  assert.ok(whole > 0);
  for (let limit = 0; limit < whole; limit++) {
    const target = Buffer.alloc(limit + plan.most + 64, 0xee);
    const sink = scribe.begin();
    sink.put(0, value);
    sink.put(1, 5);
    const end = scribe.write(plan, target, 0, limit, 0);
    if (limit < 20) assert.equal(end, -1);
    else if (end >= 0) assert.equal(target.toString('latin1', 0, end), written(plan, [value, 5]));
    assert.ok(target.subarray(limit + plan.most).every((byte) => byte === 0xee));
  }
});

test('long values and many of them', () => {
  const many = planOf(256);
  const long = Array.from({ length: 256 }, (_, index) => `${index}`.repeat(300));
  assert.equal(written(many, long, Buffer.alloc(1 << 20)), expected(long));
  const list = [long, { a: [1, { b: 'é'.repeat(5000) }] }];
  assert.equal(written(many, list, Buffer.alloc(1 << 20)), expected(list));
  assert.throws(() => planOf(257), /too many values/);
});

test('facts of a session need one', () => {
  const plan = new FactPlan([{ step: 'fact', text: ',"id":', fact: 'id', which: 0 }]);
  scribe.begin();
  assert.throws(() => scribe.write(plan, Buffer.alloc(500), 0, 300, 0), /a record could not be written/);
});
