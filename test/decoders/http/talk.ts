// What the tests of the HTTP decoder share: a conversation with all the forms a message can have, and short ways to
// play one and look at the outcome.

import { httpDecoder } from '../../../src/decoders/http/index.ts';
import type { FieldValue } from '../../../src/record/index.ts';
import { c2s, type Heard, type PlayOptions, play, type Step, s2c } from '../decoder-kit.ts';

export type Fields = Readonly<Record<string, FieldValue>>;

export function hear(script: readonly Step[], options: PlayOptions = {}): Heard {
  return play(httpDecoder, script, options);
}

/** Fields of the records, in order. */
export function records(script: readonly Step[], options: PlayOptions = {}): Fields[] {
  return hear(script, options).records.map((record) => record.fields);
}

/** `METHOD target status outcome` of each record; `-` for what is not there. */
export function summary(script: readonly Step[], options: PlayOptions = {}): string[] {
  return records(script, options).map(summaryOf);
}

export function summaryOf(fields: Fields): string {
  const of = (name: string): string => String(fields[name] ?? '-');
  return [of('http.request.method'), of('url.original'), of('http.response.status_code'), of('http.outcome')].join(' ');
}

/** One request and its answer, as given. */
export function exchange(request: string, response: string): Step[] {
  return [c2s(request, 1_000_000), s2c(response, 1_002_500)];
}

export const get = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n';
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n';

export const fin = (direction: 0 | 1, timeUs: number): Step => ({ direction, finished: true, timeUs });
export const hole = (direction: 0 | 1, length: number, timeUs: number): Step => ({ direction, gap: length, timeUs });

/** 100-continue, pipelining, chunks with extension and trailers, HEAD, 304, a folded header, a body until the end. */
export const conversation: readonly Step[] = [
  c2s(
    'POST /upload?a=1 HTTP/1.1\r\nHost: Example.com:8080\r\nUser-Agent: tester/1\r\nExpect: 100-continue\r\nContent-Length: 20\r\n' +
      'Content-Type: application/json\r\nAuthorization: Basic dXNlcjpwYXNz\r\nX-Forwarded-For: 192.0.2.7, [2001:db8::1]:99, junk\r\n\r\n',
    1000,
  ),
  s2c('HTTP/1.1 100 Continue\r\n\r\n', 2000),
  c2s(
    '01234567890123456789\r\nGET /a HTTP/1.1\r\nHost: x\r\nReferer: http://x/\r\n\r\nHEAD /b HTTP/1.1\r\nHost: x\r\n\r\n' +
      'PUT /c HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbody\r\n0\r\n\r\n',
    3000,
  ),
  s2c(
    'HTTP/1.1 201 Created\r\nContent-Length: 3\r\nServer: srv/2\r\nLocation: /new\r\n\r\nabc' +
      'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nContent-Type: text/HTML; charset=x\r\nContent-Encoding: gzip\r\n\r\n' +
      '5;x="y"\r\nhello\r\n0010  \r\n0123456789abcdef\r\n0\r\nX-Trailer: 1\r\n\r\n' +
      'HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\n',
    4000,
  ),
  c2s('GET /d HTTP/1.0\nHost: x\nX-Long: one\n two\n\n', 4500),
  s2c('HTTP/1.1 304 Not Modified\r\nContent-Length: 77\r\n\r\nHTTP/1.0 404 Not Found\r\nConnection: close\r\n\r\nuntil', 5000),
  s2c(' the close', 5500),
  fin(1, 6000),
];
