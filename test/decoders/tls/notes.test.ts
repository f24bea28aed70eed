// What TLS handshakes add to Arkime's session document: hellos, certificates, tags, and the protocol that ALPN names.

import assert from 'node:assert/strict';
import { hash } from 'node:crypto';
import { test } from 'node:test';
import { tlsDecoder } from '../../../src/decoders/tls/index.ts';
import { assertCutInvariant, c2s, play, s2c } from '../decoder-kit.ts';
import { alpn, extension, message, record, retryRandom, serverName, u16 } from './hello-bytes.ts';
import { answer, hello, tls13 } from './script-parts.ts';
import { clientCertificate, rsaCertificate, serverCertificate } from './test-certificates.ts';

const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64');
const u24 = (value: number): Buffer => Buffer.concat([Buffer.of(value >> 16), u16(value & 0xffff)]);
const vector24 = (bytes: Buffer): Buffer => Buffer.concat([u24(bytes.length), bytes]);
const certificates = (...pems: string[]): Buffer =>
  record(22, message(11, vector24(Buffer.concat(pems.map((pem) => vector24(der(pem)))))));

const short = (text: string): string => hash('sha256', text, 'hex').slice(0, 12);

const notesOf = (script: Parameters<typeof play>[1], options: Parameters<typeof play>[2] = {}): Record<string, unknown> =>
  Object.fromEntries([...play(tlsDecoder, script, options).notes].filter(([name]) => !name.startsWith('tls.')));

test('hellos: names of versions, session ids, fingerprints with their sources, the host asked for', () => {
  const script = [
    c2s(hello({ sessionId: Buffer.of(1, 2), extensions: [serverName('Www.Example'), extension(0xfe0d), extension(0xffce)] })),
    s2c(answer({ sessionId: Buffer.of(3, 4), ciphers: [0xc0fe], extensions: [alpn(Buffer.from('h2'))] })),
  ];
  assert.deepEqual(notesOf(script, { options: { ja4_raw: true } }), {
    'http.host': ['www.example'],
    tags: ['tls:has_ech', 'tls:has_esni'],
    'arkime.tls.srcSessionId': ['0102'],
    'arkime.tls.ja3': [hash('md5', '771,4865,0-65037-65486,,', 'hex')],
    'arkime.tls.ja3string': ['771,4865,0-65037-65486,,'],
    'arkime.tls.ja4': [`t12d010300_${short('1301')}_${short('fe0d,ffce')}`],
    'arkime.tls.ja4_r': ['t12d010300_1301_fe0d,ffce'],
    'arkime.tls.version': ['TLSv1.2'],
    'arkime.tls.cipher': ['0xc0fe'],
    'arkime.tls.dstSessionId': ['0304'],
    'arkime.tls.ja3s': [hash('md5', '771,49406,16', 'hex')],
    'arkime.tls.ja3sstring': ['771,49406,16'],
  });
  assert.deepEqual(play(tlsDecoder, script).protocols, ['http2']);
  assertCutInvariant(tlsDecoder, script);
  assert.deepEqual(Object.keys(notesOf(script, { details: false })), []);
});

test('both hellos of a retry', () => {
  const script = [
    c2s(hello({ extensions: [serverName('one.test')] })),
    s2c(answer({ random: retryRandom, extensions: tls13 })),
    c2s(hello({ extensions: [serverName('two.test')] })),
    s2c(answer({ extensions: [...tls13, extension(0x29, u16(0))] })),
  ];
  const notes = notesOf(script);
  assert.deepEqual(notes['http.host'], ['one.test', 'two.test']);
  assert.deepEqual(notes['arkime.tls.version'], ['TLSv1.3']);
  assert.equal((notes['arkime.tls.ja3s'] as string[]).length, 2);
});

test('certificates of the server as objects, in the order sent; tags', () => {
  const script = [
    c2s(hello(), 1_800_000_000_500_000),
    s2c(Buffer.concat([answer({}), certificates(serverCertificate, clientCertificate, rsaCertificate)]), 1_800_000_001_000_000),
    c2s(certificates(clientCertificate), 1_800_000_002_000_000),
  ];
  const notes = notesOf(script);
  const list = notes['arkime.cert'] as Record<string, unknown>[];
  assert.equal(list.length, 3);
  assert.deepEqual(notes.tags, ['cert:self-signed']);
  const { alt, hash, serial, issuerCN, subjectON, curve, publicAlgorithm } = list[0] as Record<string, unknown>;
  assert.match(String(hash), /^([0-9a-f]{2}:){19}[0-9a-f]{2}$/);
  assert.deepEqual([serial, issuerCN, subjectON], ['00a1b2c3d4e5f60718', ['server.ringtap.test'], ['Ringtap Test, Inc.']]);
  assert.deepEqual([curve, publicAlgorithm], ['prime256v1', 'id-ecPublicKey']);
  assert.ok((alt as string[]).every((name) => !/[A-Z]/.test(name)));
  const { notBefore, notAfter, validSeconds, validDays, remainingSeconds, remainingDays } = list[0] as Record<string, number>;
  assert.deepEqual([validSeconds, validDays], [3_153_600_000, 36_500]);
  assert.equal((notAfter as number) - (notBefore as number), 3_153_600_000_000);
  assert.equal(remainingSeconds, (notAfter as number) / 1000 - 1_800_000_000);
  assert.equal(remainingDays, Math.floor((remainingSeconds as number) / 86_400));
  assertCutInvariant(tlsDecoder, script);
  // Long after: nothing remains.
  const late = [c2s(hello(), 9_000_000_000_000_000), s2c(certificates(serverCertificate), 9_000_000_000_000_001)];
  const [first] = notesOf(late)['arkime.cert'] as Record<string, unknown>[];
  assert.deepEqual([first?.remainingSeconds, first?.remainingDays], [0, 0]);
});

test('key usage makes an authority; a name that is no text makes a tag', () => {
  const tags = (pem: string): unknown => notesOf([c2s(hello()), s2c(Buffer.concat([answer({}), certificates(pem)]))]).tags;
  const names = der(serverCertificate).toString('hex');
  const at = names.indexOf(Buffer.from('server.ringtap.test').toString('hex'), names.indexOf('0603551d11'));
  assert.ok(at > 0);
  const bad = `${names.slice(0, at)}ff${names.slice(at + 2)}`;
  assert.deepEqual(tags(Buffer.from(bad, 'hex').toString('base64')), ['cert:self-signed', 'bad-altname']);
  // The extension of basic constraints (2.5.29.19) turned into one of key usage (2.5.29.15) with keyCertSign.
  const constraints = '0603551d130101ff040530030101ff';
  assert.ok(names.includes(constraints));
  const signs = names.replace(constraints, '0603551d0f0101ff04050303000400');
  assert.deepEqual(tags(Buffer.from(signs, 'hex').toString('base64')), ['cert:certificate-authority']);
});
