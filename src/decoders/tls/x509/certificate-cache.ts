// Certificates read lately, by the SHA-256 of their DER: the same few servers show the same certificates over and
// over. One a packet worker; bounded; the one not seen for longest goes first. Bad ones are kept too, so that they
// cost one reading each.

import { hash } from 'node:crypto';
import { type Certificate, parseCertificate } from './certificate.ts';

export class CertificateCache {
  readonly #capacity: number;
  /** A Map keeps insertion order: a hit is taken out and put in again, so the first key is the oldest. */
  readonly #entries: Map<string, Certificate | undefined>;

  constructor(capacity: number) {
    this.#capacity = capacity;
    this.#entries = new Map();
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The certificate whose DER is `bytes[from, to)`; undefined when it is malformed. */
  read(bytes: Buffer, from: number, to: number): Certificate | undefined {
    const key = hash('sha256', bytes.subarray(from, to), 'base64');
    const known = this.#entries.get(key);
    if (known !== undefined || this.#entries.has(key)) {
      this.#entries.delete(key);
      this.#entries.set(key, known);
      return known;
    }
    const certificate = parseCertificate(bytes, from, to);
    if (this.#entries.size >= this.#capacity) {
      const oldest = this.#entries.keys().next();
      if (!oldest.done) this.#entries.delete(oldest.value);
    }
    this.#entries.set(key, certificate);
    return certificate;
  }
}
