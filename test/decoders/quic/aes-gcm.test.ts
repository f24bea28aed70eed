import assert from 'node:assert/strict';
import { createCipheriv, createHash } from 'node:crypto';
import { test } from 'node:test';
import { Aes128, decryptGcm } from '../../../src/decoders/quic/aes-gcm.ts';

/** Bytes that look random and are the same in every run. */
function bytesOf(name: string, length: number): Buffer {
  const parts: Buffer[] = [];
  for (let count = 0; count * 32 < length; count += 1) parts.push(createHash('sha256').update(`${name} ${count}`).digest());
  return Buffer.concat(parts).subarray(0, length);
}

test('blocks as the crypto library encrypts them', () => {
  const aes = new Aes128();
  for (let round = 0; round < 200; round += 1) {
    const key = bytesOf(`key ${round}`, 16);
    const block = bytesOf(`block ${round}`, 16);
    aes.setKey(Buffer.concat([Buffer.alloc(3), key]), 3);
    aes.encrypt(block.readInt32BE(0), block.readInt32BE(4), block.readInt32BE(8), block.readInt32BE(12));
    const expected = createCipheriv('aes-128-ecb', key, null).update(block);
    assert.deepEqual(
      [...aes.out],
      [0, 4, 8, 12].map((at) => expected.readInt32BE(at)),
    );
  }
});

test('messages and headers of every length up to some blocks open, and with a bit changed do not', () => {
  const aes = new Aes128();
  for (let length = 0; length < 70; length += 1) {
    const key = bytesOf('key', 16);
    const nonce = bytesOf(`nonce ${length}`, 12);
    const header = bytesOf('header', (length * 7) % 45);
    const message = bytesOf('message', length);
    const cipher = createCipheriv('aes-128-gcm', key, nonce).setAAD(header);
    const sealed = Buffer.concat([Buffer.of(1, 2), cipher.update(message), cipher.final(), cipher.getAuthTag()]);
    const target = Buffer.alloc(100);
    aes.setKey(key, 0);
    const opens = (head: Buffer = header): boolean => decryptGcm(aes, nonce, head, head.length, sealed, 2, sealed.length, target);
    assert.equal(opens(), true);
    assert.deepEqual(target.subarray(0, length), message);
    const changed = 2 + ((length * 5) % (sealed.length - 2));
    sealed[changed] = (sealed[changed] as number) ^ 0x10;
    assert.equal(opens(), false);
    sealed[changed] = (sealed[changed] as number) ^ 0x10;
    if (header.length > 0) assert.equal(opens(header.subarray(1)), false);
  }
});
