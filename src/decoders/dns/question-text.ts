// The name that a transaction asks for, as text for its session's record and as JSON for its own and its answers'. Written
// when the response comes or none will; one a thread, valid until the next.

import { ByteText, JsonText } from '../../record/index.ts';
import { writeName } from './domain-name.ts';
import { TextWriter } from './text-writer.ts';
import type { Transaction } from './transaction.ts';

/** 255 bytes of name, each at most `\DDD`. */
export const nameCharactersMax = 1024;

export class QuestionText {
  readonly plain: ByteText;
  readonly json: JsonText;
  readonly text: TextWriter;

  constructor() {
    // Plain in quotes, and where that is no JSON, as JSON behind it.
    this.text = new TextWriter(3 * nameCharactersMax + 4);
    this.plain = new ByteText(this.text.bytes, 0, 0);
    this.json = new JsonText(this.text.bytes, 0, 0);
  }

  /** Takes the name that `t` asks for. */
  write(t: Transaction): void {
    const text = this.text;
    const { plain, json } = this;
    text.begin(text.bytes.length);
    text.special = false;
    if (t.nameIsPlain && t.nameBytes > 1) {
      text.wireName(t.names.view, t.nameAt, t.nameBytes);
    } else {
      text.byte(0x22);
      writeName(text, t.names.bytes, t.nameAt, t.nameAt, t.nameAt + t.nameBytes);
    }
    plain.from = 1;
    plain.to = text.length;
    text.byte(0x22);
    const end = text.length;
    json.from = 0;
    json.to = end;
    if (!text.special) return;
    text.copy(text, 0, end - 1);
    text.escapeJson(end + 1);
    text.byte(0x22);
    json.from = end;
    json.to = text.length;
  }
}
