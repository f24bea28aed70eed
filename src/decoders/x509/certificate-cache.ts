// What was made of certificates read lately, by their DER: the same few servers show the same certificates over and over.
// Found by a few bytes of the serial number and the signature, then compared whole. One a packet worker and use; bounded in
// number and bytes; the one not seen for longest goes first. Bad ones are kept too, so that they cost one reading each.

import { type Certificate, parseCertificate } from './certificate.ts';

/** DER that is kept in all. */
const maxBytes = 8 * 1024 * 1024;
/** Longer ones are read each time: none in the wild are. */
const maxLength = 65_536;

interface Entry<T> {
  readonly der: Buffer;
  readonly made: T | undefined;
}

export class CertificateCache<T> {
  readonly #capacity: number;
  readonly #make: (certificate: Certificate) => T;
  /** A Map keeps insertion order: a hit is taken out and put in again, so the first key is the oldest. */
  readonly #entries: Map<number, Entry<T>>;
  #newest: number;
  #bytes: number;

  /** `make` works out what is kept of a certificate; it may keep that. */
  constructor(capacity: number, make: (certificate: Certificate) => T) {
    this.#capacity = capacity;
    this.#make = make;
    this.#entries = new Map();
    this.#newest = -1;
    this.#bytes = 0;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** What is made of the certificate whose DER is `bytes[from, to)`; undefined when it is malformed. */
  read(bytes: Buffer, from: number, to: number): T | undefined {
    const key = keyOf(bytes, from, to);
    const known = this.#entries.get(key);
    if (known !== undefined && known.der.compare(bytes, from, to) === 0) {
      if (key !== this.#newest) {
        this.#entries.delete(key);
        this.#entries.set(key, known);
        this.#newest = key;
      }
      return known.made;
    }
    const parsed = parseCertificate(bytes, from, to);
    const made = parsed === undefined ? undefined : this.#make(parsed);
    if (to - from <= maxLength) this.#keep(key, bytes, from, to, made);
    return made;
  }

  #keep(key: number, bytes: Buffer, from: number, to: number, made: T | undefined): void {
    const der = Buffer.allocUnsafeSlow(to - from);
    bytes.copy(der, 0, from, to);
    this.#forget(key);
    for (const oldest of this.#entries.keys()) {
      if (this.#entries.size < this.#capacity && this.#bytes + der.length <= maxBytes) break;
      this.#forget(oldest);
    }
    this.#entries.set(key, { der, made });
    this.#newest = key;
    this.#bytes += der.length;
  }

  #forget(key: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined) return;
    this.#bytes -= entry.der.length;
    this.#entries.delete(key);
  }
}

/** Where the serial number lies, nearly always, and bytes of it and of the signature’s end that are looked at. */
const serialAt = 15;
const sampled = 12;

/** A small integer, spread well for different certificates. */
function keyOf(bytes: Buffer, from: number, to: number): number {
  let hash = to - from;
  for (let at = from + serialAt; at < from + serialAt + sampled && at < to; at++) {
    hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  }
  for (let at = Math.max(from, to - sampled); at < to; at++) hash = Math.imul(hash ^ (bytes[at] as number), 0x01000193);
  return (hash ^ (hash >>> 15)) & 0x3fff_ffff;
}
