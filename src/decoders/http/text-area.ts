// The texts of one transaction: each is one that is known already, or lies as UTF-8 in the transaction's own bytes: a block
// while there are any, a larger buffer of its own when they are many. Filled by the readers of heads, read by the record,
// on a packet worker.

import { ByteText, type JsonText } from '../../record/index.ts';
import { giveBack, lend, noBytes } from '../lent-buffers.ts';
import { asciiLower, textOf } from '../wire-text.ts';
import type { KnownText, KnownTexts } from './known-texts.ts';
import { blockBytes, giveBackBlock, slabOf, slabWordsOf, startOf, takeBlock } from './text-blocks.ts';
import { copyWords, wordsOf } from './wire-words.ts';

/** A text: a known one; or where it lies in the area's bytes, counted from `begin`, behind its length; 0: none, or an empty one. */
export type WireText = KnownText | number;

/** When a block is too small. */
const smallestBuffer = 1024;
const noWords = new DataView(noBytes.buffer, 0, 0);
/** Of the length before a text. */
const headBytes = 4;

/** The text that was asked for last: the encoder reads it at once. */
const shown = new ByteText(noBytes, 0, 0);

export class TextArea {
  bytes: Buffer = noBytes;
  /** `bytes`, to be read and written in words. */
  words: DataView = noWords;
  /** Where the area's bytes begin in `bytes`. */
  begin = 0;
  private length = 0;
  private size = 0;
  private block = -1;

  /** Takes the text `bytes[from, to)`. */
  keep(bytes: Buffer, from: number, to: number): number {
    if (from === to) return 0;
    const length = to - from;
    let at = this.makeRoom(headBytes + length) + headBytes;
    if (length >= 8) {
      if (copyWords(wordsOf(bytes), from, this.words, at, length) !== 0) return this.keepText(textOf(bytes, from, to));
      return this.taken(length);
    }
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = byte;
    }
    return high >= 0x80 ? this.keepText(textOf(bytes, from, to)) : this.taken(to - from);
  }

  /** The same in lower case. */
  keepLower(bytes: Buffer, from: number, to: number): number {
    if (from === to) return 0;
    let at = this.makeRoom(headBytes + to - from) + headBytes;
    const area = this.bytes;
    let high = 0;
    for (let index = from; index < to; index++) {
      const byte = bytes[index] as number;
      high |= byte;
      area[at++] = asciiLower[byte] as number;
    }
    return high >= 0x80 ? this.keepText(textOf(bytes, from, to).toLowerCase()) : this.taken(to - from);
  }

  /** For texts that come again and again: in `table` when they are known. */
  keepRepeated(table: KnownTexts<KnownText>, bytes: Buffer, from: number, to: number): WireText {
    return table.find(bytes, from, to) ?? this.keep(bytes, from, to);
  }

  /** The same for texts that records say in lower case. */
  keepToken(table: KnownTexts<KnownText>, bytes: Buffer, from: number, to: number): WireText {
    return table.find(bytes, from, to) ?? this.keepLower(bytes, from, to);
  }

  keepText(text: string): number {
    if (text === '') return 0;
    const start = this.makeRoom(headBytes + text.length * 3) + headBytes;
    return this.taken(this.bytes.write(text, start));
  }

  /** Bytes of a text that lies here. */
  lengthOf(text: number): number {
    if (text === 0) return 0;
    return this.words.getInt32(this.begin + text - headBytes, true);
  }

  /** What a record says of `value`; an area's text is valid until the next call. */
  shown(value: WireText): JsonText | ByteText | undefined {
    return typeof value === 'number' ? this.own(value) : value.json;
  }

  /** The text of `value` as sent; valid until the next call. */
  noted(value: WireText): ByteText | undefined {
    return typeof value === 'number' ? this.own(value) : value.text;
  }

  /** The text as sent as a string, for what is seldom. */
  string(value: WireText): string {
    const text = this.noted(value);
    return text === undefined ? '' : (text.bytes as Buffer).toString('utf8', text.from, text.to);
  }

  /** What a record says of it as a string, for what is seldom. */
  shownString(value: WireText): string {
    if (typeof value === 'number') return this.string(value);
    return (value.json.bytes as Buffer).toString('latin1', value.json.from + 1, value.json.to - 1);
  }

  /** Forgets all texts, and gives the bytes back. */
  clear(): void {
    if (this.size === 0) return;
    if (this.block >= 0) giveBackBlock(this.block);
    else giveBack(this.bytes);
    this.bytes = noBytes;
    this.words = noWords;
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
      this.words = slabWordsOf(block);
      this.begin = startOf(block);
      this.size = blockBytes;
      return;
    }
    const larger = lend(size, smallestBuffer);
    this.bytes.copy(larger, 0, this.begin, this.begin + this.length);
    if (this.block >= 0) giveBackBlock(this.block);
    else giveBack(this.bytes);
    this.block = -1;
    this.bytes = larger;
    this.words = new DataView(larger.buffer, larger.byteOffset, larger.byteLength);
    this.begin = 0;
    this.size = larger.length;
  }

  private own(text: number): ByteText | undefined {
    return text === 0 ? undefined : this.part(text, text + this.lengthOf(text));
  }

  /** A part of the area, counted from `begin`; valid until the next call. */
  part(from: number, to: number): ByteText {
    shown.bytes = this.bytes;
    shown.from = this.begin + from;
    shown.to = this.begin + to;
    return shown;
  }

  /** The text of `length` bytes that was written behind room for its length. */
  private taken(length: number): number {
    this.words.setInt32(this.begin + this.length, length, true);
    const text = this.length + headBytes;
    this.length = text + length;
    return text;
  }
}
