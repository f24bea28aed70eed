// First lines and headers: what is read, what is tolerated, what is an anomaly, and the bounds.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { DONE } from '../../../src/decoders/index.ts';
import { assertCutInvariant, c2s, s2c } from '../decoder-kit.ts';
import { authenticateMessage, challengeMessage, responseToken } from '../ntlm/wire-messages.ts';
import { exchange, type Fields, get, hear, ok, records, summary } from './talk.ts';

function requestFields(request: string, options: Record<string, unknown> = {}): Fields {
  const [fields] = records(exchange(request, ok), { options });
  assert.ok(fields);
  return fields;
}

const anomalies = (request: string, options: Record<string, unknown> = {}): string[] => [
  ...hear(exchange(request, ok), { options }).anomalies.keys(),
];

test('request lines that are not by the book', () => {
  for (const [line, method, target] of [
    ['GET  /a  HTTP/1.1', 'GET', '/a'],
    ['GET /a HTTP/1.1 ', 'GET', '/a'],
    ['GET\t/a HTTP/1.1', 'GET', '/a'],
    ['GET /a b\tc HTTP/1.1', 'GET', '/a b\tc'],
    ['get /a HTTP/1.0', 'get', '/a'],
  ] as const) {
    const fields = requestFields(`${line}\r\n\r\n`);
    assert.equal(fields['http.request.method'], method);
    assert.equal(fields['url.original'], target);
    assert.deepEqual(anomalies(`${line}\r\n\r\n`), ['http.lax_request_line'], line);
    assertCutInvariant(httpDecoder, exchange(`${line}\r\n\r\n`, ok));
  }
  assert.equal(requestFields('FOO-BAR /a HTTP/1.1\r\n\r\n')['http.request.method'], 'FOO-BAR');
  assert.deepEqual(anomalies('FOO-BAR /a HTTP/1.1\r\n\r\n'), []);
});

test('lines that are no request line: the next one is found', () => {
  for (const line of [
    'GET /',
    'GET HTTP/1.1',
    'GET / HTTP/2.0',
    'GET / HTTP/1.x',
    '{"a": 1}',
    `${'M'.repeat(33)} / HTTP/1.1`,
    '\x16\x03\x01',
  ]) {
    const script = [c2s(get, 1), s2c(ok, 2), c2s(`${line}\r\n`, 3), c2s('GET /2 HTTP/1.1\r\n\r\n', 4), s2c(ok, 5)];
    assert.deepEqual(summary(script), ['GET / 200 success', 'GET /2 200 success'], line);
    assert.deepEqual([...hear(script).anomalies], [['http.bad_request_line', 1]], line);
    assertCutInvariant(httpDecoder, script);
  }
});

test('status lines', () => {
  for (const [line, status, reason] of [
    ['HTTP/1.0 200 OK', 200, 'OK'],
    ['HTTP/1.1 404', 404, undefined],
    ['HTTP/1.1 404 ', 404, undefined],
    ['HTTP/1.1  500 Very  bad ', 500, 'Very  bad'],
    ['HTTP/1.1 999 What', 999, 'What'],
  ] as const) {
    const [fields] = records(exchange(get, `${line}\r\nContent-Length: 0\r\n\r\n`));
    assert.equal(fields?.['http.response.status_code'], status);
    assert.equal(fields?.['http.response.reason'], reason);
  }
  for (const line of ['HTTP/1.1 20 OK', 'HTTP/1.1 2000 OK', 'HTTP/2.0 200 OK', 'HTTP/1.1 OK', 'ICY 200 OK', 'HTTP/1.1 099 X']) {
    const script = [...exchange(get, `${line}\r\n\r\n`), s2c('HTTP/1.1 201 Made\r\nContent-Length: 0\r\n\r\n', 2e6)];
    assert.deepEqual(summary(script), ['GET / 201 success'], line);
    assert.deepEqual([...hear(script).anomalies], [['http.bad_status_line', 1]], line);
    assertCutInvariant(httpDecoder, script);
  }
});

test('headers become fields, whatever the case of their names and the space around them', () => {
  const [fields] = records(
    exchange(
      'POST /p?q=1?2#f HTTP/1.1\r\nhOsT:   WWW.Example.org:81  \r\nUSER-AGENT:\tAgent/1 (x)\r\nreferer: http://r/\r\n' +
        'content-TYPE: Text/Plain ; charset=x\r\nContent-Encoding: GZIP\r\nContent-Length: 0\r\n\r\n',
      'HTTP/1.0 302 Found\r\nserver:nginx\r\nLOCATION: https://n/\r\nContent-Type: a/b,c/d\r\ncontent-range: bytes 0-1/2\r\ncontent-length:0\r\n\r\n',
    ),
  );
  const wanted = {
    'http.version': '1.1',
    'url.original': '/p?q=1?2#f',
    'url.path': '/p',
    'url.query': 'q=1?2#f',
    'url.domain': 'www.example.org',
    'url.port': 81,
    'url.full': 'http://WWW.Example.org:81/p?q=1?2#f',
    'user_agent.original': 'Agent/1 (x)',
    'http.request.referrer': 'http://r/',
    'http.request.mime_type': 'text/plain',
    'http.request.content_encoding': 'gzip',
    'http.response.server': 'nginx',
    'http.response.location': 'https://n/',
    'http.response.mime_type': 'a/b',
    'http.response.content_range': 'bytes 0-1/2',
  };
  for (const [name, value] of Object.entries(wanted)) assert.equal(fields?.[name], value, name);
});

test('header lines that are not by the book', () => {
  const bad = (line: string): string => `GET / HTTP/1.1\r\n${line}\r\nHost: h\r\n\r\n`;
  for (const line of ['no colon', ': no name', 'b\x01d: x', ' starts with space: x']) {
    assert.deepEqual(anomalies(bad(line)), ['http.bad_header'], line);
    assert.equal(requestFields(bad(line))['url.domain'], 'h', line);
  }
  assert.equal(requestFields('GET / HTTP/1.1\r\nUser-Agent : x\r\n\r\n')['user_agent.original'], 'x');
  assert.deepEqual(anomalies('GET / HTTP/1.1\r\nUser-Agent : x\r\n\r\n'), ['http.bad_header']);
  assert.equal(requestFields('GET / HTTP/1.1\r\nUser-Agent: a\r\n\tb\r\n  c\r\n\r\n')['user_agent.original'], 'a b c');
  assert.deepEqual(anomalies('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n'), ['http.repeated_host']);
  assert.equal(requestFields('GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n')['url.domain'], 'a');
});

test('text is UTF-8 where it is valid, else Latin-1', () => {
  assert.equal(requestFields(`GET /${Buffer.from('é€').toString('latin1')} HTTP/1.1\r\n\r\n`)['url.original'], '/é€');
  assert.equal(requestFields('GET / HTTP/1.1\r\nUser-Agent: caf\xe9\r\n\r\n')['user_agent.original'], 'café');
});

test('credentials: scheme and user, never the secret', () => {
  const basic = Buffer.from('al:ice:secret').toString('base64');
  for (const [value, scheme, user] of [
    [`Basic ${basic}`, 'basic', 'al'],
    ['Bearer s3cret.token', 'bearer', undefined],
    ['NTLM TlRMTVNTUAABAAAA', 'ntlm', undefined],
    ['Digest username="b\\"ob", realm="s3cret", response="s3cret"', 'digest', 'b"ob'],
    ['s3cret', undefined, undefined],
    ['Basic !!!', 'basic', undefined],
  ] as const) {
    for (const name of ['Authorization', 'Proxy-Authorization']) {
      const heard = hear(exchange(`GET / HTTP/1.1\r\n${name}: ${value}\r\n\r\n`, ok), {
        options: { request_headers: [name], header_names: true },
      });
      const fields = heard.records[0]?.fields;
      assert.equal(fields?.['http.request.auth_scheme'], scheme);
      assert.equal(fields?.['user.name'], user);
      const all = JSON.stringify([heard.records, [...heard.notes]]);
      assert.ok(!/s3cret|secret|TlRM/.test(all) && !all.includes(basic), all);
    }
  }
});

test('NTLM in credentials and challenges, bare and negotiated, is said in the session whatever document is written', () => {
  const authenticate = responseToken(authenticateMessage('DOM', 'Ann', 'PC')).toString('base64');
  const challenge = challengeMessage('TARGET').toString('base64');
  const heard = hear(
    exchange(
      `GET / HTTP/1.1\r\nProxy-Authorization: Negotiate ${authenticate}\r\n\r\n`,
      `HTTP/1.1 407 No\r\nContent-Length: 0\r\nProxy-Authenticate: Negotiate\r\nproxy-authenticate:\tntlm \t${challenge} \r\n\r\n`,
    ),
  );
  assert.deepEqual([heard.notes.get('ntlm.type'), heard.notes.get('related.user')], [[3, 2], ['ann']]);
  assert.deepEqual([heard.notes.get('ntlm.target_name'), heard.protocols], [['TARGET'], ['ntlm']]);
});

test('headers by option: values and names, cookies only when asked for', () => {
  const request = 'GET / HTTP/1.1\r\nCookie: c=1\r\nX-A: one\r\nAccept: */*\r\nx-a: two\r\n\r\n';
  const bare = requestFields(request);
  assert.equal(bare['http.request.headers'], undefined);
  assert.ok(!JSON.stringify(bare).includes('c=1'));
  const full = requestFields(request, {
    request_headers: ['X-A', 'cookie', 'Host'],
    response_headers: ['Content-Length'],
    header_names: true,
  });
  assert.deepEqual(full['http.request.headers'], { cookie: ['c=1'], 'x-a': ['one', 'two'] });
  assert.deepEqual(full['http.request.header_names'], ['cookie', 'x-a', 'accept', 'x-a']);
  assert.deepEqual(full['http.response.headers'], { 'content-length': ['0'] });
  assert.deepEqual(full['http.response.header_names'], ['content-length']);
});

test('bound: max_head_bytes', () => {
  const options = { max_head_bytes: 1024 };
  const exact = `GET /1 HTTP/1.1\r\nA: ${'x'.repeat(1024 - 17 - 5 - 2)}\r\n\r\n`;
  assert.equal(exact.length, 1024);
  assert.deepEqual(anomalies(exact, options), []);
  for (const request of [
    exact.replace('A: ', 'A: x'),
    `GET /1 HTTP/1.1\r\n${'B: y\r\n'.repeat(300)}\r\n`,
    `GET /1 HTTP/1.1\r\nA: a\r\n${' f\r\n'.repeat(400)}\r\n`,
  ]) {
    const script = [...exchange(request, ok), ...exchange('GET /2 HTTP/1.1\r\nHost: h\r\n\r\n', ok)];
    const heard = hear(script, { options });
    assert.deepEqual(summary(script, { options }), ['GET /1 200 success', 'GET /2 200 success']);
    assert.equal(heard.records[0]?.fields['http.request.incomplete'], true);
    assert.equal(heard.anomalies.get('http.head_too_large'), 1);
    assertCutInvariant(httpDecoder, script, { options });
  }
  const endless = [
    ...exchange(get, ok),
    c2s(`GET /${'u'.repeat(5000)} HTTP/1.1\r\n\r\n`, 3),
    ...exchange('GET /2 HTTP/1.1\r\n\r\n', ok),
  ];
  assert.deepEqual(summary(endless, { options }), ['GET / 200 success', 'GET /2 200 success']);
  assert.deepEqual([...hear(endless, { options }).anomalies], [['http.head_too_large', 1]]);
});

test('bound: trailers', () => {
  const options = { max_head_bytes: 1024 };
  const long = `HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n${'T: x\r\n'.repeat(400)}\r\n`;
  const script = [...exchange(get, long), ...exchange('GET /2 HTTP/1.1\r\n\r\n', ok)];
  assert.deepEqual(summary(script, { options }), ['GET / 200 truncated', 'GET /2 200 success']);
  assert.deepEqual([...hear(script, { options }).anomalies], [['http.head_too_large', 1]]);
});

test('bound: max_headers; the framing is still read', () => {
  const request = `POST / HTTP/1.1\r\n${'A: b\r\n'.repeat(9)}User-Agent: late\r\nContent-Length: 2\r\n\r\nab`;
  const fields = requestFields(request, { max_headers: 8 });
  assert.equal(fields['user_agent.original'], undefined);
  assert.equal(fields['http.request.body.bytes'], 2);
  assert.deepEqual(anomalies(request, { max_headers: 8 }), ['http.too_many_headers']);
});

test('bounds: max_uri_bytes and max_value_bytes', () => {
  const fields = requestFields(`GET /${'u'.repeat(200)} HTTP/1.1\r\nUser-Agent: ${'a'.repeat(200)}\r\n\r\n`, {
    max_uri_bytes: 100,
    max_value_bytes: 64,
  });
  assert.equal(fields['url.original'], `/${'u'.repeat(99)}`);
  assert.equal(fields['user_agent.original'], 'a'.repeat(64));
  assert.deepEqual(anomalies(`GET /${'u'.repeat(200)} HTTP/1.1\r\n\r\n`, { max_uri_bytes: 100 }), ['http.uri_too_long']);
});

test('bound: resync_bytes', () => {
  const script = [...exchange(get, ok), c2s(`?${'nothing here\n'.repeat(100)}`, 3), ...exchange('GET /2 HTTP/1.1\r\n\r\n', ok)];
  assert.deepEqual(summary(script), ['GET / 200 success', 'GET /2 200 success']);
  const options = { resync_bytes: 1000 };
  assert.deepEqual(summary(script, { options }), ['GET / 200 success', '- - 200 unsolicited']);
  assert.deepEqual(
    [...hear(script, { options }).anomalies.keys()],
    ['http.bad_request_line', 'http.lost_track', 'http.response_without_request'],
  );
  const bothLost = [...script, s2c(`?${'nothing here\n'.repeat(100)}`, 4), c2s(get, 5)];
  assert.equal(hear(bothLost, { options }).finalVerdict, DONE);
  assert.deepEqual(summary(bothLost, { options }), summary(script, { options }));
});
