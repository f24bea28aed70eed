import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { ClientHello, parseClientHello } from '../../../src/decoders/tls-handshake/client-hello.ts';
import type { ClientOffer } from '../../../src/decoders/tls-handshake/client-offer.ts';
import { WordCache } from '../../../src/decoders/tls-handshake/word-cache.ts';
import { clientHello, extension, groups, serverName, signatures } from '../tls/hello-bytes.ts';

const listText = (words: Uint16Array, from: number, to: number): string => words.subarray(from, to).join(' ');

test('a list gives its own value, however few places there are', () => {
  const cache = new WordCache(1, listText);
  const list = fc.array(fc.integer({ min: 0, max: 3 }), { maxLength: 4 });
  fc.assert(
    fc.property(fc.array(list, { minLength: 1, maxLength: 40 }), fc.nat(3), (lists, shift) => {
      for (const codes of lists) {
        const words = Uint16Array.from([...Array(shift).fill(7), ...codes, 9]);
        assert.equal(cache.get(words, shift, shift + codes.length), codes.join(' '));
      }
    }),
    { numRuns: 300, seed: 7 },
  );
});

test('a list is worked out once, the one not seen for longest goes, and very long ones are not kept', () => {
  let made = 0;
  const cache = new WordCache(1, (words, from, to) => {
    made++;
    return listText(words, from, to);
  });
  const ask = (code: number): string => cache.get(Uint16Array.of(code), 0, 1);
  for (const code of [1, 2, 3, 4, 1, 2, 3, 4]) ask(code);
  assert.equal(made, 4);
  ask(5);
  for (const code of [2, 3, 4, 5]) ask(code);
  assert.equal(made, 5, 'what was there lately is there still');
  ask(1);
  assert.equal(made, 6);
  const long = new Uint16Array(2000).fill(3);
  assert.equal(cache.get(long, 0, 2000), cache.get(long, 0, 2000));
  assert.equal(made, 8);
  for (const code of [3, 4, 5, 1]) ask(code);
  assert.equal(made, 8);
});

test('more lists than a slab holds stay whole', () => {
  const cache = new WordCache(64, (words, from, to) => Array.from(words.subarray(from, to)));
  const lists = Array.from({ length: 100 }, (_, number) =>
    Uint16Array.from({ length: 300 }, (__, index) => number * 300 + index),
  );
  for (const words of lists) cache.get(words, 0, words.length);
  for (const words of lists) assert.deepEqual(cache.get(words, 0, words.length), Array.from(words));
});

function offerOf(bytes: Buffer): ClientOffer {
  return parseClientHello(bytes, 0, bytes.length, new ClientHello());
}

test('GREASE and what names the connection make no other offer, anything else does', () => {
  const parts = (name: string, grease: number, cipher: number) => ({
    ciphers: [grease, 0x1301, cipher],
    extensions: [
      extension(grease),
      serverName(name),
      groups(grease, 29, 23),
      signatures(0x0403),
      extension(43, Buffer.of(2, 3, 4)),
    ],
  });
  const first = offerOf(clientHello(parts('a.test', 0x0a0a, 0x1302)));
  assert.equal(offerOf(clientHello(parts('other.test', 0xfafa, 0x1302))), first);
  const other = offerOf(clientHello(parts('a.test', 0x0a0a, 0x1303)));
  assert.notEqual(other, first);
  assert.notEqual(other.ja3.text, first.ja3.text);
  assert.notEqual(other.ja4Over('t').text, first.ja4Over('t').text);
});

test('an extension that comes twice adds to its list', () => {
  const offer = offerOf(clientHello({ ciphers: [0x1301], extensions: [groups(29), groups(23, 24)] }));
  assert.deepEqual(offer.supportedGroups, [29, 23, 24]);
  const json = offer.groupNames;
  assert.ok(json !== undefined);
  assert.equal(Buffer.from(json.bytes.subarray(json.from, json.to)).toString(), '["x25519","secp256r1","secp384r1"]');
});
