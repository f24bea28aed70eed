// Base64 (RFC 4648): short texts at once, and contents that come in lines. Characters outside the alphabet are passed
// over, as RFC 2045 section 6.8 asks. Used by mail decoders on a packet worker.

const values = new Int8Array(256).fill(-1);
for (const [index, char] of [...'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'].entries())
  values[char.charCodeAt(0)] = index;
const padding = 0x3d;

/** The bytes of a base64 text; what follows its padding is not read. */
export function decodedBase64(text: string): Buffer {
  return Buffer.from(text, 'base64');
}

/** Decodes a content in pieces of any size. */
export class Base64Stream {
  #bits = 0;
  #count = 0;
  #isOver = false;

  /**
   * Decodes `bytes[from, to)` into `out` from 0 on; `out` has room for three bytes of each four.
   * @returns the number of bytes
   */
  decode(bytes: Buffer, from: number, to: number, out: Buffer): number {
    let length = 0;
    for (let at = from; at < to && !this.#isOver; at += 1) {
      const value = values[bytes[at] as number] as number;
      if (value < 0) {
        if (bytes[at] === padding && this.#count >= 2) this.#isOver = true;
        continue;
      }
      this.#bits = ((this.#bits << 6) | value) & 0xffffff;
      this.#count += 1;
      if (this.#count === 2) out[length++] = (this.#bits >> 4) & 0xff;
      else if (this.#count === 3) out[length++] = (this.#bits >> 2) & 0xff;
      else if (this.#count === 4) {
        out[length++] = this.#bits & 0xff;
        this.#count = 0;
      }
    }
    return length;
  }
}
