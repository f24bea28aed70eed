import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressMost, formatIpv4, formatIpv6, formatMac, writeHyphenMac, writeIpv4, writeIpv6 } from '../../src/packet/index.ts';

const target = Buffer.alloc(64);
const view = new DataView(target.buffer, target.byteOffset, target.length);

function written(write: () => number): string {
  target.fill(0xee);
  const end = write();
  assert.ok(target.subarray(2 + addressMost).every((byte) => byte === 0xee));
  assert.ok(target.subarray(0, 2).every((byte) => byte === 0xee));
  return target.toString('latin1', 2, end);
}

const byte = fc.oneof(fc.nat({ max: 255 }), fc.constantFrom(0, 0xff));

test('IPv4 addresses are those of the strings', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 4, maxLength: 4 }), (bytes) => {
      const word = Buffer.from(bytes).readInt32LE(0);
      assert.equal(
        written(() => writeIpv4(view, 2, word)),
        formatIpv4(bytes, 0),
      );
      assert.equal(formatIpv4(bytes, 0), bytes.join('.'));
    }),
    { seed: 1 },
  );
});

test('IPv6 addresses are those of the strings', () => {
  // Groups of zeros in all places, and mapped addresses.
  const address = fc.oneof(
    fc.array(fc.oneof(fc.constant([0, 0]), fc.tuple(byte, byte)), { minLength: 8, maxLength: 8 }).map((groups) => groups.flat()),
    fc.array(byte, { minLength: 4, maxLength: 4 }).map((tail) => [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...tail]),
  );
  fc.assert(
    fc.property(address, (octets) => {
      const bytes = Buffer.from(octets);
      const words = Int32Array.from({ length: 5 }, (_, word) => (word === 0 ? 0 : bytes.readInt32LE((word - 1) * 4)));
      assert.equal(
        written(() => writeIpv6(view, 2, words, 1)),
        formatIpv6(bytes, 0),
      );
    }),
    { seed: 2, numRuns: 2000 },
  );
});

test('MAC addresses as RFC 7042 writes them', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 6, maxLength: 6 }), (octets) => {
      const bytes = Buffer.from(octets);
      assert.equal(
        written(() => writeHyphenMac(view, 2, bytes.readInt32LE(0), bytes.readInt32LE(2))),
        formatMac(bytes, 0).toUpperCase().replaceAll(':', '-'),
      );
    }),
    { seed: 3 },
  );
});
