import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatSessionId } from '../../src/session/session-id.ts';

const word = (value: number): string => (value >>> 0).toString(16).padStart(8, '0');

test('time, hash and packet number, each in its width', () => {
  assert.equal(formatSessionId(0, 0, 0), '00000000000000000000000000000');
  assert.equal(formatSessionId(1_760_000_000_000_000, -1, 1), '640b5eece0000ffffffff00000001');
});

test('any time, hash and packet number', () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 53) + 1, max: 2 ** 53 - 1 }),
      fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 }),
      fc.nat({ max: 2 ** 32 - 1 }),
      (startUs, hash, packetNumber) => {
        const time = startUs.toString(16).padStart(13, '0');
        assert.equal(formatSessionId(startUs, hash, packetNumber), time + word(hash) + word(packetNumber));
      },
    ),
  );
});

test('times on both sides of where the width ends', () => {
  for (const startUs of [-1, 2 ** 32 - 1, 2 ** 32, 2 ** 52 - 1, 2 ** 52]) {
    assert.equal(formatSessionId(startUs, 0, 0), `${startUs.toString(16).padStart(13, '0')}0000000000000000`);
  }
});
