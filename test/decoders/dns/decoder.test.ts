// Transactions: how queries and responses find each other, what their records say, what is an anomaly.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { dnsDecoder } from '../../../src/decoders/dns/index.ts';
import type { DecoderContext, Direction } from '../../../src/decoders/index.ts';
import { RecordRegistry } from '../../../src/record/index.ts';
import {
  assertCutInvariant,
  assertSurvives,
  c2s,
  defaultOptions,
  type PlayOptions,
  plain,
  play,
  type Step,
  s2c,
  swapped,
} from '../decoder-kit.ts';
import { asked, bytes, framed, hex, message, name, opt, pointer, query, response, text, u16, u32 } from './wire.ts';

const udp: PlayOptions = { transport: 'udp', serverPort: 53 };
const tcp: PlayOptions = { transport: 'tcp', serverPort: 53 };
const address = { name: asked, type: 1, data: bytes(192, 0, 2, 1) };

function fields(steps: readonly Step[], options: PlayOptions = udp): Record<string, unknown>[] {
  return play(dnsDecoder, steps, options).records.map((record) => ({ ...record.fields }));
}

function outcomes(steps: readonly Step[], options: PlayOptions = udp): unknown[] {
  return fields(steps, options).map((record) => `${record['dns.id']} ${record['dns.outcome']}`);
}

function anomalies(steps: readonly Step[], options: PlayOptions = udp): Record<string, number> {
  return Object.fromEntries(play(dnsDecoder, steps, options).anomalies);
}

test('a query and its response are one record, with notes for the session', () => {
  const answers = [
    { name: asked, type: 5, ttl: 60, data: bytes(3, 'cdn', pointer(16)) },
    { name: pointer(45), type: 1, ttl: 5, data: bytes(192, 0, 2, 1) },
    { name: pointer(45), type: 1, ttl: 5, data: bytes(192, 0, 2, 1) },
  ];
  const heard = play(
    dnsDecoder,
    [c2s(query('www.Example.com', 1, 7), 1_000_000), s2c(response('WWW.example.com', 1, answers, 7), 1_002_500)],
    { ...udp, details: false },
  );
  assert.deepEqual(heard.records, [
    {
      type: 'dns',
      timeUs: 1_000_000,
      fields: {
        'event.duration': 2_500_000,
        'event.outcome': 'success',
        'dns.outcome': 'success',
        'network.protocol': 'dns',
        'dns.variant': 'dns',
        'dns.type': 'answer',
        'dns.id': '7',
        'dns.op_code': 'QUERY',
        'dns.response_code': 'NOERROR',
        'dns.header_flags': ['RD', 'RA'],
        'dns.question.name': 'www.Example.com',
        'dns.question.type': 'A',
        'dns.question.class': 'IN',
        'dns.answers_count': 3,
        'dns.authorities_count': 0,
        'dns.additionals_count': 0,
        'dns.answers': [
          { name: 'www.Example.com', type: 'CNAME', class: 'IN', ttl: 60, data: 'cdn.example.com' },
          { name: 'cdn.example.com', type: 'A', class: 'IN', ttl: 5, data: '192.0.2.1' },
          { name: 'cdn.example.com', type: 'A', class: 'IN', ttl: 5, data: '192.0.2.1' },
        ],
        'dns.resolved_ip': ['192.0.2.1'],
        'dns.request.bytes': 33,
        'dns.response.bytes': 83,
      },
    },
  ]);
  assert.deepEqual(
    [...heard.notes],
    [
      ['dns.question.name', ['www.Example.com']],
      ['dns.question.type', ['A']],
      ['dns.response_code', ['NOERROR']],
      ['dns.resolved_ip', ['192.0.2.1']],
    ],
  );
  assert.equal(heard.anomalies.size, 0);
});

test('responses out of order find their queries by id and question', () => {
  const steps = [
    c2s(query('a.x', 1, 1), 10),
    c2s(query('b.x', 1, 2), 20),
    c2s(query('a.x', 28, 1), 30),
    s2c(response('a.x', 28, [], 1), 40),
    s2c(response('b.x', 1, [address], 2), 50),
    s2c(response('a.x', 1, [address], 1), 60),
  ];
  const heard = play(dnsDecoder, steps, udp);
  assert.deepEqual(
    heard.records.map(({ timeUs, fields: f }) => [timeUs, f['dns.question.name'], f['dns.question.type'], f['event.duration']]),
    [
      [30, 'a.x', 'AAAA', 10_000],
      [20, 'b.x', 'A', 30_000],
      [10, 'a.x', 'A', 50_000],
    ],
  );
});

test('owners that lead to a name that was written before, and names that JSON must escape', () => {
  const answers = [
    { name: asked, type: 5, ttl: 1, data: bytes(3, 'a"b', pointer(16)) },
    { name: pointer(45), type: 5, ttl: 0x90000000, data: bytes(4, 'c\\.d', 0) },
    { name: pointer(63), type: 1, data: bytes(10, 0, 200, 30) },
    { name: pointer(63), type: 28, data: bytes(new Uint8Array(15), 1) },
    { name: pointer(45), type: 16, data: text('say "\\"') },
    { name: pointer(45), type: 5, data: bytes(0, 0) },
  ];
  const steps = [c2s(query('www.Example.com', 1, 7)), s2c(response('www.Example.com', 1, answers, 7))];
  const rest = { class: 'IN', ttl: 300 };
  const escaped = 'c\\\\\\.d';
  const [record] = fields(steps) as [Record<string, unknown>];
  assert.deepEqual(record['dns.answers'], [
    { name: 'www.Example.com', type: 'CNAME', class: 'IN', ttl: 1, data: 'a"b.Example.com' },
    { name: 'a"b.Example.com', type: 'CNAME', class: 'IN', ttl: 0x90000000, data: escaped },
    { name: escaped, type: 'A', ...rest, data: '10.0.200.30' },
    { name: escaped, type: 'AAAA', ...rest, data: '::1' },
    { name: 'a"b.Example.com', type: 'TXT', ...rest, data: '"say \\"\\\\\\""' },
    { name: 'a"b.Example.com', type: 'CNAME', ...rest, data: '\\# 2 0000' },
  ]);
  assert.deepEqual(record['dns.resolved_ip'], ['10.0.200.30', '::1']);
});

test('a name with bytes that need escapes is text for the session and JSON for the record', () => {
  const odd = bytes(4, 'a"\\.', 2, ' \xff', 0);
  const heard = play(dnsDecoder, [c2s(message({ questions: [{ name: odd, type: 1 }] }))], udp);
  assert.equal(heard.records[0]?.fields['dns.question.name'], 'a"\\\\\\..\\032\\255');
  assert.deepEqual(heard.notes.get('dns.question.name'), ['a"\\\\\\..\\032\\255']);
});

test('names of every length keep apart while their queries are open', () => {
  const names = Array.from({ length: 250 }, (_, length) => {
    const letter = String.fromCharCode(0x61 + (length % 26));
    return Array.from({ length: Math.ceil((length + 1) / 50) }, (_, part) =>
      letter.repeat(Math.min(50, length + 1 - part * 50)),
    ).join('.');
  }).filter((each) => each.length <= 253);
  const steps = names.map((each, id) => c2s(query(each, 1, id)));
  assert.deepEqual(
    fields(steps).map((record) => record['dns.question.name']),
    names,
  );
});

test('a decoder is idle when nothing of its session is open, and as new when it is used again', () => {
  const heard: string[] = [];
  const contextOf = (transport: 'udp' | 'tcp', serverPort: number): DecoderContext => ({
    transport,
    clientPort: 40000,
    serverPort,
    startUs: 0,
    handoverAt: 0,
    details: false,
    protocol: () => undefined,
    isClientAddress: () => false,
    emit: (type, record) => {
      const read = (wanted: string): unknown => plain(type.fields.find((field) => field.name === wanted)?.value(record));
      heard.push(`${serverPort} ${read('dns.variant')} ${read('dns.outcome')}`);
    },
    note: () => {},
    anomaly: (anomaly) => heard.push(anomaly.name),
  });
  const decoder = dnsDecoder.create(contextOf('udp', 53), defaultOptions(dnsDecoder));
  const give = (direction: Direction, data: Buffer): boolean | undefined => {
    decoder.data(direction, data, 0, data.length, 0);
    return decoder.isIdle;
  };
  const asks = query('a.x', 1, 1);
  const says = response('a.x', 1, [address], 1);
  assert.equal(decoder.isIdle, true);
  assert.equal(give(0, asks), false);
  assert.equal(give(1, says), true);
  assert.equal(give(1, says), true, 'a duplicate');
  decoder.recycle?.(contextOf('udp', 5355));
  assert.equal(give(0, asks), false);
  decoder.end('timeout', 0);
  decoder.recycle?.(contextOf('tcp', 54));
  assert.equal(give(0, framed(asks)), false);
  assert.equal(give(1, framed(says).subarray(0, 1)), false, 'within a length');
  assert.equal(give(1, framed(says).subarray(1, 20)), false);
  assert.equal(give(1, framed(says).subarray(20)), true);
  assert.equal(give(0, bytes(u16(3), 'abc')), false, 'looking for a message');
  decoder.end('fin', 0);
  decoder.recycle?.(contextOf('tcp', 55));
  assert.equal(decoder.isIdle, true);
  assert.equal(give(1, framed(says)), true);
  decoder.recycle?.(contextOf('udp', 56));
  assert.equal(give(0, asks), false);
  assert.equal(give(1, says), true);
  assert.deepEqual(heard, [
    '53 dns success',
    '53 dns unsolicited',
    '5355 llmnr unanswered',
    '54 dns success',
    'dns.bad_length',
    '55 dns unsolicited',
    '56 dns success',
  ]);
});

test('either side may ask, and both at once with the same id', () => {
  const steps = [
    c2s(query('a.x', 1, 9), 1),
    s2c(query('a.x', 1, 9), 2),
    s2c(response('a.x', 1, [address], 9), 3),
    c2s(response('a.x', 1, [], 9, 0x8183), 4),
  ];
  assert.deepEqual(outcomes(steps), ['9 success', '9 failure']);
  assert.deepEqual(fields(swapped(steps)), fields(steps));
});

test('a response code is a failure, also the long ones of EDNS', () => {
  const bad = message({
    id: 3,
    flags: 0x8180,
    questions: [{ name: name('a.x'), type: 1 }],
    additionals: [opt(1232, 0x01000000, [10, hex('0011223344556677')])],
  });
  const [first, second] = fields([
    c2s(query('a.x', 1, 2)),
    s2c(response('a.x', 1, [], 2, 0x8185)),
    c2s(query('a.x', 1, 3)),
    s2c(bad),
  ]) as [Record<string, unknown>, Record<string, unknown>];
  assert.equal(first['dns.response_code'], 'REFUSED');
  assert.equal(first['event.outcome'], 'failure');
  assert.equal(second['dns.response_code'], 'BADVERS');
  assert.equal(second['dns.outcome'], 'failure');
});

test('a repeated query is counted, and the time runs from the first', () => {
  const steps = [
    c2s(query('a.x', 1, 5), 0),
    c2s(query('A.X', 1, 5), 1_000_000),
    c2s(query('a.x', 1, 5), 2_000_000),
    s2c(response('a.x', 1, [address], 5), 2_100_000),
  ];
  const [record] = fields(steps) as [Record<string, unknown>];
  assert.equal(fields(steps).length, 1);
  assert.equal(record['dns.request.retransmissions'], 2);
  assert.equal(record['event.duration'], 2_100_000_000);
});

test('without a response a query is unanswered at the end, or reset', () => {
  const steps = [c2s(query('a.x', 1, 5), 7)];
  const [record] = fields(steps) as [Record<string, unknown>];
  assert.deepEqual(record, {
    'event.outcome': 'failure',
    'dns.outcome': 'unanswered',
    'network.protocol': 'dns',
    'dns.variant': 'dns',
    'dns.type': 'query',
    'dns.id': '5',
    'dns.op_code': 'QUERY',
    'dns.header_flags': ['RD'],
    'dns.question.name': 'a.x',
    'dns.question.type': 'A',
    'dns.question.class': 'IN',
    'dns.request.bytes': 21,
  });
  assert.deepEqual(outcomes(steps, { ...udp, end: 'timeout' }), ['5 unanswered']);
  assert.deepEqual(outcomes([c2s(framed(query('a.x', 1, 5)))], { ...tcp, end: 'reset' }), ['5 reset']);
});

test('a query waits for timeout_secs; what comes later is unsolicited', () => {
  const steps = [
    c2s(query('a.x', 1, 5), 0),
    c2s(query('b.x', 1, 6), 4_000_000),
    s2c(response('b.x', 1, [], 6), 10_000_001),
    s2c(response('a.x', 1, [], 5), 10_000_002),
  ];
  assert.deepEqual(outcomes(steps), ['5 unanswered', '6 success', '5 unsolicited']);
  assert.deepEqual(outcomes(steps, { ...udp, options: { timeout_secs: 11 } }), ['6 success', '5 success']);
});

test('a duplicate response is a record of its own', () => {
  const answer = s2c(response('a.x', 1, [address], 5), 10);
  const [, second] = fields([c2s(query('a.x', 1, 5), 0), answer, answer]) as [unknown, Record<string, unknown>];
  assert.equal(second['dns.outcome'], 'unsolicited');
  assert.equal(second['event.outcome'], 'unknown');
  assert.equal(second['event.duration'], undefined);
  assert.equal(second['dns.request.bytes'], undefined);
  assert.deepEqual(second['dns.resolved_ip'], ['192.0.2.1']);
});

test('a response with the id of a query but another question leaves the query open', () => {
  const steps = [
    c2s(query('a.x', 1, 5)),
    s2c(response('evil.x', 1, [address], 5)),
    s2c(response('a.x', 28, [], 5)),
    s2c(response('a.x', 1, [address], 5)),
  ];
  assert.deepEqual(outcomes(steps), ['5 unsolicited', '5 unsolicited', '5 success']);
  assert.deepEqual(anomalies(steps), { 'dns.response_mismatch': 2 });
});

test('a response without a question belongs to the query with its id', () => {
  const steps = [c2s(query('a.x', 1, 5)), c2s(query('b.x', 1, 6)), s2c(message({ id: 6, flags: 0x8181 }))];
  assert.deepEqual(outcomes(steps), ['6 failure', '5 unanswered']);
  assert.equal((fields(steps)[0] as Record<string, unknown>)['dns.question.name'], 'b.x');
});

test('the number of open queries is bounded, the oldest goes first', () => {
  const steps = [1, 2, 3, 4].map((id) => c2s(query('a.x', 1, id)));
  const limited = { ...udp, options: { max_pending: 2 } };
  assert.deepEqual(outcomes([...steps, s2c(response('a.x', 1, [], 4))], limited), [
    '1 unanswered',
    '2 unanswered',
    '4 success',
    '3 unanswered',
  ]);
  assert.deepEqual(anomalies(steps, limited), { 'dns.too_many_pending': 2 });
});

test('of many open queries, each is found by its id, side and question', () => {
  // As in multicast DNS, the id may not tell them apart.
  const ids = Array.from({ length: 40 }, (_, index) => (index < 20 ? index : 7));
  const asking = ids.map((id, index) => (index % 2 === 0 ? c2s : s2c)(query(`q${index}.x`, 1, id)));
  // The last first, and each query once more while it is open.
  const answering = ids.map((id, index) => (index % 2 === 0 ? s2c : c2s)(response(`q${index}.x`, 1, [], id))).reverse();
  const steps = [...asking, ...asking, ...answering];
  assert.deepEqual(outcomes(steps), ids.map((id) => `${id} success`).reverse());
  assert.ok(fields(steps).every((record) => record['dns.request.retransmissions'] === 1));
  assert.deepEqual(anomalies(steps), {});
  assert.deepEqual(outcomes([...steps, ...answering, ...asking.slice(0, 3)]).slice(40), [
    ...ids.map((id) => `${id} unsolicited`).reverse(),
    '0 unanswered',
    '1 unanswered',
    '2 unanswered',
  ]);
  assert.deepEqual(anomalies([...asking, s2c(response('other.x', 1, [], 7)), s2c(response('other.x', 1, [], 99))]), {
    'dns.response_mismatch': 1,
  });
  // Case makes no difference, and an answer without a question belongs to the oldest query of its id.
  const odd = [s2c(response('Q38.X', 1, [], 7)), s2c(message({ id: 7, flags: 0x8181 })), s2c(message({ id: 7, flags: 0x8181 }))];
  assert.deepEqual(outcomes([...asking, ...odd]).slice(0, 3), ['7 success', '7 failure', '7 failure']);
});

test('opcodes, classes and header flags have names', () => {
  const one = (flags: number, type: number, rrClass: number): Record<string, unknown> =>
    fields([c2s(message({ flags, questions: [{ name: name('x'), type, rrClass }] }))])[0] as Record<string, unknown>;
  const notify = one(0x2400, 6, 1);
  assert.equal(notify['dns.op_code'], 'NOTIFY');
  assert.deepEqual(notify['dns.header_flags'], ['AA']);
  assert.equal(one(0x2800, 6, 1)['dns.op_code'], 'UPDATE');
  assert.equal(one(0x4800, 6, 1)['dns.op_code'], 'OPCODE9');
  assert.equal(one(0x0100, 16, 3)['dns.question.class'], 'CH');
  assert.equal(one(0x0100, 65280, 32)['dns.question.type'], 'TYPE65280');
  assert.equal(one(0x0100, 65280, 32)['dns.question.class'], 'CLASS32');
  assert.equal(one(0x0100, 1, 0x8001)['dns.question.class'], 'CLASS32769');
  assert.deepEqual(one(0x0140, 1, 1)['dns.header_flags'], ['RD', 'Z']);
  assert.deepEqual(one(0x07b0, 255, 255)['dns.header_flags'], ['AA', 'TC', 'RD', 'RA', 'AD', 'CD']);
});

test('EDNS of the query, extended errors of the response', () => {
  const asks = message({
    id: 1,
    questions: [{ name: name('a.x'), type: 1 }],
    additionals: [opt(1232, 0x8000, [8, bytes(u16(1), 24, 0, 192, 0, 2)], [10, hex('0011223344556677')], [65001, bytes('?')])],
  });
  const says = message({
    id: 1,
    flags: 0x8182,
    questions: [{ name: name('a.x'), type: 1 }],
    additionals: [opt(512, 0, [15, bytes(u16(6), 'sig é\0')], [15, u16(22)])],
  });
  const [record] = fields([c2s(asks), s2c(says)]) as [Record<string, unknown>];
  assert.deepEqual(record['dns.header_flags'], ['RD', 'RA', 'DO']);
  assert.equal(record['dns.edns.version'], 0);
  assert.equal(record['dns.edns.udp_size'], 1232);
  assert.equal(record['dns.edns.dnssec_ok'], true);
  assert.equal(record['dns.edns.client_subnet'], '192.0.2.0/24');
  assert.equal(record['dns.edns.cookie'], true);
  assert.deepEqual(record['dns.edns.options'], ['ECS', 'COOKIE', 'OPT65001']);
  assert.equal(record['dns.edns.error_code'], 6);
  // é is one Latin-1 byte here, which is no UTF-8.
  assert.equal(record['dns.edns.error_text'], 'sig \ufffd');
  const six = message({
    questions: [{ name: name('x'), type: 1 }],
    additionals: [opt(1, 0, [8, bytes(u16(2), 20, 0, hex('200100'))])],
  });
  assert.equal((fields([c2s(six)])[0] as Record<string, unknown>)['dns.edns.client_subnet'], '2001::/20');
});

test('what is wrong with EDNS', () => {
  const withOpt = (...records: ReturnType<typeof opt>[]): Record<string, number> =>
    anomalies([c2s(message({ questions: [{ name: name('x'), type: 1 }], additionals: records }))]);
  assert.deepEqual(withOpt(opt(512, 0), opt(512, 0)), { 'dns.bad_edns': 1 });
  assert.deepEqual(withOpt({ ...opt(512, 0), data: bytes(0, 8, 0, 9, 0) }), { 'dns.bad_edns': 1 });
  assert.deepEqual(withOpt(opt(512, 0, [8, bytes(u16(1), 33, 0, 1, 2, 3, 4, 5)])), { 'dns.bad_edns': 1 });
  assert.deepEqual(withOpt(opt(512, 0, [8, bytes(u16(1), 24, 0, 1, 2)])), { 'dns.bad_edns': 1 });
  assert.deepEqual(withOpt(opt(512, 0, [15, bytes(1)])), { 'dns.bad_edns': 1 });
  assert.deepEqual(withOpt(opt(512, 0, [8, bytes(u16(0), 0, 0)])), {});
});

test('authority and additional sections are shown on demand', () => {
  const soa = bytes(name('ns.x'), name('a.x'), u32(1, 2, 3, 4, 5));
  const says = message({
    id: 1,
    flags: 0x8183,
    questions: [{ name: name('a.x'), type: 1 }],
    authorities: [{ name: pointer(14), type: 6, data: soa }],
    additionals: [{ name: name('b.x'), type: 28, data: Buffer.alloc(16) }, opt(512, 0)],
  });
  const steps = [c2s(query('a.x', 1, 1)), s2c(says)];
  const [plain] = fields(steps) as [Record<string, unknown>];
  assert.equal(plain['dns.authorities_count'], 1);
  assert.equal(plain['dns.additionals_count'], 2);
  assert.equal(plain['dns.authorities'], undefined);
  assert.equal(plain['dns.additionals'], undefined);
  const [full] = fields(steps, { ...udp, options: { authorities: true, additionals: true } }) as [Record<string, unknown>];
  assert.deepEqual(full['dns.authorities'], [{ name: 'x', type: 'SOA', class: 'IN', ttl: 300, data: 'ns.x a.x 1 2 3 4 5' }]);
  assert.deepEqual(full['dns.additionals'], [{ name: 'b.x', type: 'AAAA', class: 'IN', ttl: 300, data: '::' }]);
  assert.equal(full['dns.resolved_ip'], undefined);
});

test('records and their text are bounded', () => {
  const many = response(
    'a.x',
    1,
    Array.from({ length: 5 }, (_, n) => ({ ...address, data: bytes(192, 0, 2, n) })),
  );
  const [record] = fields([s2c(many)], { ...udp, options: { max_records: 3 } }) as [Record<string, unknown>];
  assert.equal(record['dns.answers_count'], 5);
  assert.equal((record['dns.answers'] as unknown[]).length, 3);
  assert.deepEqual(record['dns.resolved_ip'], ['192.0.2.0', '192.0.2.1', '192.0.2.2']);
  const long = response('a.x', 16, [{ name: asked, type: 16, data: text('y'.repeat(200)) }]);
  const [cutShort] = fields([s2c(long)], { ...udp, options: { max_data_chars: 64 } }) as [Record<string, unknown>];
  assert.equal((cutShort['dns.answers'] as { data: string }[])[0]?.data, `"${'y'.repeat(63)}...`);
});

test('multicast DNS: several questions, the unicast bit, the flush bit, announcements', () => {
  const mdns: PlayOptions = { transport: 'udp', clientPort: 5353, serverPort: 5353 };
  const asks = message({
    id: 0,
    flags: 0,
    questions: [
      { name: name('_ipp._tcp.local'), type: 12, rrClass: 0x8001 },
      { name: bytes(1, 'b', pointer(22)), type: 33 },
    ],
    answers: [{ name: asked, type: 12, data: bytes(1, 'p', asked) }],
  });
  const announces = message({
    id: 0,
    flags: 0x8400,
    answers: [{ name: name('h.local'), type: 1, rrClass: 0x8001, ttl: 120, data: bytes(10, 0, 0, 1) }],
  });
  const heard = play(dnsDecoder, [c2s(asks, 1), c2s(announces, 2)], mdns);
  assert.equal(heard.anomalies.size, 0);
  const [announced, asking] = heard.records.map((record) => record.fields) as [Record<string, unknown>, Record<string, unknown>];
  assert.equal(asking['dns.variant'], 'mdns');
  assert.equal(asking['dns.outcome'], 'unanswered');
  assert.equal(asking['event.outcome'], 'unknown');
  assert.equal(asking['dns.question.class'], 'IN');
  assert.equal(asking['dns.question.unicast_response'], true);
  assert.deepEqual(asking['dns.questions'], [
    { name: '_ipp._tcp.local', type: 'PTR', class: 'IN' },
    { name: 'b.local', type: 'SRV', class: 'IN' },
  ]);
  assert.equal(announced['dns.outcome'], 'unsolicited');
  assert.equal(announced['dns.question.type'], undefined);
  assert.deepEqual(announced['dns.answers'], [
    { name: 'h.local', type: 'A', class: 'IN', ttl: 120, data: '10.0.0.1', cache_flush: true },
  ]);
});

test('LLMNR gives two header bits other names', () => {
  const [record] = fields([c2s(message({ flags: 0x0500, questions: [{ name: name('host'), type: 1 }] }))], {
    transport: 'udp',
    serverPort: 5355,
  }) as [Record<string, unknown>];
  assert.equal(record['dns.variant'], 'llmnr');
  assert.deepEqual(record['dns.header_flags'], ['C', 'T']);
});

test('malformed messages make anomalies, and a record where the question can be read', () => {
  const answered = response('a.x', 1, [address, address], 5);
  const asking = c2s(query('a.x', 1, 5));
  const counts = (bytesOfResponse: Buffer): unknown => [
    anomalies([asking, s2c(bytesOfResponse)]),
    outcomes([asking, s2c(bytesOfResponse)]),
  ];
  assert.deepEqual(counts(answered.subarray(0, answered.length - 2)), [{ 'dns.truncated_message': 1 }, ['5 truncated']]);
  assert.deepEqual(counts(answered.subarray(0, answered.length - 16)), [{ 'dns.bad_count': 1 }, ['5 truncated']]);
  assert.deepEqual(counts(bytes(answered, 0)), [{ 'dns.trailing_bytes': 1 }, ['5 success']]);
  assert.deepEqual(counts(answered.subarray(0, 11)), [{ 'dns.short_header': 1 }, ['5 unanswered']]);
  assert.deepEqual(counts(response('a.x', 1, [{ ...address, name: pointer(33) }], 5)), [
    { 'dns.pointer_loop': 1 },
    ['5 success'],
  ]);
  assert.deepEqual(counts(response('a.x', 1, [{ ...address, name: bytes(0x80) }], 5)), [{ 'dns.bad_name': 1 }, ['5 success']]);
  assert.deepEqual(counts(response('a.x', 1, [{ ...address, data: bytes(1) }], 5)), [
    { 'dns.bad_record_data': 1 },
    ['5 success'],
  ]);
  assert.deepEqual(anomalies([c2s(message({ questions: [{ name: pointer(12), type: 1 }] }))]), { 'dns.pointer_loop': 1 });
  assert.deepEqual(fields([c2s(message({ questions: [{ name: pointer(12), type: 1 }] }))]), []);
});

test('the record type fits the field registry', () => {
  const registry = new RecordRegistry([dnsDecoder]);
  assert.ok(registry.document().some((field) => field.name === 'dns.question.name' && field.records.includes('dns')));
});

const streams: Step[] = [
  c2s(framed(query('a.example', 1, 1), query('b.example', 28, 2)), 100),
  s2c(framed(response('b.example', 28, [{ name: asked, type: 28, data: Buffer.alloc(16, 1) }], 2)), 200),
  c2s(bytes(framed(query('c.example', 16, 3))), 300),
  s2c(
    framed(response('a.example', 1, [address], 1), response('c.example', 16, [{ name: asked, type: 16, data: text('t') }], 3)),
    400,
  ),
  c2s(framed(query('d.example', 15, 4)), 500),
];

test('TCP: pipelined, out of order, and the same however the stream is cut', () => {
  assert.deepEqual(outcomes(streams, tcp), ['2 success', '1 success', '3 success', '4 unanswered']);
  assert.deepEqual(fields(swapped(streams), tcp), fields(streams, tcp));
  assertCutInvariant(dnsDecoder, streams, tcp);
});

test('TCP: a zone transfer is one transaction up to its closing SOA', () => {
  const soa = { name: asked, type: 6, data: bytes(name('n'), name('m'), u32(1, 2, 3, 4, 5)) };
  const asking = c2s(framed(query('zone.x', 252, 1)), 0);
  const parts = [
    s2c(framed(response('zone.x', 252, [soa], 1)), 1_000),
    s2c(framed(message({ id: 1, flags: 0x8400, answers: [{ ...address, name: name('h.zone.x') }] })), 8_000_000),
  ];
  const last = s2c(
    framed(
      message({
        id: 1,
        flags: 0x8400,
        answers: [
          { ...address, name: name('i') },
          { ...soa, name: name('zone.x') },
        ],
      }),
    ),
    16_000_000,
  );
  const [record] = fields([asking, ...parts, last], tcp) as [Record<string, unknown>];
  assert.equal(fields([asking, ...parts, last], tcp).length, 1);
  assert.equal(record['dns.outcome'], 'success');
  assert.equal(record['dns.response.messages'], 3);
  assert.equal(record['dns.answers_count'], 4);
  assert.equal(record['event.duration'], 16_000_000_000);
  assertCutInvariant(dnsDecoder, [asking, ...parts, last], tcp);
  assert.deepEqual(outcomes([asking, ...parts], tcp), ['1 truncated'], 'cut off');
  assert.deepEqual(outcomes([asking, s2c(framed(response('zone.x', 252, [], 1, 0x8185)))], tcp), ['1 failure'], 'refused');
});

test('TCP: a hole within one message costs that message', () => {
  const big = response('a.x', 16, [{ name: asked, type: 16, data: text('z'.repeat(100)) }], 1);
  const stream = framed(big, response('b.x', 1, [address], 2));
  const steps: Step[] = [
    c2s(framed(query('a.x', 16, 1), query('b.x', 1, 2))),
    s2c(stream.subarray(0, 50)),
    { direction: 1, gap: 30, timeUs: 0 },
    s2c(stream.subarray(80)),
  ];
  assert.deepEqual(outcomes(steps, tcp), ['1 truncated', '2 success']);
  assert.deepEqual(anomalies(steps, tcp), {});
  assertCutInvariant(dnsDecoder, steps, tcp);
});

test('TCP: after a larger hole, and in the middle of a connection, the next message is found', () => {
  const rest = bytes('half a message', framed(response('b.x', 1, [address], 2), response('c.x', 1, [address], 3)));
  for (const gap of [0, 1000]) {
    const steps: Step[] = [{ direction: 1, gap, timeUs: 0 }, s2c(rest)];
    assert.deepEqual(outcomes(steps, tcp), ['2 unsolicited', '3 unsolicited']);
    assertCutInvariant(dnsDecoder, steps, tcp);
  }
});

test('TCP: a length too short, and a message that is none, send the framer looking for the next', () => {
  const good = framed(query('b.x', 1, 2));
  assert.deepEqual(outcomes([c2s(bytes(u16(3), 'abc', good))], tcp), ['2 unanswered']);
  assert.deepEqual(anomalies([c2s(bytes(u16(3), 'abc', good))], tcp), { 'dns.bad_length': 1 });
  const broken = framed(message({ questions: [{ name: bytes(0x80), type: 1 }] }));
  assert.deepEqual(outcomes([c2s(bytes(broken, 'junk', good))], tcp), ['2 unanswered']);
  assertCutInvariant(dnsDecoder, [c2s(bytes(broken, 'junk', good))], tcp);
  assertCutInvariant(dnsDecoder, [c2s(bytes(u16(3), 'abc', good))], tcp);
});

test('TCP: a stream without messages is given up after a bounded search', () => {
  const noise = Buffer.alloc(64 * 1024, 0xff);
  const steps: Step[] = [
    { direction: 0, gap: 0, timeUs: 0 },
    c2s(noise),
    c2s(noise),
    c2s(noise),
    c2s(framed(query('b.x', 1, 2))),
  ];
  assert.deepEqual(anomalies(steps, tcp), { 'dns.lost_framing': 1 });
  assert.deepEqual(outcomes(steps, tcp), []);
});

test('TCP: a stream that ends within a message gives what it has', () => {
  const whole = framed(response('a.x', 1, [address, address], 1));
  const steps: Step[] = [
    c2s(framed(query('a.x', 1, 1))),
    s2c(whole.subarray(0, whole.length - 5)),
    { direction: 1, finished: true, timeUs: 9 },
  ];
  assert.deepEqual(outcomes(steps, tcp), ['1 truncated']);
  assert.deepEqual(anomalies(steps, tcp), { 'dns.truncated_message': 1 });
  assertCutInvariant(dnsDecoder, steps, tcp);
});

test('TCP: the largest message in pieces', () => {
  const strings = Array.from({ length: 250 }, () => text('q'.repeat(255)));
  const big = response('a.x', 16, [{ name: asked, type: 16, data: bytes(...strings) }], 1);
  assert.ok(big.length > 64_000);
  const stream = framed(big);
  const steps = [c2s(framed(query('a.x', 16, 1)))];
  for (let at = 0; at < stream.length; at += 1460) steps.push(s2c(stream.subarray(at, at + 1460)));
  const [record] = fields(steps, tcp) as [Record<string, unknown>];
  assert.equal(record['dns.outcome'], 'success');
  assert.equal(record['dns.response.bytes'], big.length);
  assert.equal((record['dns.answers'] as { data: string }[])[0]?.data.length, 1027);
});

test('nothing throws on random and damaged bytes', () => {
  assertSurvives(dnsDecoder, streams, tcp);
  const datagrams = streams.filter((step) => 'bytes' in step).map((step) => ({ ...step, bytes: step.bytes.subarray(2) }));
  assertSurvives(dnsDecoder, datagrams, udp);
  assertSurvives(dnsDecoder, datagrams, {
    ...udp,
    options: { authorities: true, additionals: true, max_pending: 1, timeout_secs: 1 },
  });
});
