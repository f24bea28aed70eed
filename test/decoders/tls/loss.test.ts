import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE } from '../../../src/decoders/index.ts';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { assertCutInvariant, c2s, play, type Step, s2c } from '../decoder-kit.ts';
import { alpn, clientHello, extension, list16, message, record, serverName } from './hello-bytes.ts';
import { recordHandshake } from './recorded-handshake.ts';
import { answer, changeCipherSpec, data, finished, hello, only, subject, tls13, v12 } from './script-parts.ts';

test('one direction only', async () => {
  const { script } = await recordHandshake(v12);
  const client = only(script.filter((step) => step.direction === 0));
  assert.equal(client['tls.outcome'], 'unanswered');
  assert.equal(client['tls.client.server_name'], 'server.ringtap.test');
  assert.equal(client['tls.version'], undefined);
  const server = only(script.filter((step) => step.direction === 1));
  assert.equal(server['tls.outcome'], 'success');
  assert.equal(server['tls.version'], '1.2');
  assert.equal(server['tls.server.subject'], subject);
  assert.equal(server['event.duration'], undefined);
  const long = play(tlsDecoder, [s2c(answer({ extensions: tls13 })), ...Array.from({ length: 64 }, () => s2c(data(100)))]);
  assert.equal(long.finalVerdict, DONE);
  assert.equal(long.records.length, 1);
});

test('no answer: unanswered, reset', () => {
  assert.equal(only([c2s(hello())])['tls.outcome'], 'unanswered');
  assert.equal(only([c2s(hello())], { end: 'timeout' })['tls.outcome'], 'unanswered');
  assert.equal(only([c2s(hello())], { end: 'reset' })['tls.outcome'], 'reset');
  const other = play(tlsDecoder, [c2s(hello()), s2c('220 mail.test ESMTP\r\n')]);
  assert.equal(other.records[0]?.fields['tls.outcome'], 'unanswered');
  assert.deepEqual([...other.anomalies.keys()], ['tls.bad_record']);
});

test('a gap inside the ClientHello: what lies before it is recorded', () => {
  const bytes = hello({
    ciphers: [0x1301, 0x1302],
    extensions: [serverName('gap.test'), alpn(Buffer.from('h2')), extension(21, Buffer.alloc(400))],
  });
  const script: Step[] = [
    c2s(bytes.subarray(0, 120)),
    { direction: 0, gap: 200, timeUs: 0 },
    c2s(bytes.subarray(320)),
    s2c(answer({ ciphers: [0x1301] })),
    c2s(changeCipherSpec),
    s2c(changeCipherSpec),
  ];
  const fields = only(script);
  assert.equal(fields['tls.outcome'], 'truncated');
  assert.equal(fields['tls.established'], true);
  assert.equal(fields['tls.client.server_name'], 'gap.test');
  assert.deepEqual(fields['tls.client.supported_ciphers'], ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384']);
  assert.equal(fields['tls.client.ja3'], undefined);
  assert.equal(fields['tls.client.ja4'], undefined);
  assert.equal(fields['tls.version'], '1.2');
  assertCutInvariant(tlsDecoder, script);
});

test('a gap inside the certificate: framing holds, and what follows counts', async () => {
  const { script } = await recordHandshake(v12);
  const at = script.findIndex((step) => step.direction === 1);
  const step = script[at] as { bytes: Uint8Array; direction: 1; timeUs: number };
  const cut: Step[] = [
    ...script.slice(0, at),
    { ...step, bytes: step.bytes.subarray(0, 300) },
    { direction: 1, gap: 100, timeUs: step.timeUs },
    { ...step, bytes: step.bytes.subarray(400) },
    ...script.slice(at + 1),
  ];
  const fields = only(cut);
  assert.equal(fields['tls.outcome'], 'truncated');
  assert.equal(fields['tls.established'], true);
  assert.equal(fields['tls.version'], '1.2');
  assert.equal(fields['tls.server.subject'], undefined);
  assert.equal(fields['tls.curve'], 'x25519');
  assertCutInvariant(tlsDecoder, cut);
});

test('a gap that takes the framing: the next record header is found', () => {
  const opening = [c2s(hello()), s2c(answer({ ciphers: [0x2f] }))];
  const script: Step[] = [
    ...opening,
    { direction: 1, gap: 3000, timeUs: 0 },
    s2c(Buffer.concat([Buffer.alloc(777, 0xab), changeCipherSpec, finished])),
    c2s(changeCipherSpec),
  ];
  const fields = only(script);
  assert.equal(fields['tls.outcome'], 'truncated');
  assert.equal(fields['tls.established'], true);
  assertCutInvariant(tlsDecoder, script);

  const lost = play(tlsDecoder, [...opening, { direction: 1, gap: 3000, timeUs: 0 }, s2c(Buffer.alloc(20_000, 0xab))]);
  assert.deepEqual([...lost.anomalies.keys()], ['tls.lost_sync']);
  assert.equal(lost.records[0]?.fields['tls.outcome'], 'truncated');
});

test('a stream picked up in its middle, before its handshake is over', () => {
  const script: Step[] = [
    { direction: 0, gap: 0, timeUs: 5 },
    { direction: 1, gap: 0, timeUs: 5 },
    s2c(Buffer.concat([Buffer.alloc(50, 0xab), answer({ ciphers: [0xc02f] })]), 7),
  ];
  const heard = play(tlsDecoder, script);
  assert.equal(heard.records[0]?.fields['tls.outcome'], 'success');
  assert.equal(heard.records[0]?.fields['tls.cipher'], 'TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256');
  assert.equal(heard.records[0]?.timeUs, 7);
  assert.equal(play(tlsDecoder, script.slice(0, 2)).records.length, 0);
});

test('a session that ends inside the ClientHello', () => {
  const bytes = hello({ extensions: [serverName('cut.test'), extension(21, Buffer.alloc(300))] });
  const fields = only([c2s(bytes.subarray(0, 150))]);
  assert.equal(fields['tls.outcome'], 'truncated');
  assert.equal(fields['tls.client.server_name'], 'cut.test');
  assert.equal(fields['tls.client.ja3'], undefined);
});

test('anomalies: lengths that lie, junk, oversize, doubles', () => {
  const names = (...script: Step[]): string[] => [...play(tlsDecoder, script).anomalies.keys()];
  const lying = clientHello({ ciphers: [0x1301], extensions: [extension(0, Buffer.of(0, 4, 0, 0, 9, 0x61))] });
  assert.deepEqual(names(c2s(record(22, message(1, lying)))), ['tls.bad_hello']);
  assert.deepEqual(names(c2s(record(22, message(1, Buffer.alloc(10))))), ['tls.bad_hello']);
  assert.deepEqual(names(c2s(hello()), c2s(Buffer.of(22, 9, 9, 9, 9))), ['tls.bad_record']);
  assert.deepEqual(names(c2s(hello()), c2s(record(22, Buffer.of(200, 1, 2, 3, 4)))), ['tls.bad_handshake']);
  assert.deepEqual(names(c2s(hello()), c2s(record(21, Buffer.of(1, 2, 3)))), ['tls.bad_alert']);
  assert.deepEqual(names(c2s(hello()), c2s(hello())), ['tls.unexpected_message']);
  assert.deepEqual(names(c2s(hello()), s2c(hello())), ['tls.unexpected_message']);
  assert.deepEqual(names(c2s(hello()), c2s(answer())), ['tls.unexpected_message']);
  const junk = message(11, Buffer.concat([Buffer.of(0, 0, 7), Buffer.of(0, 0, 4, 1, 2, 3, 4)]));
  assert.deepEqual(names(c2s(hello()), s2c(answer({ ciphers: [0x2f] })), s2c(record(22, junk))), ['tls.bad_certificate']);
});

test('a hello longer than the bound: its start is read', () => {
  const body = message(1, clientHello({ extensions: [serverName('big.test'), extension(21, Buffer.alloc(30_000))] }));
  const records: Buffer[] = [];
  for (let at = 0; at < body.length; at += 16_384) records.push(record(22, body.subarray(at, at + 16_384)));
  const script = [c2s(Buffer.concat(records)), s2c(answer({ ciphers: [0x2f] }))];
  const heard = play(tlsDecoder, script, { options: { max_handshake_bytes: 4096 } });
  assert.deepEqual([...heard.anomalies.keys()], ['tls.oversized_handshake']);
  assert.equal(heard.records[0]?.fields['tls.client.server_name'], 'big.test');
  assert.equal(heard.records[0]?.fields['tls.outcome'], 'truncated');
  assert.equal(heard.records[0]?.fields['tls.version'], '1.2');
  assert.equal(only(script)['tls.outcome'], 'success');
});

test('a record made of many small pieces asks for no more memory than came', () => {
  const claimed = Buffer.concat([Buffer.of(22, 3, 1, 0x40, 0), Buffer.of(1, 0, 0xff, 0xff), list16([0x0303])]);
  const fields = only([c2s(claimed)]);
  assert.equal(fields['tls.outcome'], 'truncated');
  assert.equal(fields['tls.client.version'], '1.2');
});
