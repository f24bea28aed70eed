// docs/fields.md (generated; test/tidy.test.ts keeps it current) and the records agree: whatever stands in the golden
// records is documented for that record type, with its type.

import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { RecordRegistry } from '../../src/record/index.ts';
import { recordsOf } from '../e2e/sensor.ts';

const golden = fileURLToPath(new URL('../golden/', import.meta.url));
const documented = new Map(new RecordRegistry(decoderDefinitions).document().map((field) => [field.name, field]));

const isOfType: Readonly<Record<string, (value: unknown) => boolean>> = {
  keyword: (value) => typeof value === 'string',
  text: (value) => typeof value === 'string',
  ip: (value) => typeof value === 'string' && /^[0-9a-f.:]+$/.test(value),
  long: (value) => Number.isSafeInteger(value),
  float: (value) => typeof value === 'number',
  boolean: (value) => typeof value === 'boolean',
  date: (value) => typeof value === 'string' && /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/.test(value),
  object: (value) => typeof value === 'object',
};

/** What is wrong with the members of an object below `path`. */
function faults(dataset: string, value: unknown, path: string): string[] {
  const field = documented.get(path);
  if (field !== undefined) {
    if (!field.records.includes(dataset)) return [`${path} is not documented for ${dataset}`];
    if (Array.isArray(value) !== field.many) {
      // The same name may be one value in a transaction and a list in its session.
      const isOfBoth = field.records.includes('session') && field.records.length > 1;
      if (!isOfBoth) return [`${path} is ${Array.isArray(value) ? 'a list' : 'no list'} in ${dataset}`];
    }
    const values = Array.isArray(value) ? value : [value];
    return values.every((each) => isOfType[field.type]?.(each)) ? [] : [`${path} is no ${field.type}: ${JSON.stringify(value)}`];
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return [`${path} is not documented`];
  return Object.entries(value).flatMap(([name, member]) => faults(dataset, member, path === '' ? name : `${path}.${name}`));
}

test('the names of all decoders fit into one index', () => new RecordRegistry(decoderDefinitions).checkNames());

test('every field of the golden records is documented, with its type', () => {
  const files = globSync('*.expected.ndjson', { cwd: golden });
  assert.ok(files.length >= 11);
  for (const file of files) {
    const records = recordsOf(readFileSync(`${golden}${file}`, 'utf8'));
    assert.ok(records.length > 5);
    for (const record of records)
      assert.deepEqual(faults(record.event.dataset, record, ''), [], `${file}: ${record.session?.id}`);
  }
});
