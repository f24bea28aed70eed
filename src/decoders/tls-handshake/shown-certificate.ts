// A certificate as records show it: every field as finished JSON, so that a certificate that many servers show is
// written once and copied after. Made by the certificate cache.

import type { JsonText } from '../../record/index.ts';
import type { Certificate } from '../x509/certificate.ts';
import type { DistinguishedName } from '../x509/distinguished-name.ts';
import { finishedDate, finishedJson } from './json.ts';

/** undefined for what the certificate does not say. */
export class ShownName {
  readonly text: JsonText | undefined;
  readonly commonName: JsonText | undefined;
  readonly country: JsonText | undefined;
  readonly locality: JsonText | undefined;
  readonly organization: JsonText | undefined;
  readonly organizationalUnit: JsonText | undefined;
  readonly stateOrProvince: JsonText | undefined;

  constructor(name: DistinguishedName) {
    this.text = finishedJson(name.text);
    this.commonName = finishedJson(name.commonName);
    this.country = finishedJson(name.country);
    this.locality = finishedJson(name.locality);
    this.organization = finishedJson(name.organization);
    this.organizationalUnit = finishedJson(name.organizationalUnit);
    this.stateOrProvince = finishedJson(name.stateOrProvince);
  }
}

/** undefined for what the certificate does not say. */
export class ShownCertificate {
  /** What sessions note. */
  readonly commonNames: readonly string[];
  readonly isSelfIssued: boolean;
  readonly subject: ShownName;
  readonly issuer: ShownName;
  readonly notBefore: JsonText | undefined;
  readonly notAfter: JsonText | undefined;
  readonly sha1: JsonText | undefined;
  readonly sha256: JsonText | undefined;
  readonly serialNumber: JsonText | undefined;
  readonly alternativeNames: JsonText | undefined;
  readonly publicKeyAlgorithm: JsonText | undefined;
  readonly publicKeySize: JsonText | undefined;
  readonly publicKeyExponent: JsonText | undefined;
  readonly publicKeyCurve: JsonText | undefined;
  readonly signatureAlgorithm: JsonText | undefined;
  readonly version: JsonText | undefined;

  constructor(certificate: Certificate) {
    this.commonNames = certificate.subject.commonName;
    this.isSelfIssued = certificate.isSelfIssued;
    this.subject = new ShownName(certificate.subject);
    this.issuer = new ShownName(certificate.issuer);
    this.notBefore = finishedDate(certificate.notBeforeUs);
    this.notAfter = finishedDate(certificate.notAfterUs);
    this.sha1 = finishedJson(certificate.sha1);
    this.sha256 = finishedJson(certificate.sha256);
    this.serialNumber = finishedJson(certificate.serialNumber);
    this.alternativeNames = finishedJson(certificate.alternativeNames);
    this.publicKeyAlgorithm = finishedJson(certificate.publicKeyAlgorithm);
    this.publicKeySize = finishedJson(certificate.publicKeySize || undefined);
    this.publicKeyExponent = finishedJson(certificate.publicKeyExponent || undefined);
    this.publicKeyCurve = finishedJson(certificate.publicKeyCurve);
    this.signatureAlgorithm = finishedJson(certificate.signatureAlgorithm);
    this.version = finishedJson(String(certificate.version));
  }
}
