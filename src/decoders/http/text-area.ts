// The texts of one transaction: each is one that is known already, or lies as UTF-8 in the transaction's own bytes: a block
// while there are any, a larger buffer of its own when they are many. Filled by the readers of heads, read by the record,
// on a packet worker.

import { ByteText, type JsonText } from '../../record/index.ts';
import type { KnownText, KnownTexts } from './known-texts.ts';
import { giveBack, lend, noBytes } from './lent-buffers.ts';
import { blockBytes, giveBackBlock, slabOf, startOf, takeBlock } from './text-blocks.ts';
import { asciiLower, textOf } from './wire-text.ts';

export class WireValue {
  known: KnownText | undefined = undefined;
  /** Where it lies in the area's bytes, counted from `begin`, when it is not known. */
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
  /** Where the area's bytes begin in `bytes`. */
  begin = 0;
  private length = 0;
  private size = 0;
  private block = -1;

  /** Sets `value` to the text `bytes[from, to)`. */
  keep(value: WireValue, bytes: Buffer, from: number, to: number): void {
    let at = this.makeRoom(to - from);
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = byte;
    }
    if (high >= 0x80) this.keepText(value, textOf(bytes, from, to));
    else this.set(value, at - this.begin);
  }

  /** The same in lower case. */
  keepLower(value: WireValue, bytes: Buffer, from: number, to: number): void {
    let at = this.makeRoom(to - from);
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = asciiLower[byte] as number;
    }
    if (high >= 0x80) this.keepText(value, textOf(bytes, from, to).toLowerCase());
    else this.set(value, at - this.begin);
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
    this.set(value, this.length + this.bytes.write(text, start));
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
    return (known.json.bytes as Buffer).toString('latin1', known.json.from + 1, known.json.to - 1);
  }

  /** Forgets all texts, and gives the bytes back. */
  clear(): void {
    if (this.size === 0) return;
    if (this.block >= 0) giveBackBlock(this.block);
    else giveBack(this.bytes);
    this.bytes = noBytes;
    this.begin = 0;
    this.length = 0;
    this.size = 0;
    this.block = -1;
  }

  /** Where in `bytes` there is room for `count` more. What is written there is no text of the area and valid until the next call. */
  makeRoom(count: number): number {
    if (this.length + count > this.size) this.grow(this.length + count);
    return this.begin + this.length;
  }

  private grow(size: number): void {
    const block = this.size === 0 && size <= blockBytes ? takeBlock() : -1;
    if (block >= 0) {
      this.block = block;
      this.bytes = slabOf(block);
      this.begin = startOf(block);
      this.size = blockBytes;
      return;
    }
    const larger = lend(size, blockBytes * 2);
    this.bytes.copy(larger, 0, this.begin, this.begin + this.length);
    if (this.block >= 0) giveBackBlock(this.block);
    else giveBack(this.bytes);
    this.block = -1;
    this.bytes = larger;
    this.begin = 0;
    this.size = larger.length;
  }

  private own(value: WireValue): ByteText | undefined {
    if (value.from === value.to) return undefined;
    return this.part(value.from, value.to);
  }

  /** A part of the area, counted from `begin`; valid until the next call. */
  part(from: number, to: number): ByteText {
    shown.bytes = this.bytes;
    shown.from = this.begin + from;
    shown.to = this.begin + to;
    return shown;
  }

  private set(value: WireValue, to: number): void {
    value.known = undefined;
    value.from = this.length;
    value.to = to;
    this.length = to;
  }
}
