// What a response says, as JSON that grows while the message is read: the records of its sections, and the addresses in
// its answers. One a thread, used again for every response; a zone transfer, whose response has many messages, has one of
// its own. Filled by the record reader, read by the record type.

import { JsonText } from '../../record/index.ts';
import { TextWriter } from './text-writer.ts';

/** Records of a section and addresses that are shown, at most: the range of the option `max_records`. */
export const recordsMost = 256;

/** A JSON array of what was written into `text`. */
export class JsonList {
  readonly text: TextWriter;
  count: number;
  readonly #json: JsonText;

  constructor() {
    this.text = new TextWriter(0);
    this.count = 0;
    this.#json = new JsonText(this.text.bytes, 0, 0);
  }

  clear(): void {
    this.text.length = 0;
    this.count = 0;
  }

  /** Begins an item of at most `bytesMost`; `cancel` with what it answers takes it back. */
  begin(bytesMost: number): number {
    const text = this.text;
    const before = text.length;
    // A comma or bracket before it, the bracket behind the last.
    text.ensure(bytesMost + 2);
    text.bytes[text.length++] = this.count === 0 ? 0x5b : 0x2c;
    this.count++;
    return before;
  }

  cancel(before: number): void {
    this.text.length = before;
    this.count--;
  }

  /** The array so far; valid until the next item. */
  get json(): JsonText | undefined {
    if (this.count === 0) return undefined;
    const text = this.text;
    const json = this.#json;
    text.bytes[text.length] = 0x5d;
    json.bytes = text.bytes;
    json.to = text.length + 1;
    return json;
  }
}

/** Distinct addresses, in the order they came. */
export class AddressList extends JsonList {
  /** Where each one begins in `text`, behind its quote, and where the last ends. */
  readonly starts: Uint16Array;

  constructor() {
    super();
    this.starts = new Uint16Array(recordsMost + 1);
  }

  /** Takes `bytes[from, to)`, the text of an address, unless it is here already. */
  add(source: TextWriter, from: number, to: number): void {
    const bytes = source.bytes;
    const length = to - from;
    if (this.count >= recordsMost) return;
    for (let index = 0; index < this.count; index++) if (this.#is(index, bytes, to, length)) return;
    this.begin(length + 2);
    const text = this.text;
    text.bytes[text.length++] = 0x22;
    this.starts[this.count - 1] = text.length;
    text.copy(source, from, to);
    text.bytes[text.length++] = 0x22;
    // The next one would begin behind `,"`.
    this.starts[this.count] = text.length + 2;
  }

  start(index: number): number {
    return this.starts[index] as number;
  }

  end(index: number): number {
    return (this.starts[index + 1] as number) - 3;
  }

  /** From the end, where addresses differ. */
  #is(index: number, bytes: Uint8Array, to: number, length: number): boolean {
    const end = this.end(index);
    if (end - this.start(index) !== length) return false;
    const known = this.text.bytes;
    for (let back = 1; back <= length; back++) if (known[end - back] !== bytes[to - back]) return false;
    return true;
  }
}

export class SectionText {
  readonly answers: JsonList;
  readonly authorities: JsonList;
  readonly additionals: JsonList;
  readonly addresses: AddressList;

  constructor() {
    this.answers = new JsonList();
    this.authorities = new JsonList();
    this.additionals = new JsonList();
    this.addresses = new AddressList();
  }

  clear(): void {
    this.answers.clear();
    this.authorities.clear();
    this.additionals.clear();
    this.addresses.clear();
  }
}
