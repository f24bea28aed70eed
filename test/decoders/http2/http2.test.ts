// HTTP/2: a conversation with pieces, padding and a push; header blocks of the examples in RFC 7541; damage and bounds.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { HeaderReader } from '../../../src/decoders/http2/hpack.ts';
import { http2Decoder } from '../../../src/decoders/http2/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type PlayOptions, play, type Step, s2c } from '../decoder-kit.ts';

const start = 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n';

function frame(type: number, flags: number, stream: number, payload: string | Buffer): Buffer {
  const body = Buffer.from(payload as string, 'latin1');
  const head = Buffer.alloc(9);
  head.writeUIntBE(body.length, 0, 3);
  head[3] = type;
  head[4] = flags;
  head.writeUInt32BE(stream, 5);
  return Buffer.concat([head, body]);
}

/** Literal header fields without indexing, as plain text. */
function block(...headers: readonly (readonly [string, string])[]): Buffer {
  const text = (value: string): Buffer => Buffer.concat([Buffer.from([value.length]), Buffer.from(value)]);
  return Buffer.concat(headers.flatMap(([name, value]) => [Buffer.from([0]), text(name), text(value)]));
}

const request = block(
  [':method', 'POST'],
  [':path', '/a?b=c'],
  [':authority', 'Ex.example:81'],
  ['user-agent', 'agent'],
  ['cookie', 'k=v'],
  ['accept', 'X'],
);
const promised = block([':method', 'GET'], [':path', '/style'], [':authority', 'ex.example:81'], ['user-agent', 'agent']);
const page = '<html>page';

const talk: Step[] = [
  c2s(Buffer.concat([Buffer.from(start), frame(4, 0, 0, '\0\x03\0\0\0\x64')]), 1),
  // In two pieces, with padding and a priority before the block.
  c2s(frame(1, 0x28, 1, Buffer.concat([Buffer.from([2, 0, 0, 0, 0, 16]), request.subarray(0, 20), Buffer.alloc(2)])), 2),
  c2s(frame(9, 0x04, 1, request.subarray(20)), 2),
  c2s(Buffer.concat([frame(0, 0x08, 1, '\x03body\0\0\0'), frame(6, 0, 0, '12345678'), frame(0, 0x01, 1, '-end')]), 3),
  s2c(frame(5, 0x04, 1, Buffer.concat([Buffer.from([0, 0, 0, 2]), promised])), 4),
  s2c(frame(1, 0x04, 1, block([':status', '200'], ['server', 'S'])), 5),
  s2c(Buffer.concat([frame(0, 0, 1, page.slice(0, 3)), frame(0, 0x01, 1, page.slice(3)), frame(0, 0, 2, 'never whole')]), 6),
];

const options = { query_values: true, cookie_values: true, all_request_headers: true, all_response_headers: true };

function notes(script: readonly Step[], play_: PlayOptions = {}): Record<string, unknown> {
  return Object.fromEntries([...play(http2Decoder, script, play_).notes].map(([name, values]) => [name.slice(5), values]));
}

const md5 = (text: string): string => createHash('md5').update(text).digest('hex');

test('requests, promises and responses', () => {
  assert.deepEqual(notes(talk, { options }), {
    method: ['PRI', 'POST', 'GET'],
    client_version: ['2.0'],
    uri: ['*'],
    path: ['/a', '/style'],
    key: ['b'],
    value: ['c'],
    host: ['ex.example:81', 'ex.example'],
    request_header: ['user-agent', 'cookie', 'accept'],
    useragent: ['agent'],
    request_header_field: ['cookie', 'accept'],
    request_header_value: ['k=v', 'x'],
    cookie_key: ['k'],
    cookie_value: ['v'],
    response_header: ['user-agent', 'server'],
    response_header_field: ['user-agent', 'server'],
    response_header_value: ['agent', 's'],
    statuscode: [200],
    md5: [md5('body-end'), md5(page)],
    body_magic: ['text/html'],
  });
  assert.deepEqual(play(http2Decoder, talk).protocols, ['http']);
  assert.equal(play(http2Decoder, talk, { details: false }).finalVerdict, DONE);
});

test('any cut gives the same, and nothing throws', () => {
  assertCutInvariant(http2Decoder, talk, { options });
  assertSurvives(http2Decoder, talk);
});

test('header blocks as RFC 7541 appendix C.4 and C.6 have them', () => {
  const read = (reader: HeaderReader, hex: string): string[] => {
    const lines: string[] = [];
    const bytes = Buffer.from(`ff${hex}ff`.replaceAll(' ', ''), 'hex');
    assert.ok(reader.read(bytes, 1, bytes.length - 1, (name, value) => lines.push(`${name}: ${value}`)));
    return lines;
  };
  const client = new HeaderReader();
  const first = [':method: GET', ':scheme: http', ':path: /', ':authority: www.example.com'];
  assert.deepEqual(read(client, '8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff'), first);
  assert.deepEqual(read(client, '8286 84be 5886 a8eb 1064 9cbf'), [...first, 'cache-control: no-cache']);
  const third = read(client, '8287 85bf 4088 25a8 49e9 5ba9 7d7f 8925 a849 e95b b8e8 b4bf');
  assert.deepEqual(third.slice(1), [
    ':scheme: https',
    ':path: /index.html',
    ':authority: www.example.com',
    'custom-key: custom-value',
  ]);
  const server = new HeaderReader();
  // The table of the example has 256 bytes.
  const answer = read(
    server,
    '3fe101 4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
  );
  assert.deepEqual(answer.slice(0, 3), [':status: 302', 'cache-control: private', 'date: Mon, 21 Oct 2013 20:13:21 GMT']);
  assert.deepEqual(read(server, '4883 640e ffc1 c0bf')[0], ':status: 307');
  const last = read(server, '88c1 6196 d07a be94 1054 d444 a820 0595 040b 8166 e084 a62d 1bff c05a 839b d9ab');
  assert.deepEqual(last.slice(0, 2), [':status: 200', 'cache-control: private']);
  assert.equal(last.at(-1), 'content-encoding: gzip');
});

test('what is no header block is told', () => {
  const bad = ['80', 'c0', '00', '0085', '7fffffffffff', '008100', '0084ffffffff'];
  for (const hex of bad) {
    const bytes = Buffer.from(hex, 'hex');
    assert.equal(
      new HeaderReader().read(bytes, 0, bytes.length, () => undefined),
      false,
      hex,
    );
  }
});

test('damage and bounds', () => {
  const heard = (...frames: readonly Buffer[]): unknown => {
    const { finalVerdict, anomalies } = play(http2Decoder, [c2s(start), ...frames.map((each) => c2s(each))], {
      options: { max_head_bytes: 1024, max_streams: 1 },
    });
    return [finalVerdict, ...anomalies.keys()];
  };
  assert.deepEqual(heard(frame(1, 4, 0, '')), [DONE, 'http2.bad_frame']);
  assert.deepEqual(heard(frame(9, 4, 1, '')), [DONE, 'http2.bad_frame']);
  assert.deepEqual(heard(frame(1, 0, 1, ''), frame(0, 0, 1, '')), [DONE, 'http2.bad_frame']);
  assert.deepEqual(heard(frame(0, 8, 1, '\x09short')), [DONE, 'http2.bad_frame']);
  assert.deepEqual(heard(frame(1, 4, 1, '\x80')), [DONE, 'http2.bad_header_block']);
  assert.deepEqual(heard(frame(1, 0, 1, Buffer.alloc(2000))), [DONE, 'http2.head_too_large']);
  assert.deepEqual(heard(frame(0, 0, 1, 'a'), frame(0, 0, 3, 'b')), [undefined, 'http2.too_many_streams']);
  // A hole in a body spoils its hash and nothing else; one in a head ends it.
  const body = frame(0, 1, 1, '0123456789');
  const holed = [
    c2s(start),
    c2s(body.subarray(0, 12)),
    { direction: 0, gap: 4, timeUs: 1 } as const,
    c2s(body.subarray(16)),
    c2s(frame(0, 1, 3, 'x')),
  ];
  assert.deepEqual(notes(holed).md5, [md5('x')]);
});

test('probing', () => {
  const probe = (text: string): number => http2Decoder.probe(0, Buffer.from(`-${text}-`), 1, 1 + text.length);
  assert.equal(probe(start), Verdict.certain);
  assert.equal(probe('PRI * H'), Verdict.needMore);
  assert.equal(probe('PROPFIND / HTTP/1.1'), Verdict.no);
});

test('a block that names a long entry again and again is told as far as a header list may go', () => {
  const value = 'v'.repeat(3000);
  const literal = Buffer.concat([Buffer.from([0x40, 1, 0x6e, 0x7f, ...[0xb9, 0x16]]), Buffer.from(value)]);
  const bytes = Buffer.concat([literal, Buffer.alloc(60_000, 0x80 | 62)]);
  let told = 0;
  const good = new HeaderReader().read(bytes, 0, bytes.length, (name, text) => {
    assert.deepEqual([name, text], ['n', value]);
    told += 1;
  });
  assert.ok(good);
  assert.equal(told, Math.floor(262_144 / (1 + 3000 + 32)));
});
