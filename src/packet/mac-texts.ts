// Texts of MAC addresses, each made once as long as it is in use: a capture point sees few of them, and every session
// record names two. Called when records are made, on packet workers.

import { formatMac } from './addresses.ts';

/** A power of two. An address that falls on another's place takes it. */
const places = 256;

export class MacTexts {
  /** By place: the first three bytes, the last three. */
  readonly #upper: Int32Array;
  readonly #lower: Int32Array;
  readonly #texts: string[];

  constructor() {
    this.#upper = new Int32Array(places).fill(-1);
    this.#lower = new Int32Array(places);
    this.#texts = new Array<string>(places).fill('');
  }

  /** `aa:bb:cc:dd:ee:ff` from the six bytes at `at`. */
  format(bytes: Uint8Array, at: number): string {
    const upper = ((bytes[at] as number) << 16) | ((bytes[at + 1] as number) << 8) | (bytes[at + 2] as number);
    const lower = ((bytes[at + 3] as number) << 16) | ((bytes[at + 4] as number) << 8) | (bytes[at + 5] as number);
    const place = (lower ^ (lower >> 8) ^ upper) & (places - 1);
    if (this.#upper[place] === upper && this.#lower[place] === lower) return this.#texts[place] as string;
    const text = formatMac(bytes, at);
    this.#upper[place] = upper;
    this.#lower[place] = lower;
    this.#texts[place] = text;
    return text;
  }
}
