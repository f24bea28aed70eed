// CONNECT and Upgrade: the stream goes over to another protocol.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { HANDOVER } from '../../../src/decoders/index.ts';
import { assertCutInvariant, c2s, s2c } from '../decoder-kit.ts';
import { exchange, hear, summaryOf } from './talk.ts';

test('CONNECT answered with 200 hands over what follows', () => {
  const script = [
    ...exchange(
      'CONNECT Example.com:443 HTTP/1.1\r\nHost: example.com:443\r\n\r\n',
      'HTTP/1.1 200 Connection established\r\nContent-Length: 5\r\n\r\n',
    ),
    c2s('\x16\x03\x01hello', 3e6),
    s2c('\x16\x03\x03', 4e6),
  ];
  const heard = hear(script);
  assert.equal(heard.finalVerdict, HANDOVER);
  assert.deepEqual(heard.handedOver.map(String), ['\x16\x03\x01hello', '\x16\x03\x03']);
  const fields = heard.records[0]?.fields ?? {};
  assert.equal(summaryOf(fields), 'CONNECT Example.com:443 200 success');
  assert.equal(fields['url.domain'], 'example.com');
  assert.equal(fields['url.port'], 443);
  assert.equal(fields['url.path'], undefined);
  assert.equal(fields['url.full'], undefined);
  assert.deepEqual(heard.notes.get('http.upgrade'), ['connect']);
  assert.equal(heard.heir, '');
  assertCutInvariant(httpDecoder, script);
});

test('bytes of the server behind the head of its answer are handed over', () => {
  const heard = hear(exchange('CONNECT a:25 HTTP/1.0\r\n\r\n', 'HTTP/1.0 200 OK\r\n\r\n220 mail\r\n'));
  assert.equal(String(heard.handedOver[1]), '220 mail\r\n');
});

test('101 hands over and names the protocol', () => {
  const script = [
    ...exchange(
      'GET /chat HTTP/1.1\r\nHost: a\r\nConnection: Upgrade\r\nUpgrade: WebSocket\r\n\r\n',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n\r\n\x81\x02hi',
    ),
    c2s('\x81\x82', 3e6),
  ];
  const heard = hear(script);
  assert.equal(heard.finalVerdict, HANDOVER);
  assert.deepEqual(heard.notes.get('http.upgrade'), ['websocket']);
  assert.equal(heard.heir, 'websocket');
  assert.equal(heard.records[0]?.fields['http.request.upgrade'], 'websocket');
  assert.equal(heard.records[0]?.fields['http.response.upgrade'], 'websocket');
  assert.equal(String(heard.handedOver[1]), '\x81\x02hi'.replace('\x81', '\ufffd'));
  assertCutInvariant(httpDecoder, script);
});

test('an Upgrade that the server ignores changes nothing', () => {
  const heard = hear([
    ...exchange('GET /1 HTTP/1.1\r\nUpgrade: h2c\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'),
    ...exchange('GET /2 HTTP/1.1\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n'),
  ]);
  assert.equal(heard.finalVerdict, undefined);
  assert.deepEqual(
    heard.records.map((record) => summaryOf(record.fields)),
    ['GET /1 200 success', 'GET /2 204 success'],
  );
});

test('early bytes after a CONNECT that is refused are passed over', () => {
  const heard = hear([
    c2s('CONNECT a:443 HTTP/1.1\r\n\r\n', 1e6),
    c2s('\x16\x03\x01 early', 2e6),
    s2c('HTTP/1.1 502 Bad Gateway\r\nContent-Length: 0\r\n\r\n', 3e6),
    ...exchange('GET /2 HTTP/1.1\r\n\r\n', 'HTTP/1.1 204 No Content\r\n\r\n'),
  ]);
  assert.deepEqual(
    heard.records.map((record) => summaryOf(record.fields)),
    ['CONNECT a:443 502 failure', 'GET /2 204 success'],
  );
  assert.equal(heard.anomalies.size, 0);
});

test('requests still open at a handover are recorded at the end', () => {
  const heard = hear(
    [c2s('GET /1 HTTP/1.1\r\nUpgrade: x\r\n\r\nGET /2 HTTP/1.1\r\n\r\n', 1e6), s2c('HTTP/1.1 101 Go\r\n\r\n', 2e6)],
    { end: 'handover' },
  );
  assert.deepEqual(
    heard.records.map((record) => summaryOf(record.fields)),
    ['GET /1 101 success', 'GET /2 - unanswered'],
  );
  assert.deepEqual(heard.notes.get('http.upgrade'), ['x']);
});
