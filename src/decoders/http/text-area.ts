// The texts of one transaction: each is one that is known already, or lies as UTF-8 in the transaction's own bytes, which
// are lent by a bounded pool while it has any. Filled by the readers of heads, read by the record, on a packet worker.

import { ByteText, type JsonText } from '../../record/index.ts';
import type { KnownText, KnownTexts } from './known-texts.ts';
import { giveBack, lend, noBytes } from './lent-buffers.ts';
import { asciiLower, textOf } from './wire-text.ts';

const smallestArea = 512;
/** An area up to this size stays with its transaction in the pool. */
const largestKeptArea = 1024;

export class WireValue {
  known: KnownText | undefined = undefined;
  /** Where it lies in the area, when it is not known. */
  from = 0;
  to = 0;

  get isEmpty(): boolean {
    return this.known === undefined && this.from === this.to;
  }

  clear(): void {
    this.known = undefined;
    this.from = 0;
    this.to = 0;
  }
}

/** The text that was asked for last: the encoder reads it at once. */
const shown = new ByteText(noBytes, 0, 0);

export class TextArea {
  bytes: Buffer = noBytes;
  length = 0;

  /** Sets `value` to the text `bytes[from, to)`. */
  keep(value: WireValue, bytes: Buffer, from: number, to: number): void {
    const start = this.length;
    let at = this.makeRoom(to - from);
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = byte;
    }
    if (high >= 0x80) this.keepText(value, textOf(bytes, from, to));
    else this.set(value, start, at);
  }

  /** The same in lower case. */
  keepLower(value: WireValue, bytes: Buffer, from: number, to: number): void {
    const start = this.length;
    let at = this.makeRoom(to - from);
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = asciiLower[byte] as number;
    }
    if (high >= 0x80) this.keepText(value, textOf(bytes, from, to).toLowerCase());
    else this.set(value, start, at);
  }

  /** For texts that come again and again: in `table` when they are known. */
  keepRepeated(value: WireValue, table: KnownTexts<KnownText>, bytes: Buffer, from: number, to: number): void {
    const known = table.find(bytes, from, to);
    if (known === undefined) this.keep(value, bytes, from, to);
    else value.known = known;
  }

  /** The same for texts that records say in lower case. */
  keepToken(value: WireValue, table: KnownTexts<KnownText>, bytes: Buffer, from: number, to: number): void {
    const known = table.find(bytes, from, to);
    if (known === undefined) this.keepLower(value, bytes, from, to);
    else value.known = known;
  }

  keepText(value: WireValue, text: string): void {
    const start = this.makeRoom(text.length * 3);
    this.set(value, start, start + this.bytes.write(text, start));
  }

  /** What a record says of `value`; an area's text is valid until the next call. */
  shown(value: WireValue): JsonText | ByteText | undefined {
    return value.known === undefined ? this.own(value) : value.known.json;
  }

  /** The text of `value` as sent; valid until the next call. */
  noted(value: WireValue): ByteText | undefined {
    return value.known === undefined ? this.own(value) : value.known.text;
  }

  /** The text as sent as a string, for what is seldom. */
  string(value: WireValue): string {
    const text = this.noted(value);
    return text === undefined ? '' : (text.bytes as Buffer).toString('utf8', text.from, text.to);
  }

  /** What a record says of it as a string, for what is seldom. */
  shownString(value: WireValue): string {
    const { known } = value;
    if (known === undefined) return this.string(value);
    return known.bytes.toString('latin1', known.json.from + 1, known.json.to - 1);
  }

  /** Forgets all texts. */
  clear(): void {
    this.length = 0;
    if (this.bytes.length <= largestKeptArea) return;
    giveBack(this.bytes);
    this.bytes = noBytes;
  }

  private own(value: WireValue): ByteText | undefined {
    if (value.from === value.to) return undefined;
    shown.bytes = this.bytes;
    shown.from = value.from;
    shown.to = value.to;
    return shown;
  }

  private set(value: WireValue, from: number, to: number): void {
    value.known = undefined;
    value.from = from;
    value.to = to;
    this.length = to;
  }

  /** Where the next text begins; there are `count` bytes for it. */
  private makeRoom(count: number): number {
    const { length } = this;
    if (length + count > this.bytes.length) {
      const larger = lend(length + count, smallestArea);
      this.bytes.copy(larger, 0, 0, length);
      giveBack(this.bytes);
      this.bytes = larger;
    }
    return length;
  }
}
