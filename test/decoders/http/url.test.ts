// Parts of request targets in their four forms.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { methodOf } from '../../../src/decoders/http/methods.ts';
import { HttpTransaction } from '../../../src/decoders/http/transaction.ts';
import { knownHosts, UrlParts } from '../../../src/decoders/http/url.ts';
import type { ByteText } from '../../../src/record/index.ts';
import { plain } from '../decoder-kit.ts';

const textOf = (text: ByteText | undefined): string | undefined =>
  text === undefined ? undefined : Buffer.from(text.bytes.subarray(text.from, text.to)).toString();

/** `known`: the host has been met before, so that its parts are. */
function parts(method: string, target: string, host: string, known: boolean): (string | number | undefined)[] {
  const transaction = new HttpTransaction();
  const { area } = transaction;
  transaction.method = methodOf(Buffer.from(method), 0, method.length);
  transaction.target = area.keep(Buffer.from(target), 0, target.length);
  const bytes = Buffer.from(host);
  if (!known) transaction.host = area.keep(bytes, 0, bytes.length);
  else for (let times = 0; times < 3; times++) transaction.host = area.keepRepeated(knownHosts, bytes, 0, bytes.length);
  const url = new UrlParts();
  url.read(transaction);
  return [plain(url.scheme) as string, textOf(url.domain()), url.port, textOf(url.path()), textOf(url.query())];
}

const cases: readonly [method: string, target: string, host: string, wanted: (string | number | undefined)[]][] = [
  ['GET', '/', 'a', ['http', 'a', 0, '/', undefined]],
  ['GET', '/p?', 'A.B:80', ['http', 'a.b', 80, '/p', '']],
  ['GET', '/p?u=http://x/', '', ['http', '', 0, '/p', 'u=http://x/']],
  ['GET', '?q', 'a', ['http', 'a', 0, undefined, 'q']],
  ['GET', 'HTTPS://u:p@Host:8443/x/y?z', 'other', ['https', 'host', 8443, '/x/y', 'z']],
  ['GET', 'http://host', 'other', ['http', 'host', 0, undefined, undefined]],
  ['GET', 'http://host?q', 'other', ['http', 'host', 0, undefined, 'q']],
  ['GET', 'http://[2001:db8::1]:81/', 'other', ['http', '[2001:db8::1]', 81, '/', undefined]],
  ['GET', '/', '[::1]', ['http', '[::1]', 0, '/', undefined]],
  ['GET', '/', '2001:db8::1', ['http', '2001:db8::1', 0, '/', undefined]],
  ['GET', '/', 'a:', ['http', 'a', 0, '/', undefined]],
  ['GET', '/', 'Bücher.Example', ['http', 'bücher.example', 0, '/', undefined]],
  ['GET', '/', 'a:99999', ['http', 'a', 0, '/', undefined]],
  ['OPTIONS', '*', 'a', ['http', 'a', 0, undefined, undefined]],
  ['CONNECT', 'a.b:443', 'c', ['http', 'a.b', 443, undefined, undefined]],
];

for (const [method, target, host, wanted] of cases) {
  test(`${method} ${target} with Host ${host || 'missing'}`, () => {
    assert.deepEqual(parts(method, target, host, false), wanted);
    assert.deepEqual(parts(method, target, host, true), wanted, 'a known host');
  });
}
