import assert from 'node:assert/strict';
import { test } from 'node:test';
import { namedValues } from '../src/named-values.ts';

test('names have their values, whatever they are', () => {
  const names = [
    'plain',
    'with-hyphen',
    '"quoted"\n',
    '\u2028',
    'constructor',
    '0',
    ...Array.from({ length: 300 }, (_, n) => `n${n}`),
  ];
  const made = namedValues(names, (name, index) => ({ name, index }));
  // Names that are numbers come first in every object.
  assert.deepEqual(Object.keys(made).sort(), names.toSorted());
  for (const [index, name] of names.entries()) assert.deepEqual(made[name], { name, index });
});
