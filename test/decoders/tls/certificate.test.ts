import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { test } from 'node:test';
import fc from 'fast-check';
import { ShownCertificate } from '../../../src/decoders/tls-handshake/shown-certificate.ts';
import { Certificate, parseCertificate } from '../../../src/decoders/x509/certificate.ts';
import { CertificateCache } from '../../../src/decoders/x509/certificate-cache.ts';
import { DerCursor } from '../../../src/decoders/x509/der-cursor.ts';
import { DistinguishedName, parseName } from '../../../src/decoders/x509/distinguished-name.ts';
import { oidText } from '../../../src/decoders/x509/object-identifier.ts';
import { timeValue } from '../../../src/decoders/x509/validity.ts';
import type { JsonText } from '../../../src/record/index.ts';
import { clientCertificate, rsaCertificate, serverCertificate } from './test-certificates.ts';

const der = (pem: string): Buffer => Buffer.from(pem.replace(/-----[A-Z ]+-----|\s/g, ''), 'base64');

function read(bytes: Buffer): Certificate {
  const certificate = parseCertificate(bytes, 0, bytes.length);
  assert.ok(certificate instanceof Certificate);
  return certificate;
}

for (const [name, pem] of Object.entries({ serverCertificate, clientCertificate, rsaCertificate })) {
  test(`${name} reads as node:crypto reads it`, () => {
    const ours = read(der(pem));
    const theirs = new X509Certificate(pem);
    assert.equal(ours.serialNumber, theirs.serialNumber);
    assert.equal(ours.sha1, theirs.fingerprint.replaceAll(':', ''));
    assert.equal(ours.sha256, theirs.fingerprint256.replaceAll(':', ''));
    assert.equal((ours.notBeforeUs as number) / 1000, theirs.validFromDate.getTime());
    assert.equal((ours.notAfterUs as number) / 1000, theirs.validToDate.getTime());
    const details = theirs.publicKey.asymmetricKeyDetails ?? {};
    if (ours.publicKeyAlgorithm === 'RSA') {
      assert.equal(ours.publicKeySize, details.modulusLength);
      assert.equal(ours.publicKeyExponent, Number(details.publicExponent));
    } else {
      assert.equal(ours.publicKeyCurve, 'secp256r1');
      assert.equal(details.namedCurve, 'prime256v1');
    }
    assert.equal(ours.isAuthority, theirs.ca);
    assert.deepEqual(ours.alternativeNames.length, (theirs.subjectAltName ?? '').split(', ').filter(Boolean).length);
  });
}

test('names in the text of RFC 4514 and in parts', () => {
  const { subject, issuer, isSelfIssued } = read(der(serverCertificate));
  assert.equal(subject.text, 'CN=server.ringtap.test,OU=Sensors \\+ Probes,O=Ringtap Test\\, Inc.,L=Nürnberg,ST=Bayern,C=DE');
  assert.equal(issuer.text, subject.text);
  assert.equal(isSelfIssued, true);
  assert.deepEqual(subject.commonName, ['server.ringtap.test']);
  assert.deepEqual(subject.organization, ['Ringtap Test, Inc.']);
  assert.deepEqual(subject.organizationalUnit, ['Sensors + Probes']);
  assert.deepEqual(subject.locality, ['Nürnberg']);
  assert.deepEqual(subject.stateOrProvince, ['Bayern']);
  assert.deepEqual(subject.country, ['DE']);
  assert.equal(read(der(rsaCertificate)).subject.text, 'emailAddress=a@b.c,CN=rsa.ringtap.test,O=Old');
});

test('algorithms and alternative names', () => {
  const server = read(der(serverCertificate));
  assert.deepEqual(server.alternativeNames, [
    'server.ringtap.test',
    '*.ringtap.test',
    '192.0.2.7',
    '2001:db8::1:0:7',
    'ops@ringtap.test',
    'https://ringtap.test/',
  ]);
  assert.equal(server.version, 3);
  assert.equal(server.signatureAlgorithm, 'ECDSA-SHA256');
  assert.equal(server.publicKeyAlgorithm, 'ECDSA');
  assert.equal(server.publicKeySize, 256);
  const rsa = read(der(rsaCertificate));
  assert.equal(rsa.signatureAlgorithm, 'SHA1-RSA');
  assert.equal(rsa.publicKeySize, 1024);
  assert.equal(rsa.publicKeyExponent, 65537);
});

/** One DER item. */
function item(tag: number, content: Buffer | string): Buffer {
  const bytes = typeof content === 'string' ? Buffer.from(content, 'latin1') : content;
  return bytes.length < 128
    ? Buffer.concat([Buffer.of(tag, bytes.length), bytes])
    : Buffer.concat([Buffer.of(tag, 0x82, bytes.length >> 8, bytes.length & 255), bytes]);
}

function nameOf(...values: Buffer[]): string | undefined {
  const commonName = item(0x06, Buffer.of(0x55, 4, 3));
  const sets = values.map((value) => item(0x31, item(0x30, Buffer.concat([commonName, value]))));
  const bytes = Buffer.concat(sets);
  return parseName(new DerCursor(bytes, 0, bytes.length))?.text;
}

test('string types and escapes of names', () => {
  assert.equal(nameOf(item(0x13, 'a\0b')), 'CN=a\\00b');
  assert.equal(nameOf(item(0x0c, Buffer.from('é"<>;\\'))), 'CN=é\\"\\<\\>\\;\\\\');
  assert.equal(nameOf(item(0x14, 'caf\xe9')), 'CN=café');
  assert.equal(nameOf(item(0x1e, Buffer.from([0, 0x41, 0x20, 0xac]))), 'CN=A€');
  assert.equal(nameOf(item(0x1c, Buffer.from([0, 1, 0xf6, 0]))), 'CN=😀');
  assert.equal(nameOf(item(0x13, ' a ')), 'CN=\\ a\\ ');
  assert.equal(nameOf(item(0x13, '#x')), 'CN=\\#x');
  assert.equal(nameOf(item(0x02, Buffer.of(1, 2))), 'CN=#0102');
  assert.equal(nameOf(item(0x13, 'first'), item(0x13, 'second')), 'CN=second,CN=first');
  assert.equal(nameOf(), '');
  assert.equal(nameOf(Buffer.of(0x13, 99, 1)), undefined);
});

test('times with and without seconds, with offsets, before 1970, and none', () => {
  const at = (tag: number, text: string): string | undefined => {
    const bytes = item(tag, text);
    const cursor = new DerCursor(bytes, 0, bytes.length);
    cursor.next();
    const value = timeValue(cursor);
    return value === undefined ? undefined : new Date(value / 1000).toISOString();
  };
  assert.equal(at(0x17, '261121012708Z'), '2026-11-21T01:27:08.000Z');
  assert.equal(at(0x17, '500101000000Z'), '1950-01-01T00:00:00.000Z');
  assert.equal(at(0x17, '2611210127Z'), '2026-11-21T01:27:00.000Z');
  assert.equal(at(0x17, '261121012708+0130'), '2026-11-20T23:57:08.000Z');
  assert.equal(at(0x17, '261121012708-0130'), '2026-11-21T02:57:08.000Z');
  assert.equal(at(0x18, '21261028012708Z'), '2126-10-28T01:27:08.000Z');
  assert.equal(at(0x18, '99991231235959Z'), '9999-12-31T23:59:59.000Z');
  assert.equal(at(0x18, '00490101000000Z'), '0049-01-01T00:00:00.000Z');
  assert.equal(at(0x18, '20260101120000.5Z'), '2026-01-01T12:00:00.000Z');
  assert.equal(at(0x17, '261321012708Z'), undefined);
  assert.equal(at(0x17, 'yesterday'), undefined);
  assert.equal(at(0x04, '261121012708Z'), undefined);
});

test('object identifiers', () => {
  const text = (...bytes: number[]): string => oidText(Buffer.from(bytes), 0, bytes.length);
  assert.equal(text(0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 11), '1.2.840.113549.1.1.11');
  assert.equal(text(0x55, 4, 3), '2.5.4.3');
  assert.equal(text(0x88, 0x37, 3), '2.999.3');
  assert.equal(text(0x55, 0x84), '');
  assert.equal(text(...Array(20).fill(0xff)), '');
});

test('no certificate: cut anywhere, changed anywhere, or random, nothing throws', () => {
  const whole = der(serverCertificate);
  for (let length = 0; length < whole.length; length++) assert.equal(parseCertificate(whole, 0, length), undefined);
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.nat(whole.length - 1), fc.nat(255)), { minLength: 1, maxLength: 4 }), (changes) => {
      const bytes = Buffer.from(whole);
      for (const [at, value] of changes) bytes[at] = value;
      parseCertificate(bytes, 0, bytes.length);
    }),
    { numRuns: 1000, seed: 4 },
  );
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
      parseCertificate(Buffer.from(bytes), 0, bytes.length);
    }),
    { numRuns: 500, seed: 5 },
  );
});

test('the cache gives the same object again, is bounded, and forgets the oldest', () => {
  const cache = new CertificateCache(2, (certificate) => new ShownCertificate(certificate));
  const [server, client, rsa] = [serverCertificate, clientCertificate, rsaCertificate].map(der) as [Buffer, Buffer, Buffer];
  const first = cache.read(server, 0, server.length);
  assert.ok(first);
  cache.read(client, 0, client.length);
  assert.equal(cache.read(server, 0, server.length), first);
  cache.read(rsa, 0, rsa.length);
  assert.equal(cache.size, 2);
  assert.equal(cache.read(server, 0, server.length), first);
  assert.equal(cache.read(Buffer.from('junk'), 0, 4), undefined);
  assert.equal(cache.read(Buffer.from('junk'), 0, 4), undefined);
  assert.equal(cache.size, 2);
  assert.notEqual(cache.read(client, 0, client.length), undefined);
});

test('the cache tells certificates apart that are alike at both ends', () => {
  const cache = new CertificateCache(8, (certificate) => new ShownCertificate(certificate));
  const one = der(serverCertificate);
  // The issuer’s name comes first.
  const name = one.indexOf('server.ringtap.test', one.indexOf('server.ringtap.test') + 1);
  assert.ok(name > 100);
  const other = Buffer.from(one);
  other.write('SERVER', name, 'latin1');
  const first = cache.read(one, 0, one.length);
  const second = cache.read(other, 0, other.length);
  assert.ok(first !== undefined && second !== undefined);
  assert.notEqual(first, second);
  assert.notDeepEqual(first.commonNames, second.commonNames);
  assert.deepEqual(cache.read(one, 0, one.length)?.commonNames, first.commonNames);
});

test('a certificate is shown as the writer of records would', () => {
  const certificate = new Certificate(new DistinguishedName(), new DistinguishedName());
  const odd = 'é "quoted" \\ \u007f\u0001\ud800 \u{1f600}';
  certificate.subject.text = odd;
  certificate.alternativeNames = [odd, 'x'.repeat(5000), ''];
  certificate.notBeforeUs = Date.UTC(1949, 11, 31, 23, 59, 59) * 1000;
  certificate.notAfterUs = Date.UTC(9999, 11, 31, 23, 59, 59) * 1000;
  const shown = new ShownCertificate(certificate);
  const text = (json: JsonText | undefined): string | undefined =>
    json && Buffer.from(json.bytes.subarray(json.from, json.to)).toString();
  const written = '"é \\"quoted\\" \\\\ \\u007f\\u0001\ufffd \u{1f600}"';
  assert.equal(text(shown.subject.text), written);
  assert.equal(text(shown.alternativeNames), `[${written},"${'x'.repeat(5000)}",""]`);
  assert.equal(text(shown.notBefore), '"1949-12-31T23:59:59.000000Z"');
  assert.equal(text(shown.notAfter), '"9999-12-31T23:59:59.000000Z"');
  assert.equal(shown.issuer.text, undefined);
  assert.equal(shown.subject.commonName, undefined);
  assert.equal(shown.publicKeySize, undefined);
});
