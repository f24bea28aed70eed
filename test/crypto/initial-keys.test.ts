// Opening QUIC's Initial packets through the addon: where bytes and payload lie, which keys are kept, and what does not open. The
// examples of the RFCs are tests of the crate.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { InitialKeys, initialPayload } from '../../src/crypto/index.ts';
import { initialSecrets } from '../../src/decoders/quic/versions.ts';
import { crypto, initial } from '../decoders/quic/initial-packet.ts';

const frame = crypto(0, Buffer.alloc(300, 7));
/** Of the packets that `initial` makes: six bytes, an id, an empty one, a token, a length of two bytes. */
const numberOffset = 6 + 8 + 1 + 1 + 3 + 2;
const versions = { 1: 0x0000_0001, 2: 0x6b33_43cf } as const;

function derivationOf(version: 1 | 2): Buffer {
  return initialSecrets(versions[version])?.derivation as Buffer;
}

/** The packet somewhere in memory that threads share. */
function inRing(packet: Buffer, at: number): Buffer {
  const ring = Buffer.from(new SharedArrayBuffer(4096));
  ring.fill(0xee);
  packet.copy(ring, at);
  return ring;
}

test('the first packet gives the keys, others open with them, and the ring is left as it was', () => {
  for (const version of [1, 2] as const) {
    const keys = new InitialKeys();
    for (const [number, at] of [5, 1000, 2896].entries()) {
      const packet = initial(version, number, frame);
      const ring = inRing(packet, at);
      const [numberAt, to] = [at + numberOffset, at + packet.length];
      const opened =
        number === 0 ? keys.openFirst(derivationOf(version), ring, at, numberAt, to) : keys.open(ring, at, numberAt, to);
      assert.equal(opened, true);
      const { bytes, from, to: end } = initialPayload;
      assert.equal(end - from, packet.length - numberOffset - 2 - 16);
      assert.deepEqual(bytes.subarray(from, from + frame.length), frame);
      assert.ok(bytes.subarray(from + frame.length, end).every((byte) => byte === 0));
      assert.deepEqual(ring, inRing(packet, at));
    }
  }
});

test('keys of another version or session, packets with a bit changed, and none at all do not open', () => {
  const packet = initial(1, 0, frame);
  const to = packet.length;
  const keys = new InitialKeys();
  assert.equal(keys.open(packet, 0, numberOffset, to), false);
  assert.equal(keys.openFirst(derivationOf(2), packet, 0, numberOffset, to), false);
  assert.equal(keys.open(packet, 0, numberOffset, to), false);
  assert.equal(keys.openFirst(derivationOf(1), packet, 0, numberOffset, to), true);
  for (let at = 0; at < to; at += 37) {
    const changed = Buffer.from(packet);
    changed[at] = (changed[at] as number) ^ 1;
    assert.equal(keys.open(changed, 0, numberOffset, to), false);
  }
  assert.equal(keys.open(packet, 0, numberOffset, to), true);
  const large = Buffer.alloc(70_000);
  packet.copy(large);
  assert.equal(keys.open(large, 0, numberOffset, large.length), false);
});

test('any bytes with any places', () => {
  const keys = new InitialKeys();
  const place = fc.nat({ max: 100 });
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 100 }), place, place, place, (given, first, second, third) => {
      const bytes = Buffer.from(given);
      const [from, numberAt, to] = [first, second, third].map((each) => Math.min(each, bytes.length)).sort((a, b) => a - b) as [
        number,
        number,
        number,
      ];
      return !keys.open(bytes, from, numberAt, to) && !keys.openFirst(derivationOf(1), bytes, from, numberAt, to);
    }),
  );
});
