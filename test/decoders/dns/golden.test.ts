// The golden capture (golden/make.ts says what is in it) gives the records that were read and agreed on.

import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { test } from 'node:test';
import { readCapture } from './capture.ts';
import { recordsOf } from './golden/records-of.ts';

const golden = (file: string): Buffer => readFileSync(new URL(`golden/${file}`, import.meta.url));

test('the golden capture gives its expected records', () => {
  const records = recordsOf(readCapture(golden('dns.pcap'))).map((record) => JSON.stringify(record));
  const expected = golden('dns.expected.ndjson').toString().trimEnd().split('\n');
  assert.equal(records.length, expected.length);
  records.forEach((record, index) => {
    assert.deepEqual(JSON.parse(record), JSON.parse(expected[index] as string));
  });
});
