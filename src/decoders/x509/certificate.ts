// What an X.509 certificate (RFC 5280) says: names, validity, key, algorithms, alternative names, fingerprints. Read
// by an own DER walk, bounded and without exceptions; `undefined` for what is no certificate. Called by the
// certificate cache, so a certificate that many servers show is read once.

import { isUtf8 } from 'node:buffer';
import { hash } from 'node:crypto';
import { addressText } from '../address-text.ts';
import { DerCursor, Tag } from './der-cursor.ts';
import { type DistinguishedName, parseName } from './distinguished-name.ts';
import { curveName, curveSizeBits, oidText, publicKeyName, signatureName } from './object-identifier.ts';
import { timeValue } from './validity.ts';

/** Most alternative names that are kept of one certificate; large delivery networks have some 250. */
export const maxAlternativeNames = 512;
const maxExtensions = 64;

export class Certificate {
  /** Upper-case hex, as ECS has them. */
  sha1 = '';
  sha256 = '';
  /** 1, 2 or 3; 0 when the certificate carries no such number. */
  version = 1;
  /** Upper-case hex without separators, leading zero octets kept off. */
  serialNumber = '';
  /** Lower-case hex of the octets as they came. */
  serialOctets = '';
  signatureAlgorithm = '';
  issuer: DistinguishedName;
  subject: DistinguishedName;
  /** Microseconds since 1970; undefined when unreadable. */
  notBeforeUs: number | undefined = undefined;
  notAfterUs: number | undefined = undefined;
  publicKeyAlgorithm = '';
  /** Dotted text of the algorithm. */
  publicKeyOid = '';
  /** Bits; 0 unknown. */
  publicKeySize = 0;
  /** RSA only; 0 otherwise or when it does not fit. */
  publicKeyExponent = 0;
  /** Elliptic curves only. */
  publicKeyCurve = '';
  /** Dotted text of the curve. */
  publicKeyCurveOid = '';
  /** DNS names, addresses, mail addresses, URIs and directory names, in order. */
  alternativeNames: string[] = [];
  /** The DNS names among them; those that are not UTF-8 are counted only. */
  dnsNames: string[] = [];
  badDnsNames = 0;
  /** Basic constraints say CA. */
  isAuthority = false;
  /** The key usage has keyCertSign. */
  signsCertificates = false;

  constructor(issuer: DistinguishedName, subject: DistinguishedName) {
    this.issuer = issuer;
    this.subject = subject;
  }

  /** Subject and issuer are the same name. */
  get isSelfIssued(): boolean {
    return this.subject.text === this.issuer.text;
  }
}

/** Reads the DER of one certificate; undefined when it is malformed before its public key. */
export function parseCertificate(bytes: Buffer, from: number, to: number): Certificate | undefined {
  const outer = new DerCursor(bytes, from, to);
  if (!outer.expect(Tag.sequence)) return undefined;
  const whole = outer.inside();
  if (!whole.expect(Tag.sequence)) return undefined;
  const body = whole.inside();
  let version = 1;
  if (body.peek() === 0xa0) {
    body.next();
    const inner = body.inside();
    if (!inner.expect(Tag.integer) || inner.to - inner.from !== 1) return undefined;
    version = (bytes[inner.from] as number) + 1;
  }
  if (!body.expect(Tag.integer)) return undefined;
  const serialNumber = integerHex(bytes, body.from, body.to);
  const serialOctets = bytes.toString('hex', body.from, body.to);
  if (!body.expect(Tag.sequence)) return undefined;
  const algorithm = body.inside();
  if (!algorithm.expect(Tag.oid)) return undefined;
  const signatureAlgorithm = signatureName(oidText(bytes, algorithm.from, algorithm.to));
  if (!body.expect(Tag.sequence)) return undefined;
  const issuer = parseName(body.inside());
  if (!body.expect(Tag.sequence)) return undefined;
  const validity = body.inside();
  if (!body.expect(Tag.sequence)) return undefined;
  const subject = parseName(body.inside());
  if (issuer === undefined || subject === undefined) return undefined;

  const certificate = new Certificate(issuer, subject);
  certificate.version = version;
  certificate.serialNumber = serialNumber;
  certificate.serialOctets = serialOctets;
  certificate.signatureAlgorithm = signatureAlgorithm;
  if (validity.next()) certificate.notBeforeUs = timeValue(validity);
  if (validity.next()) certificate.notAfterUs = timeValue(validity);
  if (body.expect(Tag.sequence)) readPublicKey(certificate, body.inside());
  while (body.next()) {
    // [1] and [2] are unique identifiers, [3] the extensions.
    if (body.tag === 0xa3) readExtensions(certificate, body.inside());
  }
  const der = bytes.subarray(from, to);
  certificate.sha1 = hash('sha1', der, 'hex').toUpperCase();
  certificate.sha256 = hash('sha256', der, 'hex').toUpperCase();
  return certificate;
}

/** RFC 5280 section 4.1.2.7; RSA key of RFC 8017, curve of RFC 5480. */
function readPublicKey(certificate: Certificate, info: DerCursor): void {
  const { bytes } = info;
  if (!info.expect(Tag.sequence)) return;
  const algorithm = info.inside();
  if (!algorithm.expect(Tag.oid)) return;
  certificate.publicKeyOid = oidText(bytes, algorithm.from, algorithm.to);
  const name = publicKeyName(certificate.publicKeyOid);
  certificate.publicKeyAlgorithm = name;
  if (!info.expect(Tag.bitString)) return;
  if (name === 'RSA' || name === 'RSA-PSS') {
    const key = new DerCursor(bytes, info.from + 1, info.to);
    if (!key.expect(Tag.sequence)) return;
    const numbers = key.inside();
    if (!numbers.expect(Tag.integer)) return;
    certificate.publicKeySize = integerBits(bytes, numbers.from, numbers.to);
    if (!numbers.expect(Tag.integer) || numbers.to - numbers.from > 6) return;
    let exponent = 0;
    for (let at = numbers.from; at < numbers.to; at++) exponent = exponent * 256 + (bytes[at] as number);
    certificate.publicKeyExponent = exponent;
  } else if (name === 'ECDSA') {
    if (!algorithm.expect(Tag.oid)) return;
    certificate.publicKeyCurveOid = oidText(bytes, algorithm.from, algorithm.to);
    certificate.publicKeyCurve = curveName(certificate.publicKeyCurveOid);
    certificate.publicKeySize = curveSizeBits(certificate.publicKeyCurve);
  } else if (name === 'DSA' || name === 'DH') {
    if (!algorithm.expect(Tag.sequence)) return;
    const parameters = algorithm.inside();
    if (parameters.expect(Tag.integer)) certificate.publicKeySize = integerBits(bytes, parameters.from, parameters.to);
  } else if (name === 'Ed25519' || name === 'X25519') certificate.publicKeySize = 256;
  else if (name === 'Ed448' || name === 'X448') certificate.publicKeySize = 448;
}

function readExtensions(certificate: Certificate, wrapper: DerCursor): void {
  if (!wrapper.expect(Tag.sequence)) return;
  const list = wrapper.inside();
  for (let count = 0; count < maxExtensions && list.next(); count++) {
    if (list.tag !== Tag.sequence) return;
    const extension = list.inside();
    if (!extension.expect(Tag.oid)) return;
    const type = oidText(list.bytes, extension.from, extension.to);
    // An optional BOOLEAN (critical) stands before the value.
    while (extension.next() && extension.tag !== Tag.octetString);
    if (extension.tag !== Tag.octetString) continue;
    if (type === '2.5.29.17') readAlternativeNames(certificate, extension.inside());
    else if (type === '2.5.29.19') {
      const constraints = extension.inside();
      if (!constraints.expect(Tag.sequence)) continue;
      const inner = constraints.inside();
      certificate.isAuthority = inner.peek() === 0x01 && inner.next() && inner.bytes[inner.from] !== 0;
    } else if (type === '2.5.29.15') {
      // RFC 5280 section 4.2.1.3: a BIT STRING, of which keyCertSign is bit 5.
      const usage = extension.inside();
      const held = usage.expect(Tag.bitString) && usage.to - usage.from >= 2;
      certificate.signsCertificates = held && ((usage.bytes[usage.from + 1] as number) & 0x04) !== 0;
    }
  }
}

/** RFC 5280 section 4.2.1.6. */
function readAlternativeNames(certificate: Certificate, value: DerCursor): void {
  if (!value.expect(Tag.sequence)) return;
  const names = value.inside();
  while (certificate.alternativeNames.length < maxAlternativeNames && names.next()) {
    const { bytes, from, to } = names;
    switch (names.tag) {
      case 0x82: {
        // dNSName
        certificate.alternativeNames.push(bytes.toString('latin1', from, to));
        if (isUtf8(bytes.subarray(from, to))) certificate.dnsNames.push(bytes.toString('utf8', from, to));
        else certificate.badDnsNames++;
        break;
      }
      case 0x81: // rfc822Name
      case 0x86: // uniformResourceIdentifier
        certificate.alternativeNames.push(bytes.toString('latin1', from, to));
        break;
      case 0x87: // iPAddress
        certificate.alternativeNames.push(addressText(bytes, from, to) || bytes.toString('hex', from, to));
        break;
      case 0xa4: {
        // directoryName
        const inner = names.inside();
        const name = inner.expect(Tag.sequence) ? parseName(inner.inside()) : undefined;
        if (name !== undefined) certificate.alternativeNames.push(name.text);
        break;
      }
    }
  }
}

function integerHex(bytes: Buffer, from: number, to: number): string {
  let start = from;
  while (start + 1 < to && bytes[start] === 0) start++;
  return bytes.toString('hex', start, to).toUpperCase();
}

function integerBits(bytes: Buffer, from: number, to: number): number {
  let start = from;
  while (start < to && bytes[start] === 0) start++;
  if (start === to) return 0;
  return (to - start) * 8 - (Math.clz32(bytes[start] as number) - 24);
}
