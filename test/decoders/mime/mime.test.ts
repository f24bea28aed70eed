import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { addressLiteral, mailAddresses, mailPath, traceOf } from '../../../src/decoders/mime/addresses.ts';
import { Base64Stream } from '../../../src/decoders/mime/base64.ts';
import { decodedHeaderText } from '../../../src/decoders/mime/encoded-word.ts';
import { fieldValue, parameter } from '../../../src/decoders/mime/parameters.ts';

test('encoded words in all charsets, joined where they lie side by side', () => {
  const cases: [string, string][] = [
    ['plain', 'plain'],
    ['=?iso-8859-1?Q?=E9_x?=', 'é x'],
    ['=?utf-8?B?w6k=?= =?utf-8?B?w6k=?=', 'éé'],
    ['=?utf-8?B?w6k=?=  =?utf-8?B?w6k=?=', 'é  é'],
    ['a =?utf-8?q?b?= c', 'a b c'],
    // A character cut between two words.
    ['=?UTF-8?Q?=C3?= =?UTF-8?Q?=A9?=', 'é'],
    ['=?utf-8?B??==?gb2312?B?suLK1A==?=', '测试'],
    ['=?koi8-r*ru?B?8NLJ18XU?=', 'Привет'],
    ['=?nonsense?Q?=41=E9?=', 'Aé'],
    ['raw \x92', 'raw ’'],
    ['raw \xc3\xa9', 'raw é'],
    ['=?utf-8?X?no?= =?broken', '=?utf-8?X?no?= =?broken'],
  ];
  for (const [raw, text] of cases) assert.equal(decodedHeaderText(raw), text, raw);
});

test('addresses of lists, paths and trace fields', () => {
  const lists: [string, string[]][] = [
    ['a@b.c', ['a@b.c']],
    ['"Doe, Jane" <j@d.e>, Bob (x, y) <b@d.e>', ['j@d.e', 'b@d.e']],
    ['friends: a@b.c, <d@e.f>;', ['a@b.c', 'd@e.f']],
    ['undisclosed-recipients:;', []],
    ['<@relay.x,@y.z:u@v.w>', ['u@v.w']],
    ['two words, "quoted local"@h.i', []],
    ['<open@end', ['open@end']],
    ['"open', ['"open']],
  ];
  for (const [raw, addresses] of lists) assert.deepEqual(mailAddresses(raw), addresses, raw);
  assert.deepEqual(
    [' <a@b> SIZE=9', '<>', 'a@b SIZE=9', '<@r:a@b>', '<a@b'].map((raw) => mailPath(raw)),
    ['a@b', '', 'a@b', 'a@b', 'a@b'],
  );
  assert.deepEqual(traceOf('from H.example (x [10.0.00.01]) by me (envelope-from <s@d>) via [IPv6:2001:DB8::0:1]; from then'), {
    hosts: ['H.example', 'me'],
    addresses: ['10.0.0.1', '2001:db8::1'],
  });
  assert.deepEqual(traceOf('(from user@localhost) by there'), { hosts: ['localhost', 'there'], addresses: [] });
  assert.deepEqual(
    ['300.1.1.1', '::ffff:1.2.3.4', 'x', 'IPv6:fe80::1%eth0', ''].map((text) => addressLiteral(text)),
    [undefined, '1.2.3.4', undefined, undefined, undefined],
  );
});

test('parameters, quoted, continued and in charsets', () => {
  const cases: [string, string, string | undefined][] = [
    ['a/b; name="x;y\\"z"; q=1', 'name', 'x;y"z'],
    ['a/b; flag; NAME = plain ', 'name', 'plain'],
    ["x; filename*=UTF-8''%e2%82%ac.txt", 'filename', '€.txt'],
    ["x; filename*0*=iso-8859-1'en'a%E9; filename*1=b; filename*3=d", 'filename', 'aéb'],
    ['x; filename="=?utf-8?B?w6kucGRm?="', 'filename', 'é.pdf'],
    ['x; filename="open', 'filename', 'open'],
    ['x', 'filename', undefined],
    ['x; filename*999=a', 'filename', undefined],
  ];
  for (const [raw, name, value] of cases) assert.equal(parameter(raw, name), value, raw);
  assert.equal(fieldValue(' text/plain ; x=y'), 'text/plain');
});

test('base64 in pieces is base64 at once', () => {
  fc.assert(
    fc.property(
      fc.uint8Array({ maxLength: 200 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1 }),
      (bytes, sizes) => {
        const text = Buffer.from(`${Buffer.from(bytes).toString('base64')}=AAAA`);
        const stream = new Base64Stream();
        const out = Buffer.alloc(300);
        const parts: Buffer[] = [];
        for (let at = 0, turn = 0; at < text.length; turn += 1) {
          const end = Math.min(text.length, at + (sizes[turn % sizes.length] as number));
          parts.push(Buffer.from(out.subarray(0, stream.decode(text, at, end, out, 0))));
          at = end;
        }
        if (bytes.length % 3 !== 0) assert.deepEqual(Buffer.concat(parts), Buffer.from(bytes));
      },
    ),
  );
});

test('no text throws', () => {
  const pieces = fc.constantFrom(
    '=?',
    '?=',
    '?q?',
    '?B?',
    'utf-8',
    '<',
    '>',
    '"',
    '\\',
    '(',
    ';',
    '=',
    '*0*',
    'name',
    "'",
    '%4',
    '\xff',
    ' ',
    '[',
    ':',
    '@',
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 40 }), (parts) => {
      const raw = parts.join('');
      decodedHeaderText(raw);
      mailAddresses(raw);
      mailPath(raw);
      traceOf(raw);
      addressLiteral(raw);
      parameter(raw, 'name');
    }),
    { numRuns: 500 },
  );
});

test('brackets that stay open cost no more than their length', () => {
  const started = performance.now();
  assert.deepEqual(traceOf('['.repeat(200_000)), { hosts: [], addresses: [] });
  assert.ok(performance.now() - started < 500);
});
