// How long a message is: RFC 9112 section 6.3 and what is seen instead of it.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { assertCutInvariant, c2s, type Step, s2c } from '../decoder-kit.ts';
import { exchange, fin, get, hear, hole, ok, records, summary } from './talk.ts';

/** The second exchange is only found when the first one's end was. */
function framed(request: string, response: string): Step[] {
  return [
    ...exchange(request, response),
    c2s('GET /next HTTP/1.1\r\n\r\n', 2e6),
    s2c('HTTP/1.1 299 Next\r\nContent-Length: 0\r\n\r\n', 2e6),
  ];
}

function anomaliesOf(script: readonly Step[]): Record<string, number> {
  return Object.fromEntries(hear(script).anomalies);
}

const cases: readonly [
  name: string,
  request: string,
  response: string,
  status: number,
  bytes: [number, number],
  anomalies?: string[],
][] = [
  [
    'Content-Length both ways',
    'POST / HTTP/1.1\r\nContent-Length: 3\r\n\r\nabc',
    'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nabcd',
    200,
    [3, 4],
  ],
  [
    'chunked both ways',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n',
    'HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, Chunked\r\n\r\nA\r\n0123456789\r\n0\r\n\r\n',
    200,
    [3, 10],
  ],
  ['HEAD with a length', 'HEAD / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\n', 200, [0, 0]],
  ['HEAD with chunks', 'HEAD / HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n', 200, [0, 0]],
  ['204', get, 'HTTP/1.1 204 No Content\r\n\r\n', 204, [0, 0]],
  ['304 with a length', get, 'HTTP/1.1 304 Not Modified\r\nContent-Length: 9\r\n\r\n', 304, [0, 0]],
  [
    '1xx before the answer',
    get,
    'HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\nHTTP/1.1 102 Processing\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 1\r\n\r\nx',
    200,
    [0, 1],
  ],
  ['length as a list', get, 'HTTP/1.1 200 OK\r\nContent-Length: 2, 2\r\n\r\nab', 200, [0, 2], ['http.repeated_length']],
  [
    'length twice',
    get,
    'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 2\r\n\r\nab',
    200,
    [0, 2],
    ['http.repeated_length'],
  ],
  [
    'lengths in conflict',
    'POST / HTTP/1.1\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nab',
    ok,
    200,
    [2, 0],
    ['http.conflicting_length'],
  ],
  [
    'length and coding',
    'POST / HTTP/1.1\r\nContent-Length: 99\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nab\r\n0\r\n\r\n',
    ok,
    200,
    [2, 0],
    ['http.length_with_encoding'],
  ],
  ['identity is no coding', get, 'HTTP/1.1 200 OK\r\nTransfer-Encoding: identity\r\nContent-Length: 2\r\n\r\nab', 200, [0, 2]],
  [
    'a coding other than chunked in a request',
    'POST / HTTP/1.1\r\nTransfer-Encoding: xchunked\r\n\r\n',
    ok,
    200,
    [0, 0],
    ['http.bad_transfer_encoding'],
  ],
  [
    'chunked twice',
    'POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n',
    ok,
    200,
    [0, 0],
    ['http.bad_transfer_encoding'],
  ],
  ['negative length', 'POST / HTTP/1.1\r\nContent-Length: -1\r\n\r\n', ok, 200, [0, 0], ['http.bad_length']],
  ['length beyond 2^53', 'POST / HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n', ok, 200, [0, 0], ['http.bad_length']],
  ['folded length', 'POST / HTTP/1.1\r\nContent-Length:\r\n 3\r\n\r\nabc', ok, 200, [3, 0], ['http.folded_header']],
  [
    'bare LF everywhere',
    'POST / HTTP/1.1\nContent-Length: 1\n\nx',
    'HTTP/1.0 200 OK\nTransfer-Encoding: chunked\n\n1;e\nx\n0\nT: v\n\n',
    200,
    [1, 1],
    ['http.bare_line_feed'],
  ],
  ['empty lines before messages', `\r\n\r\n${get}`, `\n\r\n${ok}`, 200, [0, 0]],
  ['CONNECT refused', 'CONNECT a:443 HTTP/1.1\r\n\r\n', 'HTTP/1.1 407 Authenticate\r\nContent-Length: 2\r\n\r\nno', 407, [0, 2]],
];

for (const [name, request, response, status, [requestBytes, responseBytes], anomalies = []] of cases) {
  test(name, () => {
    const script = framed(request, response);
    const heard = hear(script);
    assert.equal(heard.records.length, 2);
    const [first, second] = heard.records.map((record) => record.fields);
    assert.equal(first?.['http.response.status_code'], status);
    assert.equal(first?.['http.request.body.bytes'], requestBytes);
    assert.equal(first?.['http.response.body.bytes'], responseBytes);
    assert.equal(second?.['url.original'], '/next');
    assert.equal(second?.['http.response.status_code'], 299);
    assert.deepEqual([...heard.anomalies.keys()], anomalies);
    assertCutInvariant(httpDecoder, script);
  });
}

test('sizes: head, content and chunk framing add up to what was sent', () => {
  const response = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5;a=b\r\nhello\r\n0\r\nT: 1\r\n\r\n';
  const [fields] = records(exchange(get, response));
  assert.equal(fields?.['http.response.bytes'], response.length);
  assert.equal(fields?.['http.response.head.bytes'], response.indexOf('5;a'));
  assert.equal(fields?.['http.response.body.bytes'], 5);
  assert.equal(fields?.['http.request.bytes'], get.length);
});

test('a body without length ends with the connection', () => {
  const script = [...exchange(get, 'HTTP/1.1 200 OK\r\n\r\nHTTP/1.1 500 is not a head\r\n\r\n'), s2c('more', 3e6), fin(1, 4e6)];
  const [fields] = records(script);
  assert.equal(fields?.['http.response.body.bytes'], 34);
  assert.equal(fields?.['http.outcome'], 'success');
  assert.equal(fields?.['http.response.duration_us'], 3e6 - 1_002_500);
  assertCutInvariant(httpDecoder, script);
});

test('a body without length is truncated when the sensor stops, reset by a reset', () => {
  const script = exchange(get, 'HTTP/1.1 200 OK\r\n\r\nabc');
  assert.deepEqual(summary(script, { end: 'stopped' }), ['GET / 200 truncated']);
  assert.deepEqual(summary(script, { end: 'reset' }), ['GET / 200 reset']);
  assert.deepEqual(summary(script, { end: 'timeout' }), ['GET / 200 timeout']);
  assert.deepEqual(summary(script, { end: 'fin' }), ['GET / 200 success']);
});

test('a body cut by the end of the connection is truncated, with the bytes that came', () => {
  for (const head of ['Content-Length: 100\r\n\r\n', 'Transfer-Encoding: chunked\r\n\r\n64\r\n']) {
    const script = [...exchange(get, `HTTP/1.1 200 OK\r\n${head}0123456789`), s2c('abcdefghij', 2e6), fin(1, 3e6)];
    const [fields] = records(script);
    assert.equal(fields?.['http.outcome'], 'truncated');
    assert.equal(fields?.['http.response.incomplete'], true);
    assert.equal(fields?.['http.response.body.bytes'], 20);
    assert.equal(fields?.['event.outcome'], 'success');
    assertCutInvariant(httpDecoder, script);
  }
});

test('bytes lost inside a body of known length are counted and nothing else suffers', () => {
  for (const [head, tail] of [
    ['Content-Length: 100\r\n\r\n', ''],
    ['Transfer-Encoding: chunked\r\n\r\n64\r\n', '\r\n0\r\n\r\n'],
  ]) {
    const script = [
      ...exchange(get, `HTTP/1.1 200 OK\r\n${head}0123456789`),
      hole(1, 60, 2e6),
      s2c('x'.repeat(30) + tail, 3e6),
      c2s('GET /2 HTTP/1.1\r\n\r\n', 4e6),
      s2c(ok, 5e6),
    ];
    const all = records(script);
    assert.deepEqual(summary(script), ['GET / 200 success', 'GET /2 200 success']);
    assert.equal(all[0]?.['http.response.body.bytes'], 100);
    assert.equal(all[0]?.['http.response.body.missing_bytes'], 60);
    assertCutInvariant(httpDecoder, script);
  }
});

test('bytes lost in a body that ends with the connection', () => {
  const [fields] = records([...exchange(get, 'HTTP/1.1 200 OK\r\n\r\nabc'), hole(1, 500, 2e6), s2c('def', 3e6), fin(1, 4e6)]);
  assert.equal(fields?.['http.response.body.bytes'], 506);
  assert.equal(fields?.['http.response.body.missing_bytes'], 500);
  assert.equal(fields?.['http.outcome'], 'success');
});

test('a hole longer than the body ends it and the search begins', () => {
  const script = [
    ...exchange(get, 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n01234'),
    hole(1, 25, 2e6),
    s2c(`Date: now\r\n\r\n`, 2e6),
    c2s('GET /2 HTTP/1.1\r\n\r\n', 3e6),
    s2c(ok, 4e6),
  ];
  assert.deepEqual(summary(script), ['GET / 200 success', 'GET /2 200 success']);
});

const badChunks: readonly [string, string][] = [
  ['no size', '\r\n'],
  ['not hexadecimal', 'xyz\r\n'],
  ['no line end after the data', '2\r\nabX'],
  ['CR without LF', '2\rab'],
  ['a size of 17 digits', '00000000000000001\r\n'],
  ['a size beyond 2^53', 'FFFFFFFFFFFFFFFF\r\n'],
  ['an endless extension', `1;${'e'.repeat(5000)}\r\n`],
];
for (const [name, chunk] of badChunks) {
  test(`bad chunk: ${name}; the next message is found`, () => {
    const script = [
      ...exchange(get, `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk}`),
      c2s('GET /2 HTTP/1.1\r\n\r\n', 3e6),
      s2c(ok, 4e6),
    ];
    assert.deepEqual(summary(script), ['GET / 200 truncated', 'GET /2 200 success']);
    assert.deepEqual(anomaliesOf(script), { 'http.bad_chunk_size': 1 });
    if (chunk.length < 100) assertCutInvariant(httpDecoder, script);
  });
}

test('Expect: 100-continue: a client that leaves the body out after a final answer', () => {
  const script = [
    ...exchange(
      'PUT /big HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: 5000\r\n\r\n',
      'HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n',
    ),
    c2s('GET /2 HTTP/1.1\r\nHost: a\r\n\r\n', 3e6),
    s2c(ok, 4e6),
  ];
  assert.deepEqual(summary(script), ['PUT /big 401 failure', 'GET /2 200 success']);
  assertCutInvariant(httpDecoder, script);
});

test('Expect: 100-continue: a client that sends the body all the same', () => {
  for (const body of ['no request line\nat all, and more', 'GET on without a version\r\n, longer', 'x'.repeat(34)]) {
    const script = [
      ...exchange(
        `PUT /big HTTP/1.1\r\nExpect: 100-Continue\r\nContent-Length: ${body.length}\r\n\r\n`,
        'HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n',
      ),
      c2s(`${body}GET /2 HTTP/1.1\r\nHost: a\r\n\r\n`, 3e6),
      s2c(ok, 4e6),
    ];
    assert.deepEqual(summary(script), ['PUT /big 403 failure', 'GET /2 200 success']);
    assert.equal(records(script)[0]?.['http.request.body.bytes'], body.length);
    assertCutInvariant(httpDecoder, script);
  }
});

test('a body where none should be is passed over', () => {
  const script = [
    ...exchange('HEAD /1 HTTP/1.1\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n<p>no</p>'),
    c2s('GET /2 HTTP/1.1\r\n\r\n', 3e6),
    s2c(ok, 4e6),
  ];
  assert.deepEqual(summary(script), ['HEAD /1 200 success', 'GET /2 200 success']);
  assert.deepEqual(anomaliesOf(script), { 'http.bad_status_line': 1 });
  assertCutInvariant(httpDecoder, script);
});
