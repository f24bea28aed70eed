import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { formatMac, MacTexts } from '../../src/packet/index.ts';

test('a text is that of its bytes, whichever addresses were asked for before', () => {
  const texts = new MacTexts();
  // Few distinct bytes, so that addresses repeat and take each other's places.
  const mac = fc.uint8Array({ minLength: 6, maxLength: 6, max: 3 });
  fc.assert(
    fc.property(fc.array(mac, { minLength: 1, maxLength: 40 }), (macs) => {
      for (const bytes of macs) assert.equal(texts.format(bytes, 0), formatMac(bytes, 0));
    }),
  );
});

test('the address of all ones and that of all zeros, at an offset', () => {
  const texts = new MacTexts();
  const bytes = Uint8Array.from([7, 0, 0, 0, 0, 0, 0, 255, 255, 255, 255, 255, 255]);
  assert.equal(texts.format(bytes, 1), '00:00:00:00:00:00');
  assert.equal(texts.format(bytes, 7), 'ff:ff:ff:ff:ff:ff');
});
