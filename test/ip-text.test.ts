import assert from 'node:assert/strict';
import { isIP } from 'node:net';
import { test } from 'node:test';
import fc from 'fast-check';
import { ipVersionOf } from '../src/ip-text.ts';

test('texts are addresses where Node says that they are', () => {
  const pieces = fc.constantFrom(
    '0',
    '00',
    '1',
    '01',
    '9',
    '255',
    '256',
    'abcd',
    'ABCDE',
    'g',
    ':',
    '::',
    '.',
    '1.2.3.4',
    '%',
    '%e-1',
    '%é',
    ' ',
    '',
  );
  const list = fc.array(pieces, { maxLength: 18 });
  const joined = fc.tuple(list, fc.constantFrom('', ':', '.')).map(([parts, separator]) => parts.join(separator));
  const addresses = fc.oneof(fc.ipV4(), fc.ipV4Extended(), fc.ipV6(), joined);
  fc.assert(
    fc.property(addresses, (text) => assert.equal(ipVersionOf(text), isIP(text), JSON.stringify(text))),
    { numRuns: 5000 },
  );
});

test('edges of the forms', () => {
  const edges = [
    '',
    ':',
    '::',
    ':::',
    '1::',
    '::1',
    '1:',
    ':1',
    '1:2:3:4:5:6:7::',
    '1:2:3:4::5:6:7:8',
    '::1.2.3.4',
    '1:2:3:4:5:6:7:1.2.3.4',
    '1.2.3.4::',
    'fe80::1%eth0',
    '1.2.3.4%1',
    '::%',
    '0.0.0.0',
    '1.2.3',
    '1.2.3.4.5',
    '1..2.3',
  ];
  for (const text of edges) assert.equal(ipVersionOf(text), isIP(text), text);
});
