// Which response belongs to which request, and how each transaction ended.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { assertCutInvariant, c2s, s2c } from '../decoder-kit.ts';
import { fin, hear, hole, ok, records, summary } from './talk.ts';

const request = (path: string): string => `GET ${path} HTTP/1.1\r\nHost: a\r\n\r\n`;
const answer = (status: number): string => `HTTP/1.1 ${status} X\r\nContent-Length: 2\r\n\r\nab`;

test('pipelined requests take the responses in order', () => {
  const script = [
    c2s(request('/1') + request('/2') + request('/3'), 1e6),
    s2c(answer(201) + answer(404), 2e6),
    s2c(answer(203), 3e6),
  ];
  const all = records(script);
  assert.deepEqual(summary(script), ['GET /1 201 success', 'GET /2 404 failure', 'GET /3 203 success']);
  assert.deepEqual(
    all.map((fields) => fields['http.request.pipeline_depth'] ?? 0),
    [0, 1, 2],
  );
  assert.deepEqual(
    all.map((fields) => fields['http.request.index']),
    [1, 2, 3],
  );
  assert.deepEqual(
    all.map((fields) => fields['event.outcome']),
    ['success', 'failure', 'success'],
  );
});

test('times: first byte, duration, and the record at its request', () => {
  const script = [
    c2s('POST / HTTP/1.1\r\nContent-Le', 1_000_000),
    c2s('ngth: 2\r\n\r\na', 1_000_100),
    c2s('b', 1_000_300),
    s2c('HTTP/1.1 200 OK\r\n', 1_002_000),
    s2c('Content-Length: 3\r\n\r\na', 1_002_500),
    s2c('bc', 1_004_000),
  ];
  const heard = hear(script);
  const fields = heard.records[0]?.fields;
  assert.equal(heard.records[0]?.timeUs, 1_000_000);
  assert.equal(fields?.['http.request.duration_us'], 300);
  assert.equal(fields?.['http.response.first_byte_us'], 2000);
  assert.equal(fields?.['http.response.duration_us'], 2000);
  assert.equal(fields?.['event.duration'], 4_000_000);
  assert.equal(hear(script.slice(0, 3)).records[0]?.fields['event.duration'], undefined, 'none without a response');
  assertCutInvariant(httpDecoder, script);
});

test('a final answer before the request is whole: recorded when both are', () => {
  const script = [
    c2s('POST / HTTP/1.1\r\nContent-Length: 10\r\n\r\n01234', 1e6),
    s2c(answer(413), 2e6),
    c2s('56789', 3e6),
    c2s(request('/2'), 4e6),
    s2c(answer(200), 5e6),
  ];
  assert.deepEqual(summary(script), ['POST / 413 failure', 'GET /2 200 success']);
  assert.equal(records(script)[0]?.['http.request.body.bytes'], 10);
});

test('unanswered requests, by the reason of the end', () => {
  const script = [c2s(request('/1'), 1e6)];
  for (const [end, outcome] of [
    ['fin', 'unanswered'],
    ['stopped', 'unanswered'],
    ['evicted', 'unanswered'],
    ['reset', 'reset'],
    ['timeout', 'timeout'],
  ] as const) {
    const [fields] = records(script, { end });
    assert.equal(fields?.['http.outcome'], outcome);
    assert.equal(fields?.['event.outcome'], 'failure');
    assert.equal(fields?.['http.response.status_code'], undefined);
    assert.equal(fields?.['http.response.bytes'], undefined);
  }
});

test('half a head: the request is kept with what was read', () => {
  const [fields] = records([c2s('GET /half HTTP/1.1\r\nHost: a\r\nUser-Ag', 1e6), fin(0, 2e6)]);
  assert.equal(fields?.['url.original'], '/half');
  assert.equal(fields?.['url.domain'], 'a');
  assert.equal(fields?.['http.request.incomplete'], true);
  assert.equal(fields?.['http.outcome'], 'unanswered');
});

test('a response without request', () => {
  const heard = hear([s2c(answer(200), 1e6), c2s(request('/1'), 2e6), s2c(answer(201), 3e6)]);
  assert.deepEqual(
    heard.records.map((record) => [record.timeUs, record.fields['http.outcome'], record.fields['event.outcome']]),
    [
      [1e6, 'unsolicited', 'success'],
      [2e6, 'success', 'success'],
    ],
  );
  assert.equal(heard.records[0]?.fields['http.version'], '1.1');
  assert.equal(heard.records[0]?.fields['http.request.bytes'], undefined);
  assert.deepEqual([...heard.anomalies], [['http.response_without_request', 1]]);
});

test('a request that comes late in its direction finds its response by its time', () => {
  const script = [s2c(answer(201), 1500), c2s(request('/1'), 1000), c2s(request('/2'), 2000), s2c(answer(202), 2500)];
  assert.deepEqual(summary(script), ['GET /1 201 success', 'GET /2 202 success']);
  assert.equal(hear(script).anomalies.size, 0);
});

test('responses alone: all are recorded, in order, and few are held', () => {
  const script = Array.from({ length: 30 }, (_, index) => s2c(answer(200 + index), 1000 + index));
  const heard = hear(script);
  assert.deepEqual(
    heard.records.map((record) => record.fields['http.response.status_code']),
    script.map((_, index) => 200 + index),
  );
  assert.equal(heard.anomalies.get('http.response_without_request'), 30);
});

test('after a loss of responses pipelined requests keep the first answer, others the one that fits in time', () => {
  const pipelined = [c2s(request('/1') + request('/2'), 1e6), hole(1, 10, 2e6), s2c(`x\r\n\r\n${answer(202)}`, 3e6)];
  assert.deepEqual(summary(pipelined), ['GET /1 202 success', 'GET /2 - unanswered']);
  const sequential = [c2s(request('/1'), 1e6), hole(1, 60, 2e6), c2s(request('/2'), 3e6), s2c(answer(202), 4e6)];
  assert.deepEqual(summary(sequential), ['GET /1 - truncated', 'GET /2 202 success']);
});

test('a loss at the end of the server leaves its requests truncated', () => {
  assert.deepEqual(summary([c2s(request('/1'), 1e6), hole(1, 500, 2e6)]), ['GET /1 - truncated']);
});

test('more requests than the queue holds are recorded unpaired, and the pairing holds', () => {
  const paths = ['/1', '/2', '/3', '/4'];
  const script = [
    c2s(paths.map(request).join(''), 1e6),
    s2c([201, 202, 203, 204].map((status) => answer(status === 204 ? 206 : status)).join(''), 2e6),
    c2s(request('/5'), 3e6),
    s2c(answer(205), 4e6),
  ];
  const heard = hear(script, { options: { max_pipelined: 2 } });
  assert.deepEqual(summary(script, { options: { max_pipelined: 2 } }), [
    'GET /3 - truncated',
    'GET /4 - truncated',
    'GET /1 201 success',
    'GET /2 202 success',
    '- - 203 unsolicited',
    '- - 206 unsolicited',
    'GET /5 205 success',
  ]);
  assert.deepEqual([...heard.anomalies], [['http.too_many_pipelined', 2]]);
});

test('the session learns hosts, methods, agents, servers, statuses and the count', () => {
  const script = [
    c2s('GET http://B.example/x HTTP/1.1\r\nHost: ignored\r\nUser-Agent: u1\r\n\r\n', 1),
    s2c(`HTTP/1.1 200 OK\r\nServer: s1\r\nContent-Length: 0\r\n\r\n`, 2),
    c2s('PUT / HTTP/1.1\r\nHost: a\r\nUser-Agent: u2\r\n\r\n', 3),
    s2c(ok, 4),
  ];
  const heard = hear(script, { details: false });
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'url.domain': ['b.example', 'a'],
    'http.request.method': ['GET', 'PUT'],
    'user_agent.original': ['u1', 'u2'],
    'http.response.status_code': [200],
    'http.response.server': ['s1'],
    'http.request.count': [2],
  });
});
