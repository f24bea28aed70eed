// Recognition by the first bytes.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { Verdict } from '../../../src/decoders/index.ts';

function probe(text: string): number {
  const bytes = Buffer.from(`##${text}##`, 'latin1');
  return httpDecoder.probe(0, bytes, 2, bytes.length - 2);
}

const cases: readonly [text: string, verdict: number][] = [
  ['GET / HTTP/1.1\r\nHost: a\r\n', Verdict.certain],
  ['\r\n\r\nGET / HTTP/1.0\n', Verdict.certain],
  ['M-SEARCH * HTTP/1.1\r\n', Verdict.certain],
  ['CONNECT a:443 HTTP/1.1\r\n', Verdict.certain],
  [`GET /${'x'.repeat(400)}`, Verdict.certain],
  [`GET http://h/${'x'.repeat(400)}`, Verdict.certain],
  ['HTTP/1.1 200 OK\r\n', Verdict.certain],
  ['HTTP/1.0 404\r\n', Verdict.certain],
  ['FROB /x HTTP/1.1\r\n', Verdict.maybe],
  ['get / HTTP/1.1\r\n', Verdict.maybe],
  ['', Verdict.needMore],
  ['\r\n', Verdict.needMore],
  ['G', Verdict.needMore],
  ['GET', Verdict.needMore],
  ['GET /abc', Verdict.certain],
  ['GET *', Verdict.needMore],
  ['H', Verdict.needMore],
  ['HTTP/1.1 2', Verdict.needMore],
  ['GET /\r\n', Verdict.certain],
  ['GET *\r\n', Verdict.no],
  ['GET * HTTP/2.0\r\n', Verdict.no],
  ['PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', Verdict.no],
  ['OPTIONS rtsp://h/ RTSP/1.0\r\n', Verdict.no],
  ['INVITE sip:a@b SIP/2.0\r\n', Verdict.no],
  ['EHLO mail.example\r\n', Verdict.no],
  ['SSH-2.0-x\r\n', Verdict.no],
  ['HTTP/2.0 200 OK\r\n', Verdict.no],
  ['HTTP/1.1 abc\r\n\r\n', Verdict.no],
  ['HTTP/1.1\r\n', Verdict.no],
  ['\x16\x03\x01\x02\x00', Verdict.no],
  [`${'A'.repeat(40)}`, Verdict.no],
  [`FROB /${'x'.repeat(400)}`, Verdict.no],
];

for (const [text, verdict] of cases) {
  test(`${JSON.stringify(text.slice(0, 40))}`, () => assert.equal(probe(text), verdict));
}

test('a probe that asks for more ends where the whole does', () => {
  for (const [text, verdict] of cases) {
    if (verdict === Verdict.needMore) continue;
    let answer: number = Verdict.needMore;
    for (let length = 1; length <= text.length && answer === Verdict.needMore; length++) answer = probe(text.slice(0, length));
    assert.equal(answer, verdict, text.slice(0, 40));
  }
});

test('firstBytes lets every text through that the probe would take', () => {
  for (const [text, verdict] of cases) {
    if (verdict === Verdict.no || text === '') continue;
    assert.ok(httpDecoder.firstBytes?.includes(text.charCodeAt(0)), text.slice(0, 40));
  }
});
