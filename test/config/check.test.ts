// The checker: defaults, wrong values in words, unknown keys with what was probably meant.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { type TSchema, Type } from 'typebox';
import { Checker, expectation, nearest, suggestion } from '../../src/config/check.ts';
import { Origins } from '../../src/config/origins.ts';

const schema = Type.Object(
  {
    count: Type.Integer({ default: 3, minimum: 1, maximum: 9 }),
    names: Type.Array(Type.String({ minLength: 1 }), { default: ['x'] }),
    mode: Type.Union([Type.Literal('block'), Type.Literal('drop')], { default: 'block' }),
    path: Type.String({ minLength: 1 }),
    note: Type.Optional(Type.String()),
  },
  { additionalProperties: false },
);

function check(table: Record<string, unknown>): { value: Record<string, unknown>; messages: string[] } {
  const checker = new Checker(new Origins());
  const value = checker.flat(schema, 'here', table);
  return { value, messages: checker.problems.map(({ path, message }) => `${path}: ${message}`) };
}

test('what is not given gets its default, and none is shared', () => {
  const first = check({ path: 'p' });
  assert.deepEqual(first, { value: { count: 3, names: ['x'], mode: 'block', path: 'p' }, messages: [] });
  (first.value.names as string[]).push('y');
  assert.deepEqual(check({ path: 'p' }).value.names, ['x']);
});

test('every problem is told, in words', () => {
  assert.deepEqual(check({ count: 10, names: ['', 1], mode: 'dorp', paht: 'p', note: 1 }).messages, [
    'here.paht: unknown key; did you mean path?',
    'here.count: expected an integer from 1 to 9, got 10',
    'here.names: expected an array, each a non-empty string, got the array ["",1]',
    'here.mode: expected one of "block", "drop", got the string "dorp"',
    'here.path: is missing; expected a non-empty string',
    'here.note: expected a string, got 1',
  ]);
  assert.deepEqual(check({ path: new Date(0), count: 1.5, zzzzzz: {} }).messages, [
    'here.zzzzzz: unknown key; known are: count, mode, names, note, path',
    'here.count: expected an integer from 1 to 9, got 1.5',
    'here.path: expected a non-empty string, got the date 1970-01-01T00:00:00.000Z',
  ]);
});

test('keys of another table and the names of Object are no options', () => {
  const messages = check(JSON.parse('{"path": "p", "constructor": 1, "__proto__": 1}')).messages;
  assert.equal(messages.length, 2);
  assert.ok(messages.every((message) => message.includes('unknown key')));
});

test('a table where a value is wanted, and the other way round', () => {
  const checker = new Checker(new Origins());
  assert.deepEqual(checker.table('a', 5), {});
  assert.deepEqual(checker.table('b', new Date(0)), {});
  assert.deepEqual(checker.tables('c', { d: 1 }), []);
  assert.deepEqual(checker.tables('e', [{}, 1]), [{}, {}]);
  assert.deepEqual(
    checker.problems.map(({ path, message }) => `${path}: ${message}`),
    [
      'a: expected a table, got 5',
      'b: expected a table, got the date 1970-01-01T00:00:00.000Z',
      'c: expected an array of tables ([[c]]), got a table',
      'e.1: expected a table, got 1',
    ],
  );
});

test('schemas in words', () => {
  const words: [TSchema, string][] = [
    [Type.Integer(), 'an integer'],
    [Type.Number({ minimum: 0.5 }), 'a number of at least 0.5'],
    [Type.Number({ maximum: 2 }), 'a number of at most 2'],
    [Type.Integer({ minimum: 0, maximum: Number.MAX_SAFE_INTEGER }), 'an integer of at least 0'],
    [Type.Boolean(), 'true or false'],
    [Type.String({ pattern: '^a$' }), 'a string that matches ^a$'],
    [Type.Literal('file'), '"file"'],
    [Type.Array(Type.Integer(), { minItems: 1 }), 'a non-empty array, each an integer'],
    [Type.Union([Type.Boolean(), Type.String()]), 'true or false or a string'],
    [{ enum: ['a', 'b'] } as TSchema, 'one of "a", "b"'],
    [Type.Any(), 'another value'],
  ];
  for (const [each, expected] of words) assert.equal(expectation(each), expected);
});

test('the nearest name is the one that was meant, or none', () => {
  const keys = ['packet', 'ring_bytes', 'restart_limit', 'cpus'];
  assert.equal(nearest('pakcet', keys), 'packet');
  assert.equal(nearest('ringbytes', keys), 'ring_bytes');
  assert.equal(nearest('cpu', keys), 'cpus');
  assert.equal(nearest('limit', keys), 'restart_limit');
  assert.equal(nearest('colour', keys), undefined);
  assert.equal(suggestion('colour', []), 'there are none');
});

test('one wrong letter is always recognised', () => {
  const keys = ['block_timeout_ms', 'promiscuous', 'community_id_seed', 'rotate_secs'];
  fc.assert(
    fc.property(fc.constantFrom(...keys), fc.nat(), fc.constantFrom('', 'x', 'qq'), (key, at, put) => {
      const position = at % key.length;
      const typo = key.slice(0, position) + put + key.slice(position + 1);
      fc.pre(typo !== key);
      assert.equal(nearest(typo, keys), key);
    }),
  );
});
