// HMAC-SHA-256 of QUIC's keys: against the crypto library.

import { strict as assert } from 'node:assert';
import { createHmac } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { HmacSha256 } from '../../../src/decoders/quic/hmac-sha256.ts';

test('keys and messages of every length that fits a block', () => {
  const hmac = new HmacSha256();
  const code = Buffer.alloc(32);
  const bytes = (maxLength: number) => fc.uint8Array({ minLength: 0, maxLength });
  fc.assert(
    fc.property(bytes(64), bytes(55), (key, message) => {
      hmac.setKey(key);
      hmac.code(message, code);
      assert.deepEqual(code, createHmac('sha256', key).update(message).digest());
    }),
  );
});
