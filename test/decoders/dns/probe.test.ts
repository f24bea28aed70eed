// Recognition by content.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { dnsDecoder } from '../../../src/decoders/dns/index.ts';
import { Verdict } from '../../../src/decoders/index.ts';
import { asked, bytes, framed, hex, message, name, opt, pointer, query, response, u16 } from './wire.ts';

const probe = (data: Buffer): Verdict => dnsDecoder.probe(0, bytes('xx', data, 'y'), 2, 2 + data.length);

const address = { name: asked, type: 1, data: bytes(192, 0, 2, 1) };

test('queries and responses are certain, as datagrams and in streams', () => {
  const messages = [
    query('www.example.com', 1),
    query('', 2),
    query('example.com', 65),
    response('www.example.com', 1, [address]),
    response('x', 1, [], 1, 0x8183),
    message({ questions: [{ name: name('x'), type: 255, rrClass: 255 }], additionals: [opt(1232, 0)] }),
    message({ id: 0, flags: 0, questions: [{ name: name('_x._tcp.local'), type: 12, rrClass: 0x8001 }], answers: [address] }),
    message({ id: 0, flags: 0x8400, answers: [{ ...address, name: name('h.local'), rrClass: 0x8001 }] }),
    message({ flags: 0x2400, questions: [{ name: name('zone'), type: 6 }] }),
  ];
  for (const each of messages) {
    assert.equal(probe(each), Verdict.certain, each.toString('hex'));
    assert.equal(probe(framed(each)), Verdict.certain, each.toString('hex'));
  }
});

test('one odd thing makes a maybe', () => {
  const question = { name: name('x'), type: 1 };
  for (const [title, data] of [
    ['the reserved bit', message({ flags: 0x0140, questions: [question] })],
    ['a code in a query', message({ flags: 0x0103, questions: [question] })],
    ['an opcode of none', message({ flags: 0x4900, questions: [question] })],
    ['an unknown type', message({ questions: [{ ...question, type: 65280 }] })],
  ] as const)
    assert.equal(probe(data), Verdict.maybe, title);
});

test('where only the counts make sense, the port must say it', () => {
  const question = { name: name('x'), type: 1 };
  for (const [title, data] of [
    ['an unknown class', message({ questions: [{ ...question, rrClass: 77 }] })],
    ['a pointer in the question', message({ questions: [{ ...question, name: pointer(12) }] })],
    ['an error without a question', message({ flags: 0x8181 })],
    [
      'an ONC RPC reply (RFC 5531): its reply word reads as one question',
      bytes(0x38, 0x43, 0x4f, 0x69, 0, 0, 0, 1, ...new Array(16).fill(0)),
    ],
  ] as const)
    assert.equal(probe(data), Verdict.faint, title);
});

test('a stream is refused with the first bytes that no header has', () => {
  /** Bytes of the stream with which it is refused; those before say `needMore`. */
  const refusedAt = (data: Buffer): number => {
    for (let length = 1; length <= data.length; length++) {
      const verdict = probe(data.subarray(0, length));
      if (verdict === Verdict.no) return length;
      assert.equal(verdict, Verdict.needMore);
    }
    return 0;
  };
  for (let number = 0; number < 10_000; number++)
    assert.equal(refusedAt(Buffer.from(String(number).padStart(6, '0').repeat(2))), 6, `digits of ${number}`);
  const header = hex('00fffffe0100000100000000');
  assert.equal(refusedAt(header), 0, 'a query, as far as it goes');
  const withWord = (at: number, word: number): Buffer => bytes(header.subarray(0, at), u16(word), header.subarray(at + 2));
  assert.equal(refusedAt(withWord(4, 0x0103)), 6, 'a query with a code');
  assert.equal(refusedAt(withWord(4, 0x3900)), 6, 'an opcode of none');
  assert.equal(refusedAt(withWord(4, 0x3010)), 6, 'a flag in DNS stateful operations');
  assert.equal(refusedAt(withWord(6, 65)), 8, 'too many questions');
  assert.equal(refusedAt(withWord(8, 8193)), 10, 'too many answers');
  assert.equal(refusedAt(withWord(10, 8193)), 12, 'too many authorities');
  assert.equal(refusedAt(bytes(0, 11, header)), 2, 'too short');
});

test('a stream is undecided until its question is there', () => {
  const stream = framed(query('www.example.com', 1));
  for (let length = 1; length < stream.length; length++)
    assert.equal(probe(stream.subarray(0, length)), Verdict.needMore, `${length} bytes`);
});

test('a stream that begins with an odd query is no DNS, and that shows at its sixth byte', () => {
  const streams = [
    '000000',
    'abcdef',
    'SSH-2.',
    '\x00\x40\x12\x34\x01\x40',
    '\x00\x40\x12\x34\x31\x00',
    '\x00\x40\x12\x34\x01\x03',
  ];
  for (const text of streams) {
    const data = Buffer.from(text, 'latin1');
    assert.equal(probe(data.subarray(0, 5)), Verdict.needMore, text);
    assert.equal(probe(data), Verdict.no, text);
  }
  for (const flags of [0x0100, 0x3000, 0x8140, 0x2800]) {
    const data = framed(message({ flags, questions: [{ name: name('x'), type: 1 }] }));
    assert.equal(probe(data.subarray(0, 6)), Verdict.needMore, flags.toString(16));
  }
});

test('a response in a stream is certain as soon as its question is', () => {
  const stream = framed(response('www.example.com', 1, [address, address]));
  assert.equal(probe(stream.subarray(0, 2 + 12 + 17 + 4)), Verdict.certain);
});

test('other protocols are not DNS', () => {
  const netbios = bytes(32, 'CKAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA', 0);
  const others: [string, Buffer][] = [
    ['HTTP', bytes('GET / HTTP/1.1\r\nHost: x\r\n\r\n')],
    ['TLS', hex('16030100c8010000c40303 0000000000000000000000000000000000000000000000000000000000000000')],
    ['NTP', bytes(0x23, 0, 6, 0xe9, Buffer.alloc(44))],
    ['SNMP', hex('302602010104067075626c6963a019020400000001020100020100300b300906052b060102010500')],
    ['SIP', bytes('OPTIONS sip:x SIP/2.0\r\nVia: SIP/2.0/UDP y\r\n\r\n')],
    ['RTP', bytes(0x80, 0x00, u16(1), Buffer.alloc(168, 0xd5))],
    ['DHCP', bytes(1, 1, 6, 0, hex('3903f326'), Buffer.alloc(232), hex('63825363350101ff'))],
    ['zeros', Buffer.alloc(40)],
    ['SSH', bytes('SSH-2.0-OpenSSH_9.6\r\n')],
  ];
  for (const [title, data] of others) assert.equal(probe(data), Verdict.no, title);
  for (const type of [32, 33]) {
    assert.equal(probe(message({ flags: 0x0110, questions: [{ name: netbios, type }] })), Verdict.no);
    const held = { name: netbios, type, data: Buffer.alloc(6) };
    assert.equal(probe(message({ flags: 0x8500, answers: [held] })), Verdict.no);
  }
});

test('random datagrams are never certain', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 120 }), (data) => {
      assert.notEqual(probe(Buffer.from(data)), Verdict.certain);
    }),
    { numRuns: 5000, seed: 5 },
  );
});

test('more bytes of a stream never change a decision', () => {
  fc.assert(
    fc.property(fc.nat(20), fc.uint8Array({ minLength: 20, maxLength: 80 }), (kept, noise) => {
      const stream = framed(bytes(query('a.b', 1).subarray(0, kept), noise));
      let decided: Verdict = Verdict.needMore;
      for (let length = 1; length <= stream.length; length++) {
        const verdict = probe(stream.subarray(0, length));
        if (decided === Verdict.needMore) decided = verdict;
        else assert.equal(verdict, decided);
      }
    }),
    { numRuns: 300, seed: 6 },
  );
});
