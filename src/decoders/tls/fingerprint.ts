// A fingerprint and what it is the hash of, ready for records.

import type { JsonText } from '../../record/index.ts';
import { finishedJson } from './json.ts';

export class Fingerprint {
  readonly text: string;
  readonly json: JsonText | undefined;
  readonly sourceJson: JsonText | undefined;

  constructor(text: string, source: string) {
    this.text = text;
    this.json = finishedJson(text);
    this.sourceJson = finishedJson(source);
  }
}
