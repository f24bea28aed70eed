// JA3 and JA3S: MD5 over the decimal values of a hello, lists joined with `-`, fields with `,`. JA3 leaves GREASE
// (RFC 8701) out, as an offer does; JA3S takes the server’s extensions as they come. Called once for each different
// hello that is in the caches.

import { hash } from 'node:crypto';
import type { ClientOffer } from './client-offer.ts';
import type { ServerAnswer } from './server-answer.ts';

/** `version,ciphers,extensions,groups,point formats` */
export function ja3String(offer: ClientOffer): string {
  const { version, cipherSuites, extensions, supportedGroups, pointFormats } = offer;
  return `${version},${cipherSuites.join('-')},${extensions.join('-')},${supportedGroups.join('-')},${pointFormats.join('-')}`;
}

/** `version,cipher,extensions` */
export function ja3sString(answer: ServerAnswer): string {
  return `${answer.legacyVersion},${answer.cipherSuite},${answer.extensions.join('-')}`;
}

/** 32 lower-case hex digits. */
export function ja3Hash(text: string): string {
  return hash('md5', text, 'hex');
}
