// The text of every record type that has one, from bytes built by hand.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { writeData } from '../../../src/decoders/dns/resource-data.ts';
import { TextWriter } from '../../../src/decoders/dns/text-writer.ts';
import { bytes, hex, name, text, u16, u32 } from './wire.ts';

/** Text of record data that stands alone, behind a header's room; null when it does not fit its type. */
function shown(type: number, data: Uint8Array): string | null {
  const writer = new TextWriter(4096);
  writer.begin(4096);
  const message = bytes(Buffer.alloc(12), data, 'behind');
  return writeData(writer, type, message, 0, 12, 12 + data.length) ? writer.toString() : null;
}

const svcb = (...params: [number, Uint8Array][]): Buffer =>
  bytes(u16(1), name(''), ...params.map(([key, value]) => bytes(u16(key, value.length), value)));

const rrsig = bytes(
  u16(1),
  13,
  2,
  u32(3600, Date.UTC(2024, 1, 29, 23, 59, 59) / 1000, Date.UTC(2024, 0, 1) / 1000),
  u16(34505),
  name('example.com'),
  hex('00010203'),
);

const cases: readonly [string, number, Buffer, string][] = [
  ['A', 1, bytes(192, 0, 2, 255), '192.0.2.255'],
  ['NS', 2, name('ns1.example.com'), 'ns1.example.com'],
  ['CNAME to the root', 5, name(''), '.'],
  [
    'SOA',
    6,
    bytes(name('ns.x'), name('admin.x'), u32(2024010101, 7200, 3600, 1209600, 0xffffffff)),
    'ns.x admin.x 2024010101 7200 3600 1209600 4294967295',
  ],
  ['NULL', 10, hex('abcdef'), '\\# 3 ABCDEF'],
  ['WKS, without a form here', 11, hex('c0000201 06'), '\\# 5 C000020106'],
  ['PTR', 12, name('host.example'), 'host.example'],
  ['HINFO', 13, bytes(text('PC'), text('Linux "6"')), '"PC" "Linux \\"6\\""'],
  ['MINFO', 14, bytes(name('a'), name('b')), 'a b'],
  ['MX', 15, bytes(u16(10), name('mail.example')), '10 mail.example'],
  ['TXT of two strings', 16, bytes(text('v=spf1 -all'), text('a\\b\x00é')), '"v=spf1 -all" "a\\\\b\\000\\233"'],
  ['TXT of an empty string', 16, text(''), '""'],
  ['RP', 17, bytes(name('me.x'), name('')), 'me.x .'],
  ['AFSDB', 18, bytes(u16(1), name('afs.x')), '1 afs.x'],
  ['AAAA', 28, hex('20010db8 00000000 00000000 00000001'), '2001:db8::1'],
  ['AAAA with the longer of two runs', 28, hex('20010000 00000001 00000000 00000001'), '2001:0:0:1::1'],
  ['AAAA without a run', 28, hex('20010db8 00000001 00010001 00010001'), '2001:db8:0:1:1:1:1:1'],
  ['AAAA unspecified', 28, Buffer.alloc(16), '::'],
  ['AAAA that ends in zeros', 28, hex('fe80 0000000000000000000000000000'), 'fe80::'],
  ['AAAA mapped', 28, hex('00000000 00000000 0000ffff c0000201'), '::ffff:192.0.2.1'],
  ['LOC, generic', 29, hex('0012161389173d0570be15f000988d20'), '\\# 16 0012161389173D0570BE15F000988D20'],
  ['SRV', 33, bytes(u16(10, 60, 5060), name('sip.example')), '10 60 5060 sip.example'],
  [
    'NAPTR',
    35,
    bytes(u16(100, 10), text('u'), text('E2U+sip'), text('!^.*$!sip:i@x!'), name('')),
    '100 10 "u" "E2U+sip" "!^.*$!sip:i@x!" .',
  ],
  ['KX', 36, bytes(u16(1), name('kx.x')), '1 kx.x'],
  ['CERT', 37, bytes(u16(1, 2), 3, hex('fbff')), '1 2 3 +/8='],
  ['DNAME', 39, name('new.example'), 'new.example'],
  ['DS', 43, bytes(u16(60485), 5, 1, hex('2BB183AF')), '60485 5 1 2BB183AF'],
  ['SSHFP', 44, bytes(4, 2, hex('0123abcd')), '4 2 0123ABCD'],
  ['RRSIG', 46, rrsig, 'A 13 2 3600 20240229235959 20240101000000 34505 example.com AAECAw=='],
  [
    'NSEC with two windows',
    47,
    bytes(name('b.example'), hex('00 06 400100000003 04 02 0001')),
    'b.example A MX RRSIG NSEC TYPE1039',
  ],
  ['NSEC without types', 47, name('b.example'), 'b.example'],
  ['DNSKEY', 48, bytes(u16(257), 3, 13, hex('010203')), '257 3 13 AQID'],
  [
    'NSEC3',
    50,
    bytes(1, 1, u16(12), 4, hex('aabbccdd'), 20, hex('00443214c74254b635cf84653a56d7c675be77df'), hex('00 01 40')),
    '1 1 12 AABBCCDD 0123456789ABCDEFGHIJKLMNOPQRSTUV A',
  ],
  ['NSEC3PARAM without salt', 51, bytes(1, 0, u16(0), 0), '1 0 0 -'],
  ['TLSA', 52, bytes(3, 1, 1, hex('d2abde24')), '3 1 1 D2ABDE24'],
  ['CDS', 59, bytes(u16(0), 0, 0, 0), '0 0 0 00'],
  ['OPENPGPKEY', 61, hex('99'), 'mQ=='],
  ['CSYNC', 62, bytes(u32(66), u16(3), hex('00 04 60000008')), '66 3 A NS AAAA'],
  ['ZONEMD', 63, bytes(u32(2018031500), 1, 1, hex('ff')), '2018031500 1 1 FF'],
  [
    'HTTPS',
    65,
    svcb(
      [0, u16(1, 65400)],
      [1, bytes(text('h2'), text('h3,a\\b'))],
      [2, bytes()],
      [3, u16(8443)],
      [4, bytes(192, 0, 2, 1, 192, 0, 2, 2)],
      [5, hex('fe0d')],
      [6, hex('20010db8000000000000000000000001')],
      [7, bytes('/dns-query{?dns}')],
      [65400, bytes('x')],
      [65401, bytes()],
    ),
    '1 . mandatory=alpn,key65400 alpn="h2,h3\\\\,a\\\\\\\\b" no-default-alpn port=8443 ipv4hint=192.0.2.1,192.0.2.2 ech=/g0= ipv6hint=2001:db8::1 dohpath="/dns-query{?dns}" key65400="x" key65401',
  ],
  ['SVCB in alias mode', 64, bytes(u16(0), name('svc.example')), '0 svc.example'],
  ['SPF', 99, text('v=spf1'), '"v=spf1"'],
  ['EUI48', 108, hex('00005e0053aF'), '00-00-5e-00-53-af'],
  ['URI', 256, bytes(u16(10, 1), 'https://x/'), '10 1 "https://x/"'],
  ['CAA', 257, bytes(128, text('issue'), 'ca.example; p=1'), '128 issue "ca.example; p=1"'],
  ['DLV', 32769, bytes(u16(1), 8, 2, hex('00ff')), '1 8 2 00FF'],
  ['unknown type', 65280, hex('0a000001'), '\\# 4 0A000001'],
  ['unknown type without data', 65280, bytes(), '\\# 0'],
];

for (const [title, type, data, expected] of cases) test(`data of ${title}`, () => assert.equal(shown(type, data), expected));

test('data cut anywhere or with a byte more never passes for another record, unless the type allows it', () => {
  // These end in a field that takes what there is.
  const openEnded = new Set([10, 11, 16, 29, 37, 43, 44, 46, 48, 52, 59, 61, 63, 65280, 32769, 256, 257, 99]);
  for (const [title, type, data] of cases) {
    if (openEnded.has(type)) continue;
    assert.equal(shown(type, bytes(data, 0xff)), null, `${title}, a byte more`);
    if (type === 47 || type === 64 || type === 65 || type === 62 || type === 50) continue;
    for (let length = 0; length < data.length; length++)
      assert.equal(shown(type, data.subarray(0, length)), null, `${title} cut at ${length}`);
  }
});

test('malformed data is shown in the generic form', () => {
  const writer = new TextWriter(4096);
  writer.begin(4096);
  writer.ascii('before ');
  assert.equal(writeData(writer, 1, bytes(1, 2, 3), 0, 0, 3), false);
  assert.equal(writer.toString(), 'before \\# 3 010203');
  assert.equal(shown(47, bytes(name('b'), hex('01 01 40 00 01 40'))), null, 'windows out of order');
  assert.equal(shown(47, bytes(name('b'), hex('00 00'))), null, 'an empty window');
  assert.equal(shown(65, svcb([1, bytes()])), null, 'alpn without ids');
  assert.equal(shown(65, svcb([3, bytes(1)])), null, 'port of one byte');
  assert.equal(shown(257, bytes(0, 0, 'x')), null, 'CAA without a tag');
  assert.equal(shown(108, hex('0000')), null);
});

test('text beyond the limit is left out and says so', () => {
  const writer = new TextWriter(64);
  writer.begin(10);
  assert.equal(writeData(writer, 16, text('abcdefghijklmnop'), 0, 0, 17), true);
  assert.equal(writer.toString(), '"abcdefghi');
  assert.equal(writer.cut, true);
});
