// What HTTP says in Arkime's session document: a table of conversations and their fields, its options, its names for
// protocols inside, and that bodies are hashed however they are cut, framed or holed.

import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { httpDecoder } from '../../../src/decoders/http/index.ts';
import { withConfiguredFields } from '../../../src/decoders/index.ts';
import { assertCutInvariant, assertSurvives, c2s, defaultOptions, type PlayOptions, type Step, s2c } from '../decoder-kit.ts';
import { exchange, hear, ok } from './talk.ts';

type Notes = Record<string, readonly (string | number | boolean)[]>;

const everything = {
  query_values: true,
  cookie_values: true,
  all_request_headers: true,
  all_response_headers: true,
  max_request_body_bytes: 64,
  body_sha256: true,
};

/** Notes of the script's session, by name behind `http.`. */
function notes(script: readonly Step[], options: PlayOptions = {}): Notes {
  const heard = hear(script, options);
  return Object.fromEntries([...heard.notes].map(([name, values]) => [name.replace(/^http\./, ''), values]));
}

function md5(text: string): string {
  return createHash('md5').update(text).digest('hex');
}

const login = [
  c2s(
    'POST /a/b?x=1&&flag&y=%41%2f&z= HTTP/1.1\r\nHost: WWW.Example.com:8080\r\nUser-Agent: \r\nCookie: k=v; e=; n = w\r\n' +
      'X-Forwarded-For: 010.000.000.01, 10.0.0.2\r\nAuthorization: Basic dTpw\r\nX-Mixed: MiXed \r\nContent-Length: 12\r\n\r\npassword=abc',
    1000,
  ),
  s2c('HTTP/1.0 200 OK\r\nServer: S\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n<html>\r\n2;x\r\nhi\r\n0\r\n\r\n', 2000),
];

test('a request and its response', () => {
  const said = notes(login, { options: everything });
  const wanted: Notes = {
    host: ['www.example.com:8080', 'www.example.com'],
    uri: ['www.example.com:8080/a/b?x=1&&flag&y=%41%2f&z='],
    path: ['/a/b'],
    key: ['x', 'flag', 'y', 'z'],
    value: ['1', 'A/'],
    cookie_key: ['k', 'e', 'n '],
    cookie_value: ['v', 'w'],
    useragent: [''],
    xff_ip: ['10.0.0.1'],
    auth_type: ['basic'],
    user: ['u'],
    method: ['POST'],
    'method_count.post': [1],
    client_version: ['1.1'],
    server_version: ['1.0'],
    statuscode: [200],
    request_header: ['host', 'user-agent', 'cookie', 'x-forwarded-for', 'authorization', 'x-mixed', 'content-length'],
    request_header_field: ['cookie', 'authorization', 'x-mixed', 'content-length'],
    request_header_value: ['k=v; e=; n = w', 'basic dtpw', 'mixed', '12'],
    response_header_field: ['server', 'transfer-encoding'],
    response_header_value: ['s', 'chunked'],
    md5: [md5('password=abc'), md5('<html>hi')],
    body_magic: ['text/html'],
    request_body: ['password=abc'],
    tags: ['http:password'],
  };
  for (const [name, values] of Object.entries(wanted)) assert.deepEqual(said[name], values, name);
  assert.equal(said.sha256?.length, 2);
});

test('defaults note neither values nor all headers', () => {
  const said = notes(login);
  for (const name of ['value', 'cookie_value', 'request_header_value', 'response_header_field', 'sha256']) {
    assert.equal(said[name], undefined, name);
  }
  assert.equal(said.md5?.length, 2);
  assert.equal(notes(login, { details: false }).md5, undefined);
});

test('the document of any cut is the same', () => {
  // The end of a value is the same for a line that comes whole and for one that does not.
  const returns = [c2s('GET / HTTP/1.1\r\nUser-Agent:\r\r\nX-A: b \r\r\n\r\n')];
  assert.deepEqual(notes(returns).useragent, ['']);
  assertCutInvariant(httpDecoder, returns, { options: everything });
  assertCutInvariant(httpDecoder, login, { options: everything });
  assertSurvives(httpDecoder, login);
});

test('URIs by the form of the target and the Host header', () => {
  const uriOf = (head: string): unknown => {
    const { uri, path, tags } = notes([c2s(`${head}\r\n\r\n`)]);
    return [uri?.[0], path?.[0], ...(tags ?? [])];
  };
  assert.deepEqual(uriOf('GET /x HTTP/1.1'), ['/x', undefined]);
  assert.deepEqual(uriOf('GET http://a.b/x?q HTTP/1.1\r\nHost: a.b'), ['http://a.b/x?q', 'http://a.b/x']);
  assert.deepEqual(uriOf('GET http://other/x HTTP/1.1\r\nHost: a.b'), ['a.b;http://other/x', 'http://other/x']);
  assert.deepEqual(uriOf('CONNECT a.b:443 HTTP/1.1'), ['a.b:443', undefined]);
  assert.deepEqual(uriOf('GET /x HTTP/1.1\r\nHost: [2001:db8::1]:80'), ['[2001:db8::1]:80/x', '/x']);
  const [long, , tag] = uriOf(`GET /${'x'.repeat(5000)} HTTP/1.1\r\nHost: a`) as string[];
  assert.deepEqual([long?.length, tag], [4096, 'http:url-truncated']);
  // The parser stops at the space, and at methods that it does not know.
  const odd = notes(exchange('GET /a b HTTP/1.1\r\nHost: h\r\n\r\n', ok));
  assert.deepEqual([odd.uri, odd.method, odd.host, odd.statuscode], [['/a'], undefined, undefined, [200]]);
  const unknown = notes(exchange('FROB /a HTTP/1.1\r\nHost: h\r\n\r\n', ok));
  assert.deepEqual([unknown.uri, unknown.method, unknown.statuscode], [undefined, undefined, [200]]);
});

test('protocols inside of HTTP are named', () => {
  const namesOf = (line: string): string[] => hear([c2s(`${line} HTTP/1.1\r\nHost: h\r\n\r\n`)]).protocols;
  assert.deepEqual(namesOf('GET /certsrv/'), ['adcs-web']);
  assert.deepEqual(namesOf('GET /CertSrv/certfnsh.asp'), ['adcs-web']);
  assert.deepEqual(namesOf('GET /certsrv/mscep/mscep.dll?operation=GetCACert'), ['adcs-ndes']);
  assert.deepEqual(namesOf('POST /ADPolicyProvider_CEP_Kerberos/service.svc/CEP'), ['adcs-cep']);
  assert.deepEqual(namesOf('POST /CA1_CES_Kerberos/service.svc/CES'), ['adcs-ces']);
  assert.deepEqual(namesOf('POST /wsman?PSVersion=5.1'), ['winrm']);
  assert.deepEqual(namesOf('POST /wsmania'), []);
  assert.deepEqual(namesOf('GET /certsrvx'), []);
  assert.deepEqual(namesOf('RPC_IN_DATA /rpc/rpcproxy.dll?a:6001'), ['rpc-over-http']);
});

test('who answers first is the client until a request says otherwise', () => {
  const first = notes([c2s('HTTP/1.0 403 No\r\nA: b\r\nContent-Length: 2\r\n\r\nhi')], { options: everything });
  assert.deepEqual(
    [first.request_header, first.request_body, first.response_header],
    [['a', 'content-length'], ['hi'], undefined],
  );
  const second = notes([s2c('HTTP/1.0 403 No\r\nA: b\r\nContent-Length: 2\r\n\r\nhi')], { options: everything });
  assert.deepEqual([second.request_header, second.request_body, second.response_header?.length], [undefined, undefined, 2]);
});

test('an upgrade that is agreed to takes the count of its request along', () => {
  const upgrade = 'GET /c HTTP/1.1\r\nHost: h\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n';
  const agreed = notes(exchange(upgrade, 'HTTP/1.1 101 Switching\r\nUpgrade: websocket\r\n\r\n'));
  assert.deepEqual([agreed.method, agreed['method_count.get']], [['GET'], undefined]);
  assert.deepEqual(notes(exchange(upgrade, ok))['method_count.get'], [1]);
});

test('bodies: hashed when whole, with their type when not', () => {
  const head = 'HTTP/1.1 200 OK\r\nContent-Length: 20\r\n\r\n';
  const get = c2s('GET / HTTP/1.1\r\nHost: h\r\n\r\n', 1);
  const cutOff = notes([get, s2c(`${head}GIF89a`, 2)], { end: 'timeout' });
  assert.deepEqual([cutOff.md5, cutOff.body_magic], [undefined, ['image/gif']]);
  const holed = notes([get, s2c(`${head}GIF89a`, 2), { direction: 1, gap: 4, timeUs: 3 }, s2c('0123456789', 4)]);
  assert.deepEqual([holed.md5, holed.body_magic], [undefined, ['image/gif']]);
  const untilClose = notes([get, s2c('HTTP/1.0 200 OK\r\n\r\nbody', 2)], { end: 'timeout' });
  assert.deepEqual(untilClose.md5, [md5('body')]);
  const post = (body: string): unknown =>
    notes([c2s(Buffer.from(`POST / HTTP/1.1\r\nContent-Length: ${body.length}\r\n\r\n${body}`, 'latin1'))]).request_body;
  assert.deepEqual(post('a=b'), ['a=b']);
  assert.equal(post('a\0b'), undefined);
  assert.equal(post('a\xffb'), undefined);
  assert.equal(post('x'.repeat(257)), undefined);
});

test('the config gives headers fields of their own', () => {
  const options = {
    ...defaultOptions(httpDecoder),
    request_header_fields: ['Referer:count', 'x-n:integer'],
    response_header_fields: ['location', 'x-via:ip:count', 'x-low:lower'],
  };
  const added = withConfiguredFields(httpDecoder, options).sessionFields.slice(httpDecoder.sessionFields.length);
  assert.deepEqual(
    added.map(({ arkime }) => [arkime?.path, arkime?.kind, arkime?.count]),
    [
      ['http.request-referer', 'termfield', 'Cnt'],
      ['http.request-x-n', 'integer', undefined],
      ['http.response-location', 'termfield', undefined],
      ['http.response-x-via', 'ip', 'Cnt'],
      ['http.response-x-low', 'lotermfield', undefined],
    ],
  );
  const said = notes(
    exchange(
      'GET / HTTP/1.1\r\nReferer: http://R/\r\nX-N: 42 apples\r\n\r\n',
      'HTTP/1.1 302 Found\r\nLocation: /L\r\nX-Via: 10.0.0.1, nobody, 2001:db8::1\r\nX-Low: ABC\r\nContent-Length: 0\r\n\r\n',
    ),
    { options: { ...options, ...everything } },
  );
  assert.deepEqual(said['request_header.referer'], ['http://R/']);
  assert.deepEqual(said['request_header.x_n'], [42]);
  assert.deepEqual(said['response_header.location'], ['/L']);
  assert.deepEqual(said['response_header.x_via'], ['10.0.0.1', '2001:db8::1']);
  assert.deepEqual(said['response_header.x_low'], ['abc']);
  assert.deepEqual(said.response_header_field, ['content-length']);
});

test('NTLM messages of both sides are read where they stand alone in a header', () => {
  const message = (type: number): string => {
    const bytes = Buffer.alloc(40);
    bytes.write('NTLMSSP\0', 'latin1');
    bytes[8] = type;
    return bytes.toString('base64');
  };
  const script = exchange(
    `GET / HTTP/1.1\r\nHost: h\r\nAuthorization: NTLM ${message(1)}\r\n\r\n`,
    `HTTP/1.1 401 No\r\nWWW-Authenticate: Negotiate ${message(2)}\r\nContent-Length: 0\r\n\r\n`,
  );
  const heard = hear(script);
  assert.deepEqual(
    [heard.protocols, heard.notes.get('ntlm.type'), heard.notes.get('http.auth_type')],
    [['ntlm'], [1, 2], ['ntlm']],
  );
});

test('blanks in a value cost no more than their length', () => {
  const started = performance.now();
  const request = `GET / HTTP/1.1\r\nuser-agent: \t a${' '.repeat(60_000)}b \r\n\r\n`;
  assert.deepEqual(notes([c2s(request)]).useragent, [`a${' '.repeat(60_000)}b`]);
  assert.ok(performance.now() - started < 500);
});
