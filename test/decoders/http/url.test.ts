// Parts of request targets in their four forms.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { UrlParts } from '../../../src/decoders/http/url.ts';

function parts(method: string, target: string, host: string): (string | number | undefined)[] {
  const url = new UrlParts();
  url.read(method, target, host);
  return [
    url.scheme,
    url.domain,
    url.port,
    url.pathFrom === -1 ? undefined : target.slice(url.pathFrom, url.pathTo),
    url.queryFrom === -1 ? undefined : target.slice(url.queryFrom),
  ];
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
  ['GET', '/', 'a:99999', ['http', 'a', 0, '/', undefined]],
  ['OPTIONS', '*', 'a', ['http', 'a', 0, undefined, undefined]],
  ['CONNECT', 'a.b:443', 'c', ['http', 'a.b', 443, undefined, undefined]],
];

for (const [method, target, host, wanted] of cases) {
  test(`${method} ${target} with Host ${host || 'missing'}`, () => assert.deepEqual(parts(method, target, host), wanted));
}
