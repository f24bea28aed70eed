// A fingerprint and what it is the hash of, ready for records. Both are letters, digits and punctuation of ASCII.

import type { JsonText } from '../../record/index.ts';
import { finishedPlain } from './json.ts';

export class Fingerprint {
  readonly text: string;
  readonly source: string;
  readonly json: JsonText;
  #sourceJson: JsonText | undefined;

  constructor(text: string, source: string) {
    this.text = text;
    this.source = source;
    this.json = finishedPlain(text);
    this.#sourceJson = undefined;
  }

  /** Made when first asked for, by option. */
  get sourceJson(): JsonText {
    this.#sourceJson ??= finishedPlain(this.source);
    return this.#sourceJson;
  }
}
