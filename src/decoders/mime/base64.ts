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
   * Decodes `bytes[from, to)` into `out` from `start` on, which has room for three bytes of each four begun.
   * @returns the end of what it wrote
   */
  decode(bytes: Buffer, from: number, to: number, out: Buffer, start: number): number {
    let end = start;
    let at = from;
    while (at < to && !this.#isOver) {
      if (this.#count === 0) {
        // Four characters at once, as long as all are of the alphabet.
        for (; at + 4 <= to; at += 4) {
          const bits =
            ((values[bytes[at] as number] as number) << 18) |
            ((values[bytes[at + 1] as number] as number) << 12) |
            ((values[bytes[at + 2] as number] as number) << 6) |
            (values[bytes[at + 3] as number] as number);
          if (bits < 0) break;
          out[end] = bits >> 16;
          out[end + 1] = (bits >> 8) & 0xff;
          out[end + 2] = bits & 0xff;
          end += 3;
        }
        if (at >= to) break;
      }
      const value = values[bytes[at] as number] as number;
      at += 1;
      if (value < 0) {
        if (bytes[at - 1] === padding && this.#count >= 2) this.#isOver = true;
        continue;
      }
      this.#bits = ((this.#bits << 6) | value) & 0xffffff;
      this.#count += 1;
      if (this.#count === 2) out[end++] = (this.#bits >> 4) & 0xff;
      else if (this.#count === 3) out[end++] = (this.#bits >> 2) & 0xff;
      else if (this.#count === 4) {
        out[end++] = this.#bits & 0xff;
        this.#count = 0;
      }
    }
    return end;
  }
}
