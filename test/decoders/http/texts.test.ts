// Texts on their way from the wire to the record: met for the first time and again, in any bytes, and more than fit a
// block; and a decoder that is used again.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import type { DecoderDefinition } from '../../../src/decoders/index.ts';
import { c2s, cut, defaultOptions, play, s2c } from '../decoder-kit.ts';
import { conversation, exchange, ok, records } from './talk.ts';

/** What the decoder should make of bytes: UTF-8 where they are valid UTF-8, else Latin-1. */
function meant(bytes: Uint8Array): string {
  const text = Buffer.from(bytes).toString();
  return text.includes('\ufffd') ? Buffer.from(bytes).toString('latin1') : text;
}

function requestWith(header: string, value: Uint8Array): Buffer {
  return Buffer.concat([Buffer.from(`GET / HTTP/1.1\r\n${header}: `), value, Buffer.from('\r\n\r\n')]);
}

const headers = [
  ['Host', 'http.request.host'],
  ['User-Agent', 'user_agent.original'],
  ['Referer', 'http.request.referrer'],
  ['X-Forwarded-For', 'http.request.forwarded_for'],
] as const;

for (const [header, field] of headers) {
  test(`${header}: whatever its bytes, the third time as the first`, () => {
    // No line ends, and no space at the ends, which is none of the value.
    const inner = fc.integer({ min: 0, max: 255 }).filter((byte) => byte !== 0x0a && byte !== 0x0d);
    const edge = inner.filter((byte) => byte !== 0x20 && byte !== 0x09);
    const value = fc.tuple(edge, fc.array(inner, { maxLength: 40 }), edge).map(([a, bytes, b]) => Uint8Array.of(a, ...bytes, b));
    const word = fc.string({ minLength: 1, maxLength: 12 }).map((text) => Buffer.from(`x${text.replace(/[\r\n]/g, '')}é`));
    fc.assert(
      fc.property(fc.oneof(value, word), (bytes) => {
        for (let times = 1; times <= 3; times++) {
          const [fields] = records([c2s(requestWith(header, bytes), 1), s2c(ok, 2)]);
          assert.equal(fields?.[field], meant(bytes), `time ${times}`);
        }
      }),
      { numRuns: 200, seed: 4 },
    );
  });
}

test('texts that records say in lower case, the third time as the first', () => {
  const head =
    'HTTP/1.1 200 OK\r\nContent-Type: Text/X-Lower; a=B\r\nContent-Encoding: GZip\r\nTransfer-Encoding: Chunked\r\n\r\n0\r\n\r\n';
  for (let times = 1; times <= 3; times++) {
    const [fields] = records(exchange('GET / HTTP/1.1\r\nHost: UPPER.example:81\r\n\r\n', head));
    assert.equal(fields?.['http.response.mime_type'], 'text/x-lower');
    assert.equal(fields?.['http.response.content_encoding'], 'gzip');
    assert.equal(fields?.['http.response.transfer_encoding'], 'chunked');
    assert.equal(fields?.['http.request.host'], 'UPPER.example:81');
    assert.equal(fields?.['url.domain'], 'upper.example');
    assert.equal(fields?.['url.port'], 81);
  }
});

test('texts that fill more than a block, in many transactions at a time', () => {
  const target = (index: number): string => `/${index}/${'p'.repeat(700 + index * 40)}?q=${'x'.repeat(index * 60)}`;
  const referer = (index: number): string => `http://r/${'r'.repeat(index * 97)}`;
  const count = 40;
  const requests = Array.from(
    { length: count },
    (_, index) => `GET ${target(index)} HTTP/1.1\r\nHost: h${index}\r\nReferer: ${referer(index)}\r\n\r\n`,
  );
  const script = [c2s(requests.join(''), 1), s2c(ok.repeat(count), 2)];
  for (const steps of [script, cut(script, [700, 33, 1460])]) {
    const heard = records(steps);
    assert.equal(heard.length, count);
    heard.forEach((fields, index) => {
      assert.equal(fields['url.original'], target(index));
      assert.equal(fields['url.full'], `http://h${index}${target(index)}`);
      assert.equal(fields['url.path'], target(index).split('?')[0]);
      assert.equal(fields['url.query'], target(index).split('?')[1]);
      assert.equal(fields['url.domain'], `h${index}`);
      assert.equal(fields['http.request.referrer'], referer(index));
    });
  }
});

test('a decoder that is used again says what a new one says', () => {
  const used = httpDecoder.create(
    {
      transport: 'tcp',
      clientPort: 1,
      serverPort: 2,
      startUs: 0,
      handoverAt: 0,
      details: false,
      protocol(): void {},
      isClientAddress: () => false,
      emit() {},
      note() {},
      anomaly() {},
    },
    defaultOptions(httpDecoder),
  );
  const again: DecoderDefinition = {
    ...httpDecoder,
    create: (context) => {
      used.recycle?.(context);
      return used;
    },
  };
  const scripts = [
    conversation,
    // Left in the middle of a line, of a chunk, of a body, of a search, and waiting for answers.
    [c2s('GET / HTTP/1.1\r\nHo', 1)],
    [c2s('GET / HTTP/1.1\r\n\r\n', 1), s2c('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nab', 2)],
    [c2s('POST / HTTP/1.1\r\nContent-Length: 10\r\nExpect: 100-continue\r\n\r\n', 1), s2c(ok, 2), c2s('GE', 3)],
    [c2s('nonsense\r\nGET /a HT', 1), s2c('HTTP/1.1 100 Continue\r\n\r\n', 2)],
    [s2c(ok, 1), c2s('GET /1 HTTP/1.1\r\n\r\nGET /2 HTTP/1.1\r\n\r\n', 2)],
    [c2s('CONNECT a:1 HTTP/1.1\r\n\r\n', 1), s2c('HTTP/1.1 200 OK\r\n\r\n', 2)],
  ];
  for (const first of scripts) {
    for (const second of scripts) {
      play(again, first);
      assert.deepEqual(play(again, second), play(httpDecoder, second));
    }
  }
});
