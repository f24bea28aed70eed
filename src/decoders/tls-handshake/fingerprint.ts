// A fingerprint and what it is the hash of, ready for records. Both are letters, digits and punctuation of ASCII.

import type { JsonText } from '../../record/index.ts';
import { finishedPlain } from './json.ts';

export class Fingerprint {
  readonly text: string;
  readonly source: string;
  #json: JsonText | undefined;
  #sourceJson: JsonText | undefined;

  constructor(text: string, source: string) {
    this.text = text;
    this.source = source;
    this.#json = undefined;
    this.#sourceJson = undefined;
  }

  /** Both made when first asked for: not all carriers of a hello write records of their own. */
  get json(): JsonText {
    this.#json ??= finishedPlain(this.text);
    return this.#json;
  }

  get sourceJson(): JsonText {
    this.#sourceJson ??= finishedPlain(this.source);
    return this.#sourceJson;
  }
}
