// Writes JSON values as UTF-8 bytes into memory it is given, without building a string or an object tree: what is noted of a session,
// and values of records that have no bytes of their own. Every method takes where to begin and returns where it ended.
//
// Values of any length never end behind the limit: they are left out and the overflow is remembered. A `number` is written
// unasked; who calls that keeps the room, at least the most it may take.

import { ByteViews } from './byte-views.ts';
import { writeDecimal, writeEight } from './decimal-bytes.ts';
import { ByteText, JsonText } from './encoded-values.ts';

const hex = Buffer.from('0123456789abcdef');

/** 0: plain; 1: needs \u00XX; otherwise the letter after the backslash. */
const escapes = new Uint8Array(128);
for (let code = 0; code < 0x20; code++) escapes[code] = 1;
escapes[0x7f] = 1;
for (const [character, letter] of ['""', '\\\\', '\bb', '\tt', '\nn', '\ff', '\rr'].map((pair) => [
  pair.charCodeAt(0),
  pair.charCodeAt(1),
])) {
  escapes[character as number] = letter as number;
}
/** The longest escape. */
const escapeMost = 6;

/** Most bytes of what is written unasked. */
export const Most = { number: 25 } as const;

/** A bound on nesting of plain objects, so that a bad value cannot recurse without end. */
const valueDepthMax = 8;
/** From this length on a call of the engine's copy costs less than a loop. */
const longCopy = 1024;
/** From this length on words are copied, not bytes. */
const wordCopy = 12;

export class JsonWriter {
  bytes: Buffer;
  /** The same memory. */
  view: DataView;
  /** Set when something did not fit; what was written is then no valid JSON. */
  overflow: boolean;
  #limit: number;
  readonly #views: ByteViews;

  constructor() {
    this.bytes = Buffer.alloc(0);
    this.view = new DataView(this.bytes.buffer);
    this.overflow = false;
    this.#limit = 0;
    this.#views = new ByteViews();
  }

  /** Writes into `bytes` from now on; values of any length end at `limit` or before. */
  begin(bytes: Buffer, limit: number): void {
    if (bytes !== this.bytes) {
      this.bytes = bytes;
      this.view = this.#views.of(bytes);
    }
    this.#limit = limit;
    this.overflow = false;
  }

  /** A value that is JSON already. */
  copy(start: number, json: JsonText): number {
    const { bytes: source, from, to } = json;
    const length = to - from;
    if (start + length > this.#limit) {
      this.overflow = true;
      return start;
    }
    const target = this.bytes;
    if (length >= longCopy) {
      target.set(source.subarray(from, to), start);
      return start + length;
    }
    let at = start;
    let index = from;
    if (length >= wordCopy) {
      const view = this.view;
      const words = json.view;
      // Not as floats: among any eight bytes are numbers that are none, which the engine may write otherwise.
      for (; index + 8 <= to; index += 8) {
        view.setInt32(at, words.getInt32(index, true), true);
        view.setInt32(at + 4, words.getInt32(index + 4, true), true);
        at += 8;
      }
    }
    for (; index < to; index++) target[at++] = source[index] as number;
    return at;
  }

  /** A string whose UTF-8 bytes are `source[from, to)`. */
  byteText(start: number, source: Uint8Array, from: number, to: number): number {
    if (start + (to - from) * escapeMost + 2 > this.#limit && start + escapedLength(source, from, to) + 2 > this.#limit) {
      this.overflow = true;
      return start;
    }
    const target = this.bytes;
    let at = start;
    target[at++] = 0x22;
    let index = from;
    if (to - from >= wordCopy) {
      const view = this.view;
      const words = this.#views.of(source);
      while (index + 4 <= to) {
        const word = words.getInt32(index, true);
        // A byte whose top bit is set here is not ASCII, or one of those that are escaped: below 0x20, 0x22, 0x5c, 0x7f.
        const odd =
          (word |
            (word - 0x20202020) |
            ((word ^ 0x22222222) - 0x01010101) |
            ((word ^ 0x5c5c5c5c) - 0x01010101) |
            (word + 0x01010101)) &
          0x80808080;
        if (odd === 0) {
          view.setInt32(at, word, true);
          at += 4;
          index += 4;
          continue;
        }
        for (const end = index + 4; index < end; index++) at = writeByte(target, at, source[index] as number);
      }
    }
    for (; index < to; index++) at = writeByte(target, at, source[index] as number);
    target[at++] = 0x22;
    return at;
  }

  text(start: number, text: string): number {
    const length = text.length;
    if (start + length + 2 > this.#limit) {
      this.overflow = true;
      return start;
    }
    const target = this.bytes;
    let at = start;
    target[at++] = 0x22;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code >= 0x80 || escapes[code] !== 0) return this.#textWithEscapes(start, at, text, index);
      target[at++] = code;
    }
    target[at++] = 0x22;
    return at;
  }

  /** Goes on at `at` with the code units from `from` on; the text began at `start`. */
  #textWithEscapes(start: number, begin: number, text: string, from: number): number {
    const length = text.length;
    // A surrogate pair takes 4 bytes for two units.
    if (begin + (length - from) * escapeMost + 1 > this.#limit) {
      const whole = Buffer.from(text.slice(from).toWellFormed());
      if (begin + escapedLength(whole, 0, whole.length) + 1 > this.#limit) {
        this.overflow = true;
        return start;
      }
    }
    const target = this.bytes;
    let at = begin;
    for (let index = from; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x80) {
        at = writeByte(target, at, code);
      } else if (code < 0x800) {
        target[at++] = 0xc0 | (code >> 6);
        target[at++] = 0x80 | (code & 63);
      } else {
        const point = text.codePointAt(index) as number;
        if (point > 0xffff) {
          index++;
          target[at++] = 0xf0 | (point >> 18);
          target[at++] = 0x80 | ((point >> 12) & 63);
          target[at++] = 0x80 | ((point >> 6) & 63);
          target[at++] = 0x80 | (point & 63);
        } else {
          // A lone surrogate has no UTF-8 form; U+FFFD stands in for it.
          const scalar = point >= 0xd800 && point <= 0xdfff ? 0xfffd : point;
          target[at++] = 0xe0 | (scalar >> 12);
          target[at++] = 0x80 | ((scalar >> 6) & 63);
          target[at++] = 0x80 | (scalar & 63);
        }
      }
    }
    target[at++] = 0x22;
    return at;
  }

  /** Integers up to 2^53 digit by digit; others as JavaScript writes them; NaN and infinities as null. Unasked. */
  number(at: number, value: number): number {
    const small = value | 0;
    if (small === value && small >= 0) return writeDecimal(this.view, at, small);
    return this.#wideNumber(at, value);
  }

  #wideNumber(start: number, value: number): number {
    if (!Number.isSafeInteger(value)) return this.#ascii(start, Number.isFinite(value) ? String(value) : 'null');
    let at = start;
    let rest = value;
    if (rest < 0) {
      this.bytes[at++] = 0x2d;
      rest = -rest;
    }
    const above = Math.floor(rest / 1e8);
    if (above === 0) return writeDecimal(this.view, at, rest);
    at = writeDecimal(this.view, at, above);
    writeEight(this.view, at, rest - above * 1e8);
    return at + 8;
  }

  /** Any JSON-able value: the items of `object` fields. Undefined members are left out. */
  value(start: number, value: unknown, depth = 0): number {
    if (typeof value === 'string') return this.text(start, value);
    if (typeof value === 'object' && value !== null && depth <= valueDepthMax) {
      if (value instanceof ByteText) return this.byteText(start, value.bytes, value.from, value.to);
      if (value instanceof JsonText) return this.copy(start, value);
      return Array.isArray(value) ? this.#array(start, value, depth) : this.#object(start, value, depth);
    }
    if (start + Most.number > this.#limit) return this.#tightScalar(start, value);
    return this.#scalar(start, value);
  }

  #array(start: number, items: readonly unknown[], depth: number): number {
    let at = this.#byte(start, 0x5b);
    for (let index = 0; index < items.length; index++) {
      if (index > 0) at = this.#byte(at, 0x2c);
      at = this.value(at, items[index], depth + 1);
    }
    return this.#byte(at, 0x5d);
  }

  #object(start: number, members: object, depth: number): number {
    let at = this.#byte(start, 0x7b);
    let first = true;
    for (const key in members) {
      const member = (members as Record<string, unknown>)[key];
      if (member === undefined) continue;
      if (!first) at = this.#byte(at, 0x2c);
      first = false;
      at = this.text(at, key);
      at = this.#byte(at, 0x3a);
      at = this.value(at, member, depth + 1);
    }
    return this.#byte(at, 0x7d);
  }

  #scalar(at: number, value: unknown): number {
    if (typeof value === 'number') return this.number(at, value);
    return this.#ascii(at, typeof value === 'boolean' ? String(value) : 'null');
  }

  /** Near the limit: as long as it is, and no longer. */
  #tightScalar(at: number, value: unknown): number {
    const text = typeof value === 'boolean' || (typeof value === 'number' && Number.isFinite(value)) ? String(value) : 'null';
    if (at + text.length > this.#limit) {
      this.overflow = true;
      return at;
    }
    return this.#ascii(at, text);
  }

  #byte(at: number, code: number): number {
    if (at < this.#limit) {
      this.bytes[at] = code;
      return at + 1;
    }
    this.overflow = true;
    return at;
  }

  #ascii(at: number, text: string): number {
    const length = text.length;
    for (let index = 0; index < length; index++) this.bytes[at + index] = text.charCodeAt(index);
    return at + length;
  }
}

/** Writes a byte of a text, escaped when it must be; returns where it ends. */
function writeByte(target: Uint8Array, from: number, code: number): number {
  const letter = code < 0x80 ? (escapes[code] as number) : 0;
  if (letter === 0) {
    target[from] = code;
    return from + 1;
  }
  target[from] = 0x5c;
  if (letter !== 1) {
    target[from + 1] = letter;
    return from + 2;
  }
  target[from + 1] = 0x75;
  target[from + 2] = 0x30;
  target[from + 3] = 0x30;
  target[from + 4] = hex[code >> 4] as number;
  target[from + 5] = hex[code & 15] as number;
  return from + escapeMost;
}

function escapedLength(bytes: Uint8Array, from: number, to: number): number {
  let length = 0;
  for (let index = from; index < to; index++) {
    const code = bytes[index] as number;
    const letter = code < 0x80 ? (escapes[code] as number) : 0;
    length += letter === 0 ? 1 : letter === 1 ? escapeMost : 2;
  }
  return length;
}
