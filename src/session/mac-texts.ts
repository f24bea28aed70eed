// Texts of MAC addresses: a network has few, and its packets the same ones again and again, so those made last are kept. One a
// session tracker.

import { formatMac } from '../packet/index.ts';

/** A power of two. */
const places = 256;

export class MacTexts {
  readonly #addresses: Float64Array = new Float64Array(places).fill(-1);
  readonly #texts: string[] = new Array(places).fill('');

  /** Text of the six bytes at `at`. */
  of(bytes: Buffer, at: number): string {
    const address = bytes.readUIntBE(at, 6);
    const place = ((bytes[at + 5] as number) ^ ((bytes[at + 4] as number) * 7) ^ ((bytes[at + 3] as number) * 31)) & (places - 1);
    if (this.#addresses[place] !== address) {
      this.#addresses[place] = address;
      this.#texts[place] = formatMac(bytes, at);
    }
    return this.#texts[place] as string;
  }
}
