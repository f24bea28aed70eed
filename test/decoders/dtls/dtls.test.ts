import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { dtlsDecoder } from '../../../src/decoders/dtls/index.ts';
import { DONE } from '../../../src/decoders/index.ts';
import { assertSurvives, c2s, type Heard, play, type Step, s2c } from '../decoder-kit.ts';
import {
  clientHello,
  groups,
  serverHello,
  serverName,
  signatures,
  supportedVersions,
  u16,
  vector16,
} from '../tls/hello-bytes.ts';
import { serverCertificate } from '../tls/test-certificates.ts';

const u24 = (value: number): Buffer => Buffer.concat([Buffer.of(value >> 16), u16(value & 0xffff)]);
const record = (content: Buffer, epoch = 0, type = 22): Buffer =>
  Buffer.concat([Buffer.of(type), u16(0xfefd), u16(epoch), Buffer.alloc(6), vector16(content)]);
const fragment = (type: number, sequence: number, body: Buffer, from = 0, to = body.length): Buffer =>
  Buffer.concat([Buffer.of(type), u24(body.length), u16(sequence), u24(from), u24(to - from), body.subarray(from, to)]);

const plain = clientHello({
  version: 0xfefd,
  ciphers: [0x1301, 0xc02f],
  extensions: [serverName('dtls.test'), supportedVersions(0xfefd), signatures(0x0401, 0x0501), groups(0x17, 0x18)],
});
/** The hello with its cookie: behind version, random and an empty session id. */
const hello = (cookie: Buffer): Buffer =>
  Buffer.concat([plain.subarray(0, 35), Buffer.of(cookie.length), cookie, plain.subarray(35)]);
const answer = serverHello({ version: 0xfefd, ciphers: [0xc02f] });
const der = Buffer.from(serverCertificate.replace(/-----.*-----|\s/g, ''), 'base64');
const certificates = Buffer.concat([u24(der.length + 3), u24(der.length), der]);

const heard = (steps: readonly Step[]): Heard => play(dtlsDecoder, steps, { transport: 'udp', options: { ja4_raw: true } });
const cookie = Buffer.alloc(20, 7);
const script = [
  c2s(record(fragment(1, 0, hello(Buffer.alloc(0))))),
  s2c(record(fragment(3, 0, Buffer.concat([u16(0xfeff), Buffer.of(20), cookie])))),
  c2s(record(fragment(1, 1, hello(cookie)))),
  // Three fragments of the certificate, out of order and overlapping, behind the ServerHello in its datagram.
  s2c(Buffer.concat([record(fragment(2, 1, answer)), record(fragment(11, 2, certificates, 300, 600))])),
  s2c(Buffer.concat([record(fragment(11, 2, certificates, 500)), record(fragment(11, 2, certificates, 0, 400))])),
  c2s(record(Buffer.alloc(40, 9), 1)),
  s2c(record(Buffer.alloc(40, 9), 1)),
];

test('a handshake in fragments: JA4, certificate, what was chosen', () => {
  const { notes, anomalies, finalVerdict } = heard(script);
  const { 'arkime.cert': list, ...others } = Object.fromEntries(notes);
  assert.deepEqual(others, {
    'tls.client.server_name': ['dtls.test'],
    'tls.client.ja4': ['dd2d020400_c1929292aa6b_c91bed236abd'],
    'arkime.tls.ja4': ['dd2d020400_c1929292aa6b_c91bed236abd'],
    'arkime.tls.ja4_r': ['dd2d020400_1301,c02f_000a,000d,002b_0401,0501'],
    'tls.version': ['1.2'],
    'tls.cipher': ['TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256'],
    tags: ['cert:self-signed'],
    'tls.server.x509.subject.common_name': ['server.ringtap.test'],
  });
  assert.equal(list?.length, 1);
  assert.equal(anomalies.size, 0);
  assert.equal(finalVerdict, DONE);
  assertSurvives(dtlsDecoder, script, { transport: 'udp' });
});

test('lengths that do not fit', () => {
  const oversized = record(fragment(1, 0, hello(cookie)));
  oversized.writeUInt16BE(9000, 11);
  assert.deepEqual([...heard([c2s(oversized)]).anomalies.keys()], ['dtls.bad_record']);
  const beyond = fragment(1, 0, hello(cookie), 10, 20);
  beyond.writeUIntBE(plain.length + 100, 6, 3);
  assert.deepEqual([...heard([c2s(record(beyond))]).anomalies.keys()], ['dtls.bad_fragment']);
  const long = fragment(1, 0, hello(cookie));
  long.writeUIntBE(0xffffff, 1, 3);
  assert.equal(heard([c2s(record(long))]).notes.size, 0);
  // A session id and a cookie that run beyond the message.
  assert.equal(heard([c2s(record(fragment(1, 0, plain.subarray(0, 34))))]).notes.size, 0);
  assert.equal(heard([c2s(record(fragment(1, 0, Buffer.concat([plain.subarray(0, 35), Buffer.of(255)]))))]).notes.size, 0);
});

test('probing: hellos in clear', () => {
  const probe = (bytes: Buffer): number => dtlsDecoder.probe(0, bytes, 0, bytes.length);
  const first = record(fragment(1, 0, hello(cookie)));
  assert.equal(probe(first), Verdict.certain);
  assert.equal(probe(record(fragment(2, 1, answer))), Verdict.certain);
  assert.equal(probe(record(Buffer.alloc(40, 9), 1)), Verdict.no);
  assert.equal(probe(record(fragment(12, 1, answer))), Verdict.no);
  assert.equal(probe(first.subarray(0, 30)), Verdict.no);
  const tls = Buffer.from(first);
  tls.writeUInt16BE(0x0303, 1);
  assert.equal(probe(tls), Verdict.no);
});
