import assert from 'node:assert/strict';
import { test } from 'node:test';
import { addressText, macText } from '../../src/decoders/address-text.ts';

test('addresses have the forms of RFC 5952 and dotted quads', () => {
  const cases: readonly (readonly [string, string])[] = [
    ['c0000201', '192.0.2.1'],
    ['20010db8000000000000000000000001', '2001:db8::1'],
    ['20010db8000100020003000400050006', '2001:db8:1:2:3:4:5:6'],
    ['20010db8000000010000000000000001', '2001:db8:0:1::1'],
    ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
    ['00000000000000000000000000000000', '::'],
    ['00000000000000000000000000000001', '::1'],
    ['fe800000000000000000000000000000', 'fe80::'],
    ['00000000000000000000ffffc0000201', '192.0.2.1'],
    ['c00002', ''],
  ];
  for (const [hex, text] of cases) {
    const bytes = Buffer.from(`ff${hex}ff`, 'hex');
    assert.equal(addressText(bytes, 1, bytes.length - 1), text, hex);
  }
  assert.equal(macText(Buffer.from('00001d09f092ab', 'hex'), 1), '00:1d:09:f0:92:ab');
});
