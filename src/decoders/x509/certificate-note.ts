// A certificate as Arkime's session document has it: an object in the array `cert`, with times relative to the session's
// first packet, and tags of the session. Called by every decoder that meets certificates (TLS, DTLS, IKE, OPC UA …), on a
// packet worker, when that document is written. Never throws.

import { JsonText, tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { collected, onlyArkime } from '../session-field.ts';
import type { Certificate } from './certificate.ts';
import { CertificateCache } from './certificate-cache.ts';

export const certificateField = onlyArkime(
  collected('object', 'arkime.cert', 'Certificates of the session, each an object, in the order sent.', { path: 'cert' }),
);

/** Names of public key algorithms as their standards have them (RFC 3279, RFC 4055, RFC 5480, RFC 8410). */
const algorithmNames = new Map<string, string>([
  ['1.2.840.113549.1.1.1', 'rsaEncryption'],
  ['1.2.840.113549.1.1.7', 'id-RSAES-OAEP'],
  ['1.2.840.113549.1.1.10', 'id-RSASSA-PSS'],
  ['1.2.840.10040.4.1', 'id-dsa'],
  ['1.2.840.10046.2.1', 'dhpublicnumber'],
  ['1.2.840.10045.2.1', 'id-ecPublicKey'],
  ['1.3.132.1.12', 'id-ecDH'],
  ['1.3.132.1.13', 'id-ecMQV'],
  ['1.3.101.110', 'id-X25519'],
  ['1.3.101.111', 'id-X448'],
  ['1.3.101.112', 'id-Ed25519'],
  ['1.3.101.113', 'id-Ed448'],
]);

/** Names of curves as X9.62 and SEC 2 have them. */
const curveNames = new Map<string, string>([
  ['1.2.840.10045.3.1.1', 'prime192v1'],
  ['1.2.840.10045.3.1.7', 'prime256v1'],
  ['1.3.132.0.10', 'secp256k1'],
  ['1.3.132.0.33', 'secp224r1'],
  ['1.3.132.0.34', 'secp384r1'],
  ['1.3.132.0.35', 'secp521r1'],
  ['1.3.36.3.3.2.8.1.1.7', 'brainpoolP256r1'],
  ['1.3.36.3.3.2.8.1.1.11', 'brainpoolP384r1'],
  ['1.3.36.3.3.2.8.1.1.13', 'brainpoolP512r1'],
  ['1.2.156.10197.1.301', 'sm2p256v1'],
]);

/** What of a certificate is the same in every session. */
class NotedCertificate {
  /** The object, open for what is relative to the session. */
  readonly head: string;
  /** Seconds since 1970; undefined when unreadable. */
  readonly notAfter: number | undefined;
  readonly isPreEpoch: boolean;
  readonly isAuthority: boolean;
  /** One and the same name, and organisation if any, on both sides. */
  readonly isSelfIssued: boolean;
  readonly hasBadName: boolean;

  constructor(certificate: Certificate) {
    const { issuer, subject, notBeforeUs, notAfterUs } = certificate;
    const alternatives = distinct(certificate.dnsNames.map((name) => name.toLowerCase()));
    const times = notBeforeUs !== undefined && notAfterUs !== undefined;
    const validSeconds = times ? Math.trunc((notAfterUs - notBeforeUs) / 1e6) : undefined;
    const body = JSON.stringify({
      hash: certificate.sha1.toLowerCase().replace(/..(?=.)/g, '$&:'),
      alt: filled(alternatives),
      altCnt: alternatives.length === 0 ? undefined : alternatives.length,
      curve: certificate.publicKeyCurveOid === '' ? undefined : nameOf(curveNames, certificate.publicKeyCurveOid),
      publicAlgorithm: certificate.publicKeyOid === '' ? undefined : nameOf(algorithmNames, certificate.publicKeyOid),
      issuerCN: filled(distinct(issuer.commonName.map((name) => name.toLowerCase()))),
      issuerON: filled(distinct(issuer.organization)),
      issuerOU: filled(distinct(issuer.organizationalUnit)),
      subjectCN: filled(distinct(subject.commonName.map((name) => name.toLowerCase()))),
      subjectON: filled(distinct(subject.organization)),
      subjectOU: filled(distinct(subject.organizationalUnit)),
      serial: certificate.serialOctets,
      notBefore: notBeforeUs === undefined ? undefined : notBeforeUs / 1000,
      notAfter: notAfterUs === undefined ? undefined : notAfterUs / 1000,
      validSeconds,
      validDays: validSeconds === undefined ? undefined : Math.trunc(validSeconds / 86_400),
    });
    this.head = body.slice(0, -1);
    this.notAfter = notAfterUs === undefined ? undefined : Math.floor(notAfterUs / 1e6);
    this.isPreEpoch = (notBeforeUs ?? 0) < 0 || (notAfterUs ?? 0) < 0;
    this.isAuthority = certificate.signsCertificates;
    this.isSelfIssued =
      issuer.commonName.length === 1 &&
      subject.commonName.length === 1 &&
      issuer.commonName[0] === subject.commonName[0] &&
      issuer.organization.join('\0') === subject.organization.join('\0');
    this.hasBadName = certificate.badDnsNames > 0;
  }
}

/** Certificates remembered by a packet worker, some 2 KiB each. */
const certificates = new CertificateCache(1024, (certificate) => new NotedCertificate(certificate));

/**
 * Notes the certificate whose DER is `bytes[from, to)`, and what it says about the session as tags. `isFirst`: the session
 * has shown none before; only that one can be told to be self-signed, as the roots of chains always are.
 * @returns false when it is malformed, and nothing is noted
 */
export function noteCertificate(context: DecoderContext, bytes: Buffer, from: number, to: number, isFirst: boolean): boolean {
  const certificate = certificates.read(bytes, from, to);
  if (certificate === undefined) return false;
  if (certificate.isAuthority) context.note(tagsField, 'cert:certificate-authority');
  else if (isFirst && certificate.isSelfIssued) context.note(tagsField, 'cert:self-signed');
  if (certificate.isPreEpoch) context.note(tagsField, 'cert:pre-epoch-time');
  if (certificate.hasBadName) context.note(tagsField, 'bad-altname');
  let text = certificate.head;
  if (certificate.notAfter !== undefined) {
    const seconds = Math.max(0, certificate.notAfter - Math.floor(context.startUs / 1e6));
    text += `,"remainingSeconds":${seconds},"remainingDays":${Math.trunc(seconds / 86_400)}`;
  }
  const json = Buffer.from(`${text}}`);
  context.note(certificateField, new JsonText(json, 0, json.length));
  return true;
}

function nameOf(names: ReadonlyMap<string, string>, oid: string): string {
  return names.get(oid) ?? oid;
}

/** Texts end at their first NUL, as in all of Arkime's document. */
function distinct(values: readonly string[]): string[] {
  const texts = values.map((value) => (value.split('\0', 1)[0] as string).toWellFormed());
  return [...new Set(texts.filter((text) => text !== ''))];
}

/** undefined, which JSON leaves out, for an empty list. */
function filled(values: readonly string[]): readonly string[] | undefined {
  return values.length === 0 ? undefined : values;
}
