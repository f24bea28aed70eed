// The Certificate message of TLS 1.2 and earlier (RFC 5246 section 7.4.2): a list of DER certificates, the sender’s
// own first. In 1.3 it is encrypted and never comes here. Called by the TLS decoder. Never throws.

import { ByteCursor } from './byte-cursor.ts';

/** Most certificates of one chain that are looked at. */
const maxChain = 32;

/** Stretches of the certificates of a message, as offsets in its bytes. */
export class CertificateList {
  readonly from: number[] = [];
  readonly to: number[] = [];
  /** All of it was there and its lengths agreed. */
  complete = false;

  get count(): number {
    return this.from.length;
  }
}

/** Reads the body of a Certificate message (after the 4-byte message header). */
export function parseCertificateList(bytes: Buffer, from: number, to: number): CertificateList {
  const list = new CertificateList();
  const cursor = new ByteCursor(bytes, from, to);
  const declared = cursor.u24();
  const fits = declared === cursor.left;
  while (cursor.left > 0 && !cursor.failed && list.count < maxChain) {
    const length = cursor.u24();
    const start = cursor.position;
    cursor.skip(length);
    if (cursor.failed) break;
    list.from.push(start);
    list.to.push(start + length);
  }
  list.complete = fits && !cursor.failed;
  return list;
}
