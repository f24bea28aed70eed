import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { sha1Block, sha1BlockMost } from '../../src/packet/sha1-block.ts';

test('a message of any length that fits has the digest that the crypto library gives', () => {
  const block = Buffer.alloc(64);
  const view = new DataView(block.buffer, block.byteOffset, block.length);
  const words = new Int32Array(5);
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: sha1BlockMost }), (message) => {
      block.fill(0xee);
      block.set(message);
      sha1Block(view, message.length, words);
      const digest = Buffer.alloc(20);
      for (const [index, word] of words.entries()) digest.writeInt32BE(word, index * 4);
      assert.equal(digest.toString('hex'), hash('sha1', message, 'hex'));
    }),
    { seed: 1 },
  );
});
