import assert from 'node:assert/strict';
import { isIPv6, SocketAddress } from 'node:net';
import { describe, test } from 'node:test';
import fc from 'fast-check';
import { formatAddress, formatIpv4, formatIpv6, formatMac } from '../../src/packet/index.ts';

const bytes = (hex: string): Buffer => Buffer.from(hex, 'hex');

describe('address text', () => {
  test('IPv4 and MAC', () => {
    assert.equal(formatIpv4(bytes('ffc0000201'), 1), '192.0.2.1');
    assert.equal(formatMac(bytes('00aabb0cdd0eff'), 1), 'aa:bb:0c:dd:0e:ff');
  });

  test('IPv6 as RFC 5952 has it', () => {
    const cases: readonly (readonly [string, string])[] = [
      ['20010db8000000000000000000000001', '2001:db8::1'],
      ['20010db8000000010001000100010001', '2001:db8:0:1:1:1:1:1'],
      ['20010db8000000000001000000000001', '2001:db8::1:0:0:1'],
      ['20010000000000010000000000000001', '2001:0:0:1::1'],
      ['00000000000000000000000000000000', '::'],
      ['00000000000000000000000000000001', '::1'],
      ['00010000000000000000000000000000', '1::'],
      ['00000001000200030004000500060000', '0:1:2:3:4:5:6:0'],
      ['fe80000000000000aabbccddeeff0011', 'fe80::aabb:ccdd:eeff:11'],
      ['00000000000000000000ffffc0000201', '::ffff:192.0.2.1'],
    ];
    for (const [hex, text] of cases) assert.equal(formatIpv6(bytes(hex), 0), text);
  });

  test('any IPv6 text reads back as the same address', () => {
    const groups = fc.array(fc.oneof(fc.constant(0), fc.integer({ min: 0, max: 0xffff })), { minLength: 8, maxLength: 8 });
    fc.assert(
      fc.property(groups, (words) => {
        const address = Buffer.alloc(16);
        for (const [index, word] of words.entries()) address.writeUInt16BE(word, index * 2);
        const text = formatIpv6(address, 0);
        assert.ok(isIPv6(text), text);
        const full = words.map((word) => word.toString(16)).join(':');
        const read = (address: string): string => new SocketAddress({ address, family: 'ipv6' }).address;
        assert.equal(read(text), read(full));
      }),
      { seed: 8 },
    );
  });

  test('the version chooses the form', () => {
    const address = bytes('0a000001000000000000000000000000');
    assert.equal(formatAddress(4, address, 0), '10.0.0.1');
    assert.equal(formatAddress(6, address, 0), 'a00:1::');
    assert.equal(formatAddress(0, address, 0), '0a:00:00:01:00:00');
  });
});
