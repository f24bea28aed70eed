// Short JSON texts that a number chooses: names of protocols, letters of flags. Made once a thread when the fields of
// records are; written for every record on packet workers, in two stores, where a string is taken apart by character.

import type { JsonWriter } from './json-writer.ts';

/** Most bytes that `write` touches. */
export const tableTextMost = 16;

export class TextTable {
  /** Two a text. */
  readonly #words: Float64Array;
  readonly #lengths: Uint8Array;

  /** Of printable ASCII, at most 14 characters each; what is '' is not to be written. */
  constructor(texts: readonly string[]) {
    const bytes = Buffer.alloc(texts.length * tableTextMost, ' ');
    this.#lengths = Uint8Array.from(texts, (text, index) => {
      const json = JSON.stringify(text);
      if (json.length > tableTextMost) throw new RangeError(`${json} is too long for a table`);
      return bytes.write(json, index * tableTextMost, 'latin1');
    });
    this.#words = new Float64Array(bytes.buffer, bytes.byteOffset, texts.length * 2);
  }

  /** Writes the text of `index`, quotes and all; returns its end. */
  write(index: number, writer: JsonWriter, at: number): number {
    const words = this.#words;
    const { view } = writer;
    view.setFloat64(at, words[index * 2] as number, true);
    view.setFloat64(at + 8, words[index * 2 + 1] as number, true);
    return at + (this.#lengths[index] as number);
  }
}
