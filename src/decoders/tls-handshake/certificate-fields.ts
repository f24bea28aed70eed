// The ECS fields of a certificate chain, the same for client and server: `tls.<side>.*` and `tls.<side>.x509.*`.

import type { Field, FieldType, FieldValue } from '../../record/index.ts';
import type { CertificateChain } from './handshake.ts';
import type { ShownCertificate, ShownName } from './shown-certificate.ts';

/** `prefix`: `tls.client` or `tls.server`. */
export function certificateFields<R>(prefix: string, chainOf: (record: R) => CertificateChain): Field<R>[] {
  const leaf =
    (type: FieldType, many = false) =>
    (name: string, meaning: string, read: (certificate: ShownCertificate) => FieldValue): Field<R> => ({
      name: `${prefix}.${name}`,
      type,
      ...(many ? { many } : {}),
      meaning,
      value: (record) => {
        const certificate = chainOf(record).leaf;
        return certificate === undefined ? undefined : read(certificate);
      },
    });
  const keyword = leaf('keyword');
  const long = leaf('long');
  const date = leaf('date');
  const many = leaf('keyword', true);
  const nameParts = (role: string, read: (certificate: ShownCertificate) => ShownName): Field<R>[] => [
    keyword(`x509.${role}.distinguished_name`, `Name of the ${role}, RFC 4514.`, (c) => read(c).text),
    many(`x509.${role}.common_name`, `CN of the ${role}.`, (c) => read(c).commonName),
    many(`x509.${role}.country`, `C of the ${role}.`, (c) => read(c).country),
    many(`x509.${role}.locality`, `L of the ${role}.`, (c) => read(c).locality),
    many(`x509.${role}.organization`, `O of the ${role}.`, (c) => read(c).organization),
    many(`x509.${role}.organizational_unit`, `OU of the ${role}.`, (c) => read(c).organizationalUnit),
    many(`x509.${role}.state_or_province`, `ST of the ${role}.`, (c) => read(c).stateOrProvince),
  ];
  return [
    keyword('subject', 'Subject of the certificate, RFC 4514.', (c) => c.subject.text),
    keyword('issuer', 'Issuer of the certificate, RFC 4514.', (c) => c.issuer.text),
    date('not_before', 'Start of the certificate’s validity.', (c) => c.notBefore),
    date('not_after', 'End of the certificate’s validity.', (c) => c.notAfter),
    keyword('hash.sha1', 'SHA-1 of the certificate’s DER, upper-case hex.', (c) => c.sha1),
    keyword('hash.sha256', 'SHA-256 of the certificate’s DER, upper-case hex.', (c) => c.sha256),
    {
      name: `${prefix}.certificate_count`,
      type: 'long',
      meaning: 'Certificates in the Certificate message; 0 for an empty one.',
      value: (record) => {
        const { count } = chainOf(record);
        return count < 0 ? undefined : count;
      },
    },
    {
      name: `${prefix}.certificate_chain`,
      type: 'keyword',
      many: true,
      meaning: 'DER of all certificates in base64, the sender’s own first. By option `certificate_chain`.',
      value: (record) => chainOf(record).encoded,
    },
    {
      name: `${prefix}.self_issued`,
      type: 'boolean',
      meaning: 'Subject and issuer of the certificate are the same name. Only said when so.',
      value: (record) => chainOf(record).leaf?.isSelfIssued || undefined,
    },
    ...nameParts('subject', (c) => c.subject),
    ...nameParts('issuer', (c) => c.issuer),
    keyword('x509.serial_number', 'Serial number, upper-case hex without separators.', (c) => c.serialNumber),
    many('x509.alternative_names', 'Subject alternative names, in order.', (c) => c.alternativeNames),
    date('x509.not_before', 'Start of validity.', (c) => c.notBefore),
    date('x509.not_after', 'End of validity.', (c) => c.notAfter),
    keyword('x509.public_key_algorithm', 'RSA, ECDSA, Ed25519, …; dotted text of an unknown one.', (c) => c.publicKeyAlgorithm),
    long('x509.public_key_size', 'Bits of the public key.', (c) => c.publicKeySize),
    long('x509.public_key_exponent', 'Exponent of an RSA key.', (c) => c.publicKeyExponent),
    keyword('x509.public_key_curve', 'Curve of an elliptic-curve key.', (c) => c.publicKeyCurve),
    keyword(
      'x509.signature_algorithm',
      'SHA256-RSA, ECDSA-SHA384, …; dotted text of an unknown one.',
      (c) => c.signatureAlgorithm,
    ),
    keyword('x509.version_number', 'Version of the certificate: 1, 2 or 3.', (c) => c.version),
  ];
}
