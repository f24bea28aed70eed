// The Certificate message of TLS 1.2 and earlier (RFC 5246 section 7.4.2): a list of DER certificates, the sender’s
// own first. In 1.3 it is encrypted and never comes here. Called by the TLS decoder. Never throws.

import { ByteCursor } from '../byte-cursor.ts';

/** Most certificates of one chain that are looked at. */
const maxChain = 32;

const cursor = new ByteCursor(Buffer.alloc(0), 0, 0);

/** Stretches of the certificates of a message, as offsets in its bytes. Used again for each message. */
export class CertificateList {
  readonly from: Uint32Array = new Uint32Array(maxChain);
  readonly to: Uint32Array = new Uint32Array(maxChain);
  count = 0;
  /** All of it was there and its lengths agreed. */
  complete = false;

  /** A single certificate, without a message around it; none when empty. */
  setOne(from: number, to: number): void {
    this.count = to > from ? 1 : 0;
    this.from[0] = from;
    this.to[0] = to;
  }

  /** Reads the body of a Certificate message (after the 4-byte message header). */
  read(bytes: Buffer, from: number, to: number): void {
    cursor.set(bytes, from, to);
    this.count = 0;
    const declared = cursor.u24();
    const fits = declared === cursor.left;
    while (cursor.left > 0 && !cursor.failed && this.count < maxChain) {
      const length = cursor.u24();
      const start = cursor.position;
      cursor.skip(length);
      if (cursor.failed) break;
      this.from[this.count] = start;
      this.to[this.count++] = start + length;
    }
    this.complete = fits && !cursor.failed;
  }
}
