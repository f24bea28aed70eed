// The objects of queries in Arkime's document: what comes together in one, and how each type of record is shown.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsDecoder } from '../../../src/decoders/dns/index.ts';
import { hasPunycode, unicodeName } from '../../../src/decoders/dns/punycode.ts';
import { assertCutInvariant, assertSurvives, c2s, type PlayOptions, play, type Step, s2c } from '../decoder-kit.ts';
import {
  asked,
  bytes,
  framed,
  hex,
  message,
  name,
  opt,
  pointer,
  query,
  type RecordSpec,
  response,
  text,
  u16,
  u32,
} from './wire.ts';

const udp: PlayOptions = { transport: 'udp', serverPort: 53, options: { all_sections: true } };

function objects(steps: readonly Step[], options: PlayOptions = udp): Record<string, unknown>[] {
  return (play(dnsDecoder, steps, options).notes.get('dns.queries') ?? []) as unknown as Record<string, unknown>[];
}

/** The answers that a response with one record shows. */
function answer(type: number, data: Uint8Array, rrClass = 1): unknown[] | undefined {
  const [object] = objects([s2c(response('q.example', type, [{ name: asked, type, data, rrClass }]), 1)]);
  return object?.answers as unknown[] | undefined;
}

test('query and response are one object; a query asked again is none of its own', () => {
  const ns: RecordSpec = { name: name('example.org'), type: 2, ttl: 9, data: name('NS.example.org') };
  const mx: RecordSpec = { name: name('example.org'), type: 15, ttl: 9, data: bytes(u16(10), name('mail.example.org')) };
  const found = objects([
    c2s(query('WWW.example.org', 1), 1),
    c2s(query('WWW.example.org', 1), 2),
    s2c(
      message({
        flags: 0x85b0,
        questions: [{ name: name('WWW.example.org'), type: 1 }],
        answers: [
          { name: asked, type: 5, ttl: 5, data: name('web.example.org') },
          { name: name('web.example.org'), type: 1, ttl: 6, data: bytes(192, 0, 2, 1) },
        ],
        authorities: [ns, mx],
        additionals: [
          { name: name('ns.example.org'), type: 28, data: hex('20010db8000000000000000000000001') },
          { name: name('mail.example.org'), type: 1, data: bytes(192, 0, 2, 2) },
          { name: name('other.example.org'), type: 1, data: bytes(192, 0, 2, 3) },
          opt(1232, 0),
        ],
      }),
      3,
    ),
  ]);
  assert.deepEqual(found, [
    {
      queryHost: 'www.example.org',
      qt: 'A',
      qc: 'IN',
      opcode: 'QUERY',
      host: ['www.example.org', 'web.example.org'],
      hostCnt: 2,
      ip: ['192.0.2.1'],
      ipCnt: 1,
      nameserverHost: ['ns.example.org'],
      nameserverHostCnt: 1,
      nameserverIp: ['2001:db8::1'],
      nameserverIpCnt: 1,
      mailserverHost: ['mail.example.org'],
      mailserverHostCnt: 1,
      mailserverIp: ['192.0.2.2'],
      mailserverIpCnt: 1,
      status: 'NOERROR',
      headerFlags: ['AA', 'RD', 'RA', 'AD', 'CD'],
      answersCnt: 7,
      answers: [
        { name: 'WWW.example.org', class: 'IN', type: 'CNAME', ttl: 5, cname: 'web.example.org' },
        { name: 'web.example.org', class: 'IN', type: 'A', ttl: 6, ip: '192.0.2.1' },
        { name: 'example.org', class: 'IN', type: 'NS', ttl: 9, nameserver: 'NS.example.org' },
        { name: 'example.org', class: 'IN', type: 'MX', ttl: 9, priority: 10, mx: 'mail.example.org' },
        { name: 'ns.example.org', class: 'IN', type: 'AAAA', ttl: 300, ip: '2001:db8::1' },
        { name: 'mail.example.org', class: 'IN', type: 'A', ttl: 300, ip: '192.0.2.2' },
        { name: 'other.example.org', class: 'IN', type: 'A', ttl: 300, ip: '192.0.2.3' },
      ],
    },
  ]);
});

test('a response that was captured before its query is one with it', () => {
  const found = objects([s2c(response('a.b', 1, [], 5), 1), c2s(query('a.b', 1, 5), 2), c2s(query('a.b', 1, 6), 3)]);
  assert.deepEqual(
    found.map(({ status }) => status),
    ['NOERROR', undefined],
  );
});

test('what is not answered is there too; names beside the root, codes and opcodes', () => {
  const shown = (steps: Step[]): string[] =>
    objects(steps).map((object) =>
      ['queryHost', 'host', 'qt', 'opcode', 'status', 'answersCnt'].map((key) => object[key] ?? '-').join(' '),
    );
  assert.deepEqual(shown([c2s(query('', 48), 1), c2s(query('a.b', 1, 1), 1), c2s(query('a.b', 1, 2), 1)]), [
    '<root> - DNSKEY QUERY - -',
    'a.b a.b A QUERY - -',
    'a.b a.b A QUERY - -',
  ]);
  const badVersion = message({ flags: 0x8180, questions: [{ name: name('a'), type: 1 }], additionals: [opt(512, 0x0100_0000)] });
  assert.deepEqual(shown([s2c(badVersion, 1)]), ['a a A QUERY BADSIG_VERS 0']);
  assert.deepEqual(shown([s2c(response('a', 6, [], 1, 0xa804), 1)]), ['a a SOA UPDATE NOTIMPL 0']);
  assert.deepEqual(shown([s2c(response('a', 65280, [], 1, 0x8183), 1)]), ['a a TYPE65280 QUERY NXDOMAIN 0']);
  // No question, too many of them, no such opcode.
  assert.deepEqual(
    shown([s2c(message({ flags: 0x8400, answers: [{ name: name('a'), type: 1, data: bytes(1, 2, 3, 4) }] }), 1)]),
    [],
  );
  const many = Array.from({ length: 11 }, () => ({ name: name('a'), type: 1 }));
  assert.deepEqual(shown([c2s(message({ questions: many }), 1)]), []);
  assert.deepEqual(shown([c2s(message({ flags: 0x3000, questions: [{ name: name('a'), type: 1 }] }), 1)]), []);
});

test('each type shows its data', () => {
  const one = (type: number, data: Uint8Array): Record<string, unknown> | undefined =>
    answer(type, data)?.[0] as Record<string, unknown> | undefined;
  assert.deepEqual(one(16, bytes(text('v=1'), text('')))?.txt, ['v=1', '']);
  assert.equal(one(257, bytes(128, text('issue'), 'ca.example'))?.caa, 'CAA 128 issue ca.example');
  assert.equal(one(43, bytes(u16(300), 13, 2, 0xab, 0xcd))?.ds, 'DS 300 13 2 ABCD');
  const signature = bytes(u16(1), 13, 2, u32(60, 200, 100), u16(7), name('example'), 1, 2, 3);
  assert.equal(one(46, signature)?.rrsig, 'RRSIG A 13 2 60 200 100 7 example');
  assert.equal(one(47, bytes(name('next.example'), 0, 1, 0x60, 1, 1, 0x40))?.nsec, 'NSEC next.example A NS CAA');
  const params = bytes(
    u16(0, 2, 1),
    u16(1, 6),
    text('h3'),
    text('h2'),
    u16(2, 0),
    u16(3, 2, 443),
    u16(4, 8),
    bytes(192, 0, 2, 1, 192, 0, 2, 2),
    u16(6, 16),
    hex('20010db8000000000000000000000001'),
    u16(5, 3),
    'abc',
    u16(7, 2),
    '/d',
    u16(700, 1),
    'x',
  );
  assert.equal(
    one(65, bytes(u16(1), name(''), params))?.https,
    'HTTPS 1 . mandatory=alpn alpn=h3,h2 no-default-alpn port=443 ipv4hint=192.0.2.1,192.0.2.2 ipv6hint=2001:db8::1 ech=YWJj dohpath=/d key700=x',
  );
  assert.equal(one(65, bytes(u16(0), name('svc.example')))?.https, 'HTTPS 0 svc.example');
  assert.deepEqual(one(99, bytes(1)), { name: 'q.example', class: 'IN', type: 'SPF', ttl: 300 });
  assert.equal((answer(1, bytes(1, 2, 3, 4), 99)?.[0] as { class: string } | undefined)?.class, 'CLASS99');
  // What the type does not allow is not shown.
  const wrong: [number, Uint8Array][] = [
    [1, bytes(1, 2, 3)],
    [28, bytes(1)],
    [5, bytes(5, 'ab')],
    [2, name('')],
    [15, bytes(0)],
    [16, bytes(9)],
    [16, bytes()],
    [43, bytes(1, 2, 3, 4)],
    [46, bytes(u16(1), 13, 2, u32(60, 200, 100), u16(7), name(''), 1)],
    [47, name('')],
    [65, bytes(u16(1), name(''), u16(1, 9))],
    [257, bytes(0, 9)],
  ];
  for (const [type, data] of wrong) assert.equal(answer(type, data), undefined, `type ${type}`);
  assert.equal(one(47, bytes(name('n'), 0, 32, 0x60))?.nsec, 'NSEC n ');
});

test('names that are coded are shown in Unicode', () => {
  const [object] = objects([
    s2c(response('XN--mnchen-3ya.example', 1, [{ name: asked, type: 5, data: name('xn--bcher-kva') }]), 1),
  ]);
  assert.equal(object?.queryHost, 'münchen.example');
  assert.deepEqual(object?.host, ['münchen.example', 'bücher']);
  assert.deepEqual(object?.puny, ['xn--mnchen-3ya.example', 'xn--bcher-kva']);
  // RFC 3492 §7.1 (L), and what is none.
  assert.equal(unicodeName('xn--3b-ww4c5e180e575a65lsy2b'), '3年b組金八先生');
  for (const bad of ['xn--', 'xn--a-_', 'xn--99999999', 'xn--a.xn--ab-']) assert.ok(hasPunycode(bad));
  for (const bad of ['xn--', 'xn--a_b', 'xn--999999999']) assert.equal(unicodeName(bad), undefined);
});

test('the options leave out sections and records', () => {
  const steps = [
    s2c(
      message({
        flags: 0x8180,
        questions: [{ name: name('a'), type: 15 }],
        answers: [{ name: asked, type: 15, data: bytes(u16(1), name('m.a')) }],
        additionals: [{ name: name('m.a'), type: 1, data: bytes(192, 0, 2, 1) }],
      }),
      1,
    ),
  ];
  const [object] = objects(steps, { ...udp, options: { all_sections: false, answer_objects: false } });
  assert.deepEqual(object, {
    queryHost: 'a',
    qt: 'MX',
    qc: 'IN',
    opcode: 'QUERY',
    host: ['a', 'm.a'],
    hostCnt: 2,
    status: 'NOERROR',
    headerFlags: ['RD', 'RA'],
  });
  assert.deepEqual(objects(steps, { ...udp, details: false }), []);
});

test('multicast DNS: the top bits of classes are no part of them', () => {
  const [object] = objects(
    [
      s2c(
        message({
          flags: 0x8400,
          questions: [{ name: name('a.local'), type: 1, rrClass: 0x8001 }],
          answers: [{ name: asked, type: 1, rrClass: 0x8001, data: bytes(192, 0, 2, 1) }],
        }),
        1,
      ),
    ],
    { ...udp, clientPort: 5353, serverPort: 5353 },
  );
  assert.equal(object?.qc, 'IN');
  assert.equal((object?.answers as { class: string }[] | undefined)?.[0]?.class, 'IN');
  assert.deepEqual(
    [
      [5353, 5353],
      [5353, 53],
      [40_000, 5355],
      [40_000, 4000],
    ].map(([client, server]) => dnsDecoder.nameOf?.(client as number, server as number)),
    ['mdns', 'dns', 'llmnr', 'dns'],
  );
});

test('many open questions are bounded, names that loop end, and cuts of a stream change nothing', () => {
  const open = Array.from({ length: 300 }, (_, id) => c2s(query('a', 1, id), id));
  assert.equal(objects(open).length, 300);
  const loop = { name: pointer(12), type: 5, data: pointer(30) };
  assert.equal(answer(5, loop.data), undefined);
  const stream = [
    c2s(framed(query('a.b', 252, 1), query('c.d', 1, 2)), 1),
    s2c(framed(response('a.b', 252, [{ name: asked, type: 1, data: bytes(192, 0, 2, 1) }], 1), response('c.d', 1, [], 2)), 2),
    s2c(framed(response('a.b', 252, [{ name: asked, type: 1, data: bytes(192, 0, 2, 2) }], 1)), 3),
  ];
  const tcp: PlayOptions = { ...udp, transport: 'tcp' };
  assert.deepEqual(
    objects(stream, tcp).map(({ queryHost, ip }) => [queryHost, ip]),
    [
      ['c.d', undefined],
      ['a.b', ['192.0.2.1', '192.0.2.2']],
    ],
  );
  assertCutInvariant(dnsDecoder, stream, tcp);
  assertSurvives(dnsDecoder, stream, tcp, 100);
  assertSurvives(
    dnsDecoder,
    [c2s(query('a.b', 1), 1), s2c(response('a.b', 1, [{ name: asked, type: 65, data: bytes(u16(1), 0) }]), 2)],
    udp,
    200,
  );
});
