import assert from 'node:assert/strict';
import { test } from 'node:test';
import { type DecoderContext, DONE } from '../../../src/decoders/index.ts';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { ByteText } from '../../../src/record/index.ts';
import { assertCutInvariant, assertSurvives, c2s, defaultOptions, play, s2c, swapped } from '../decoder-kit.ts';
import {
  chromeHello,
  clientHello,
  extension,
  groups,
  message,
  record,
  retryRandom,
  serverHello,
  serverName,
  u16,
  vector16,
} from './hello-bytes.ts';
import { recordHandshake } from './recorded-handshake.ts';
import { answer, changeCipherSpec, data, type Fields, finished, hello, only, subject, tls13, v12 } from './script-parts.ts';
import { clientCertificate, clientKey, rsaCertificate, rsaKey } from './test-certificates.ts';

test('a TLS 1.2 handshake of node:tls, with certificate', async () => {
  const { script, cipher } = await recordHandshake(
    { ...v12, ALPNProtocols: ['h2', 'http/1.1'] },
    { ALPNProtocols: ['http/1.1'] },
  );
  const heard = play(tlsDecoder, script, { details: false });
  assert.equal(heard.records.length, 1);
  const { fields, timeUs } = heard.records[0] as { fields: Fields; timeUs: number };
  assert.equal(timeUs, 1_000_000);
  assert.equal(fields['tls.outcome'], 'success');
  assert.equal(fields['event.outcome'], 'success');
  assert.equal(fields['tls.established'], true);
  assert.equal(fields['event.duration'], 1_000_000);
  assert.ok((fields['tls.established_us'] as number) > 1000);
  assert.equal(fields['tls.version'], '1.2');
  assert.equal(fields['tls.version_protocol'], 'tls');
  assert.equal(fields['tls.cipher'], cipher);
  assert.equal(fields['tls.curve'], 'x25519');
  assert.equal(fields['tls.resumed'], false);
  assert.equal(fields['tls.next_protocol'], 'http/1.1');
  assert.deepEqual(fields['tls.client.alpn'], ['h2', 'http/1.1']);
  assert.equal(fields['tls.client.server_name'], 'server.ringtap.test');
  assert.ok((fields['tls.client.supported_ciphers'] as string[]).includes(cipher));
  assert.match(String(fields['tls.client.ja3']), /^[0-9a-f]{32}$/);
  assert.match(String(fields['tls.server.ja3s']), /^[0-9a-f]{32}$/);
  assert.match(String(fields['tls.client.ja4']), /^t12d\d{4}h2_[0-9a-f]{12}_[0-9a-f]{12}$/);
  assert.equal(fields['tls.server.subject'], subject);
  assert.equal(fields['tls.server.issuer'], subject);
  assert.equal(fields['tls.server.hash.sha256'], '8C2BE2BEC3CFD448945D147F2D84AB08AD33457311B7CBD59B1A57FC83533C01');
  assert.equal(fields['tls.server.x509.serial_number'], 'A1B2C3D4E5F60718');
  assert.equal(fields['tls.server.x509.version_number'], '3');
  assert.equal(fields['tls.server.not_before'], '2026-11-21T01:27:08.000000Z');
  assert.equal(fields['tls.server.not_after'], '2126-10-28T01:27:08.000000Z');
  assert.equal(fields['tls.server.certificate_count'], 1);
  assert.equal((fields['tls.server.x509.alternative_names'] as string[]).length, 6);
  assert.equal(fields['tls.server.certificate_chain'], undefined);
  assert.equal(fields['tls.client.subject'], undefined);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    'tls.client.server_name': ['server.ringtap.test'],
    'tls.client.ja3': [fields['tls.client.ja3']],
    'tls.client.ja4': [fields['tls.client.ja4']],
    'tls.version': ['1.2'],
    'tls.cipher': [cipher],
    'tls.server.ja3s': [fields['tls.server.ja3s']],
    'tls.server.x509.subject.common_name': ['server.ringtap.test'],
  });
  assert.equal(heard.anomalies.size, 0);
  assert.equal(heard.finalVerdict, DONE);
  assertCutInvariant(tlsDecoder, script);
  assertSurvives(tlsDecoder, script);
});

test('a TLS 1.3 handshake of node:tls', async () => {
  const { script, cipher } = await recordHandshake();
  const heard = play(tlsDecoder, script);
  const fields = only(script);
  assert.equal(fields['tls.outcome'], 'success');
  assert.equal(fields['tls.established'], true);
  assert.equal(fields['tls.version'], '1.3');
  assert.equal(fields['tls.cipher'], cipher);
  assert.equal(fields['tls.resumed'], false);
  assert.ok(['x25519', 'X25519MLKEM768'].includes(String(fields['tls.curve'])));
  assert.deepEqual(fields['tls.client.supported_versions'], ['1.3', '1.2']);
  assert.equal(fields['tls.client.version'], '1.2');
  assert.equal(fields['tls.server.subject'], undefined);
  assert.equal(heard.finalVerdict, DONE);
  assertCutInvariant(tlsDecoder, script);
  assertSurvives(tlsDecoder, script);
});

test('client certificates, chains by option', async () => {
  const { script } = await recordHandshake({ ...v12, cert: clientCertificate, key: clientKey }, { requestCert: true });
  const fields = only(script, { options: { certificate_chain: true } });
  assert.equal(fields['tls.client.subject'], 'CN=client.ringtap.test');
  assert.equal(fields['tls.client.x509.serial_number'], '4D');
  assert.deepEqual(fields['tls.client.x509.subject.common_name'], ['client.ringtap.test']);
  assert.equal(fields['tls.server.subject'], subject);
  assert.deepEqual(fields['tls.client.certificate_chain'], [clientCertificate.replace(/-----[A-Z ]+-----|\n/g, '')]);
  const without = await recordHandshake(v12, { requestCert: true, rejectUnauthorized: false });
  const bare = only(without.script);
  assert.equal(bare['tls.client.certificate_count'], 0);
  assert.equal(bare['tls.client.subject'], undefined);
});

for (const [version, text] of [
  ['TLSv1', '1.0'],
  ['TLSv1.1', '1.1'],
] as const) {
  test(`${version} with static RSA keys`, async () => {
    const ciphers = 'AES128-SHA:@SECLEVEL=0';
    const { script } = await recordHandshake({ minVersion: version, maxVersion: version, ciphers }, {
      minVersion: version,
      maxVersion: version,
      ciphers,
      key: rsaKey,
      cert: rsaCertificate,
    } as never);
    const fields = only(script);
    assert.equal(fields['tls.version'], text);
    assert.equal(fields['tls.cipher'], 'TLS_RSA_WITH_AES_128_CBC_SHA');
    assert.equal(fields['tls.curve'], undefined);
    assert.equal(fields['tls.established'], true);
    assert.equal(fields['tls.server.subject'], 'emailAddress=a@b.c,CN=rsa.ringtap.test,O=Old');
    assert.equal(fields['tls.server.x509.signature_algorithm'], 'SHA1-RSA');
  });
}

test('resumption by ticket in 1.2', async () => {
  const first = await recordHandshake(v12);
  const second = await recordHandshake({ ...v12, session: first.session as Buffer });
  assert.equal(second.reused, true);
  const fields = only(second.script);
  assert.equal(fields['tls.resumed'], true);
  assert.equal(fields['tls.established'], true);
  assert.equal(fields['tls.outcome'], 'success');
  assert.equal(fields['tls.server.subject'], undefined);
  assertCutInvariant(tlsDecoder, second.script);
});

test('resumption by pre-shared key in 1.3', async () => {
  const first = await recordHandshake();
  const second = await recordHandshake({ session: first.session as Buffer });
  assert.equal(second.reused, true);
  assert.equal(only(second.script)['tls.resumed'], true);
});

test('resumption by session id, and by a ticket that the server answers without an id', () => {
  const id = Buffer.alloc(32, 5);
  const end = [s2c(changeCipherSpec), s2c(finished), c2s(changeCipherSpec), c2s(finished)];
  assert.equal(
    only([c2s(hello({ sessionId: id })), s2c(answer({ sessionId: id, ciphers: [0x2f] })), ...end])['tls.resumed'],
    true,
  );
  const offered = hello({ extensions: [extension(35, Buffer.alloc(20, 1))] });
  assert.equal(only([c2s(offered), s2c(answer({ ciphers: [0x2f] })), ...end])['tls.resumed'], true);
  const done = record(22, message(14, Buffer.alloc(0)));
  const full = [c2s(changeCipherSpec), c2s(finished), s2c(changeCipherSpec)];
  assert.equal(only([c2s(offered), s2c(answer({ ciphers: [0x2f] })), s2c(done), ...full])['tls.resumed'], false);
});

test('HelloRetryRequest: the first ClientHello and the real ServerHello are recorded', async () => {
  const { script } = await recordHandshake({ ecdhCurve: 'x25519:secp384r1' } as never, { ecdhCurve: 'secp384r1' } as never);
  const fields = only(script);
  assert.equal(fields['tls.hello_retry_request'], true);
  assert.equal(fields['tls.curve'], 'secp384r1');
  assert.equal(fields['tls.version'], '1.3');
  assert.equal(fields['tls.outcome'], 'success');
  assert.equal(fields['tls.established'], true);
  assert.equal(play(tlsDecoder, script).anomalies.size, 0);
  assertCutInvariant(tlsDecoder, script);

  const retry = answer({ random: retryRandom, extensions: [extension(43, u16(0x0304)), extension(51, u16(24))] });
  const early = only([c2s(hello()), s2c(retry)]);
  assert.equal(early['tls.outcome'], 'unanswered');
  assert.equal(early['tls.curve'], 'secp384r1');
});

test('early data before the ServerHello does not count as established', () => {
  const first = c2s(Buffer.concat([hello({ extensions: [extension(42), extension(41, Buffer.alloc(8))] }), data(500)]));
  const open = [first, s2c(Buffer.concat([answer({ extensions: tls13 }), data(80)]))];
  const unfinished = only(open);
  assert.equal(unfinished['tls.client.early_data'], true);
  assert.equal(unfinished['tls.established'], false);
  assert.equal(unfinished['tls.outcome'], 'success');
  assert.equal(only([...open, c2s(data(21))])['tls.established'], false);
  assert.equal(only([...open, c2s(data(21)), c2s(data(53))])['tls.established'], true);
});

test('an encrypted alert in place of the Finished leaves the handshake unestablished', () => {
  const fields = only([c2s(hello()), s2c(Buffer.concat([answer({ extensions: tls13 }), data(900)])), c2s(data(19))]);
  assert.equal(fields['tls.established'], false);
});

test('a fatal alert of the server', async () => {
  const { script } = await recordHandshake({ ...v12, ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256' }, {
    ciphers: 'ECDHE-ECDSA-AES256-GCM-SHA384',
    maxVersion: 'TLSv1.2',
  } as never);
  const heard = play(tlsDecoder, script);
  const fields = only(script);
  assert.equal(fields['tls.outcome'], 'failure');
  assert.equal(fields['event.outcome'], 'failure');
  assert.equal(fields['tls.alert.description'], 'handshake_failure');
  assert.equal(fields['tls.alert.level'], 'fatal');
  assert.equal(fields['tls.alert.source'], 'server');
  assert.equal(fields['tls.version'], undefined);
  assert.equal(heard.finalVerdict, DONE);
});

test('a fatal alert of the client after the certificate, a warning before the ServerHello', () => {
  const refused = only([c2s(hello()), s2c(answer({ ciphers: [0x2f] })), c2s(record(21, Buffer.of(2, 48)))]);
  assert.equal(refused['tls.outcome'], 'failure');
  assert.equal(refused['tls.alert.description'], 'unknown_ca');
  assert.equal(refused['tls.alert.source'], 'client');
  const warned = only([c2s(hello()), s2c(Buffer.concat([record(21, Buffer.of(1, 112)), answer({ ciphers: [0x2f] })]))]);
  assert.equal(warned['tls.outcome'], 'success');
  assert.equal(warned['tls.alert.description'], 'unrecognized_name');
  assert.equal(warned['tls.alert.level'], 'warning');
});

test('SSL 3, and the SSL 2 form of a ClientHello', () => {
  const plain = only([c2s(hello({ version: 0x0300, ciphers: [4, 5] })), s2c(answer({ version: 0x0300, ciphers: [5] }))]);
  assert.equal(plain['tls.version'], '3.0');
  assert.equal(plain['tls.version_protocol'], 'ssl');
  assert.equal(plain['tls.cipher'], 'TLS_RSA_WITH_RC4_128_SHA');
  assert.match(String(plain['tls.client.ja4']), /^ts3i0200/);

  const specs = Buffer.of(0, 0, 0x2f, 1, 0, 0x80, 0, 0, 5);
  const body = Buffer.concat([Buffer.of(1), u16(0x0301), u16(specs.length), u16(0), u16(16), specs, Buffer.alloc(16, 7)]);
  const ssl2 = Buffer.concat([u16(0x8000 | body.length), body]);
  const script = [
    c2s(ssl2, 100),
    s2c(answer({ version: 0x0301, ciphers: [0x2f] }), 200),
    c2s(Buffer.concat([changeCipherSpec, finished]), 300),
    s2c(Buffer.concat([changeCipherSpec, finished]), 400),
  ];
  const old = only(script);
  assert.equal(old['tls.outcome'], 'success');
  assert.equal(old['tls.established'], true);
  assert.equal(old['tls.client.version'], '1.0');
  assert.deepEqual(old['tls.client.supported_ciphers'], ['TLS_RSA_WITH_AES_128_CBC_SHA', 'TLS_RSA_WITH_RC4_128_SHA']);
  assert.equal(old['tls.client.ja3'], undefined);
  assertCutInvariant(tlsDecoder, script);
});

test('a hello across records and a large one across segments', () => {
  const keyShare = extension(51, vector16(Buffer.concat([u16(4588), vector16(Buffer.alloc(1216, 3))])));
  const body = message(1, clientHello({ ciphers: [0x1301], extensions: [keyShare, serverName('pq.test'), groups(4588, 29)] }));
  const records = [body.subarray(0, 1), body.subarray(1, 6), body.subarray(6, 700), body.subarray(700)].map((part) =>
    record(22, part, 0x0301),
  );
  const script = [c2s(Buffer.concat(records), 50), s2c(answer({ extensions: tls13 }), 60)];
  const fields = only(script);
  assert.equal(fields['tls.client.server_name'], 'pq.test');
  assert.deepEqual(fields['tls.client.supported_groups'], ['X25519MLKEM768', 'x25519']);
  assertCutInvariant(tlsDecoder, script);
});

test('several messages in one record, with a body nobody wants between them', () => {
  const certificate = Buffer.from(rsaCertificate.replace(/-----[A-Z ]+-----|\n/g, ''), 'base64');
  const entry = Buffer.concat([Buffer.of(0), vector16(certificate)]);
  const messages = Buffer.concat([
    message(2, serverHello({ ciphers: [0xc013] })),
    message(22, Buffer.alloc(700, 1)),
    message(11, Buffer.concat([Buffer.of(0), vector16(Buffer.concat([entry, entry]))])),
    message(12, Buffer.concat([Buffer.of(3), u16(23), Buffer.alloc(200, 2)])),
    message(14, Buffer.alloc(0)),
  ]);
  const fields = only([c2s(hello()), s2c(record(22, messages))]);
  assert.equal(fields['tls.server.certificate_count'], 2);
  assert.deepEqual(fields['tls.server.x509.subject.common_name'], ['rsa.ringtap.test']);
  assert.equal(fields['tls.curve'], 'secp256r1');
});

test('application data is passed over by count', () => {
  const heard: number[] = [];
  const decoder = tlsDecoder.create(
    {
      transport: 'tcp',
      clientPort: 1,
      serverPort: 2,
      startUs: 0,
      handoverAt: 0,
      details: false,
      protocol: () => undefined,
      isClientAddress: () => false,
      emit: () => {},
      note: () => {},
      anomaly: () => {},
    },
    { max_handshake_bytes: 65536, ja3: true, ja4: true },
  );
  const first = Buffer.concat([hello({ extensions: [extension(42)] }), record(23, Buffer.alloc(9000)).subarray(0, 105)]);
  heard.push(decoder.data(0, first, 0, first.length, 0));
  heard.push(decoder.data(0, Buffer.of(23, 3), 0, 2, 0));
  heard.push(decoder.data(0, Buffer.of(3, 0x10, 0), 0, 3, 0));
  assert.deepEqual(heard, [8900, 0, 4096]);
});

test('seen the wrong way round', async () => {
  const { script } = await recordHandshake(v12);
  const straight = only(script);
  assert.deepEqual(only(swapped(script)), straight);
  const refused = [c2s(hello()), s2c(record(21, Buffer.of(2, 40)))];
  assert.deepEqual(only(swapped(refused)), only(refused));
});

test('options: strings, raw JA4, session ids, and leaving things out', () => {
  const id = Buffer.alloc(4, 0xaa);
  const script = [c2s(record(22, message(1, chromeHello('a.test')))), s2c(answer({ sessionId: id, extensions: [...tls13] }))];
  const all = only(script, { options: { ja4_raw: true, session_ids: true } });
  assert.match(String(all['tls.client.ja3_string']), /^771,4865-4866-4867-.*,29-23-24,0$/);
  assert.equal(all['tls.server.ja3s_string'], '771,4865,43-51');
  assert.match(String(all['tls.client.ja4_r']), /^t13d1516h2_002f,/);
  assert.equal(all['tls.client.session_id'], '33'.repeat(32));
  assert.equal(all['tls.server.session_id'], 'aaaaaaaa');
  const usual = only(script);
  assert.equal(usual['tls.client.ja3_string'], all['tls.client.ja3_string']);
  for (const name of ['tls.client.ja4_r', 'tls.client.session_id', 'tls.server.session_id']) {
    assert.equal(usual[name], undefined, name);
  }
  const short = only(script, { options: { ja3_strings: false } });
  assert.equal(short['tls.client.ja3'], usual['tls.client.ja3']);
  for (const name of ['tls.client.ja3_string', 'tls.server.ja3s_string']) assert.equal(short[name], undefined, name);
  const bare = only(script, { options: { ja3: false, ja4: false, supported_ciphers: false } });
  for (const name of ['tls.client.ja3', 'tls.server.ja3s', 'tls.client.ja4', 'tls.client.supported_ciphers']) {
    assert.equal(bare[name], undefined, name);
  }
});

test('GREASE never shows in lists', () => {
  const fields = only([c2s(record(22, message(1, chromeHello('a.test'))))]);
  assert.deepEqual(fields['tls.client.supported_versions'], ['1.3', '1.2']);
  assert.deepEqual(fields['tls.client.supported_groups'], ['x25519', 'secp256r1', 'secp384r1']);
  assert.equal((fields['tls.client.supported_ciphers'] as string[]).length, 15);
});

test('a name that is no ASCII is read as Latin-1, and a long one is kept whole', () => {
  for (const name of ['b\u00fccher.test', `${'\u00e9'.repeat(4000)}.test`]) {
    const fields = only([c2s(hello({ extensions: [serverName(name)] }))]);
    assert.equal(fields['tls.client.server_name'], Buffer.from(name).toString('latin1'));
  }
  assert.equal(only([c2s(hello({ extensions: [serverName('a.test')] }))])['tls.client.server_name'], 'a.test');
});

test('a decoder that is done holds nothing and can be used again', () => {
  const emitted: string[] = [];
  const context = (name: string): DecoderContext => ({
    transport: 'tcp',
    clientPort: 40000,
    serverPort: 443,
    startUs: 0,
    handoverAt: 0,
    details: false,
    protocol: () => undefined,
    isClientAddress: () => false,
    emit: (type, record) => {
      const field = type.fields.find(({ name }) => name === 'tls.client.server_name');
      const value = field?.value(record);
      assert.ok(value instanceof ByteText);
      emitted.push(`${name} ${Buffer.from(value.bytes.subarray(value.from, value.to)).toString()}`);
    },
    note: () => {},
    anomaly: () => {},
  });
  const decoder = tlsDecoder.create(context('first'), defaultOptions(tlsDecoder));
  const bytes = hello({ extensions: [serverName('a.test')] });
  assert.equal(decoder.isIdle, false);
  decoder.data(0, bytes, 0, bytes.length, 0);
  const alert = record(21, Buffer.of(2, 40));
  assert.equal(decoder.data(1, alert, 0, alert.length, 0), DONE);
  assert.equal(decoder.isIdle, true);
  assert.equal(decoder.data(0, bytes, 0, bytes.length, 0), DONE);
  decoder.recycle?.(context('second'));
  assert.equal(decoder.isIdle, false);
  const other = hello({ extensions: [serverName('b.test')] });
  decoder.data(0, other, 0, other.length, 0);
  decoder.end('fin', 0);
  decoder.recycle?.(context('third'));
  decoder.end('fin', 0);
  assert.deepEqual(emitted, ['first a.test', 'second b.test']);
});
