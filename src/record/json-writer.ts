// Writes JSON as UTF-8 bytes into memory it is given (normally an output ring), without building a string or an
// object tree. Used by the encoders on packet workers. Every method takes where to begin and returns where it ended.
//
// Values of any length never end behind the limit: they are left out and the overflow is remembered. Values of bounded
// length (`number`, `date`) are written unasked; who calls them keeps the room, at least the most they may take.

import { ByteViews } from './byte-views.ts';
import { pairs, writeDecimal, writeEight, writePair, writeSix } from './decimal-bytes.ts';
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
export const Most = { number: 25, date: 32 } as const;

/** Most bytes of a kept text, and most words of all of them. */
const textMost = 0xffff;
const textsMost = 0x7fff;

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
  /** Constant texts, each from a word of its own on. */
  #texts: Float64Array;
  #textsEnd: number;
  readonly #views: ByteViews;
  #day: number;
  #second: number;
  /** `"2025-10-09T08:53:20.` of `#second`. Records come in the order of time, so the day seldom changes. */
  readonly #secondText: Buffer;
  readonly #secondView: DataView;

  constructor() {
    this.bytes = Buffer.alloc(0);
    this.view = new DataView(this.bytes.buffer);
    this.overflow = false;
    this.#limit = 0;
    this.#texts = new Float64Array(1024);
    this.#textsEnd = 0;
    this.#views = new ByteViews();
    this.#day = Number.NaN;
    this.#second = Number.NaN;
    this.#secondText = Buffer.from('"0000-00-00T00:00:00.');
    this.#secondView = new DataView(this.#secondText.buffer, this.#secondText.byteOffset, this.#secondText.length);
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

  /** Values of any length end there or before. */
  get limit(): number {
    return this.#limit;
  }

  /** Keeps a constant text for `constant` and `member`, which are told of it by the number this returns. Of printable ASCII, so that no eight bytes are a NaN. */
  keep(text: string): number {
    const bytes = Buffer.alloc((text.length + 7) & ~7, ' ');
    bytes.write(text, 'latin1');
    const from = this.#textsEnd;
    const end = from + bytes.length / 8;
    if (text.length === 0 || text.length > textMost || end > textsMost)
      throw new RangeError('constant text of a record is too long');
    if (end > this.#texts.length) {
      const more = new Float64Array(Math.min(textsMost, end * 2));
      more.set(this.#texts);
      this.#texts = more;
    }
    for (let word = from; word < end; word++) this.#texts[word] = bytes.readDoubleLE((word - from) * 8);
    this.#textsEnd = end;
    return (from << 16) | text.length;
  }

  /** A kept text. Up to seven bytes behind it are overwritten. Unasked. */
  constant(start: number, text: number): number {
    const view = this.view;
    const words = this.#texts;
    const end = start + (text & textMost);
    let word = text >>> 16;
    for (let at = start; at < end; at += 8) view.setFloat64(at, words[word++] as number, true);
    return end;
  }

  /** `member` where there may be no value. Its code is in every caller, but what the engine knows of it is known to all: no caller is compiled anew when a field has its first value. */
  maybe(start: number, key: number, value: unknown): number {
    return value === undefined ? start : this.member(start, key, value);
  }

  /**
   * A kept text and a value behind it; `start` when there is none: undefined, null, '' and what is empty.
   * All records' fields come here, and what is usual is done on the spot, for two reasons. It spares calls. And V8 folds
   * functions of up to 460 bytes of bytecode into each of their callers, of which there are hundreds; a larger one is
   * compiled once.
   */
  member(start: number, key: number, value: unknown): number {
    const view = this.view;
    const words = this.#texts;
    const begin = start + (key & textMost);
    let word = key >>> 16;
    let at = start;
    do {
      view.setFloat64(at, words[word++] as number, true);
      at += 8;
    } while (at < begin);
    at = begin;
    const limit = this.#limit;
    if (typeof value === 'number') {
      const small = value | 0;
      if (small !== value || small < 0 || at + Most.number > limit) return this.value(at, value);
      if (small < 10) {
        view.setUint8(at, 0x30 + small);
        return at + 1;
      }
      if (small < 100) {
        view.setUint16(at, pairs[small] as number, true);
        return at + 2;
      }
      const upper = (small / 100) | 0;
      if (small < 1000) {
        view.setUint8(at, 0x30 + upper);
        view.setUint16(at + 1, pairs[small - upper * 100] as number, true);
        return at + 3;
      }
      if (small < 10_000) {
        view.setUint16(at, pairs[upper] as number, true);
        view.setUint16(at + 2, pairs[small - upper * 100] as number, true);
        return at + 4;
      }
      return writeDecimal(view, at, small);
    }
    if (typeof value === 'string') {
      const length = value.length;
      if (length === 0) return start;
      if (at + length + 2 > limit) {
        this.overflow = true;
        return start;
      }
      view.setUint8(at++, 0x22);
      for (let index = 0; index < length; index++) {
        const code = value.charCodeAt(index);
        if (code >= 0x80 || escapes[code] !== 0) return this.#textWithEscapes(begin, at, value, index);
        view.setUint8(at++, code);
      }
      view.setUint8(at, 0x22);
      return at + 1;
    }
    if (value instanceof JsonText) return value.to > value.from ? this.copy(at, value) : start;
    if (value instanceof ByteText) return value.to > value.from ? this.byteText(at, value.bytes, value.from, value.to) : start;
    if (value === undefined || value === null || (value as unknown[]).length === 0) return start;
    return this.value(at, value);
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

  /** Microseconds since 1970 as an ISO 8601 string with microseconds, UTC. Unasked. */
  date(at: number, timeUs: number): number {
    const second = Math.floor(timeUs / 1e6);
    if (second !== this.#second) {
      const odd = this.#moveTo(second);
      if (odd !== '') return this.#ascii(at, odd);
    }
    const view = this.view;
    const text = this.#secondView;
    // Digits and signs are never the bytes of a NaN.
    view.setFloat64(at, text.getFloat64(0, true), true);
    view.setFloat64(at + 8, text.getFloat64(8, true), true);
    view.setFloat64(at + 13, text.getFloat64(13, true), true);
    // Past 2^53 a float has no microseconds, and the difference may lie beside the second.
    writeSix(view, at + 21, Math.min(Math.max((timeUs - second * 1e6) | 0, 0), 999_999));
    view.setUint16(at + 27, 0x225a, true);
    return at + 29;
  }

  /** Makes `#secondText` that of `second`; '' when it did. Otherwise what the date is instead: it has another form. */
  #moveTo(second: number): string {
    const day = Math.floor(second / 86_400);
    const text = this.#secondText;
    if (day !== this.#day) {
      // Beyond what Date can hold (year 275760) the field says null rather than throwing.
      if (!(Math.abs(second) <= 8.64e12)) return 'null';
      const iso = new Date(second * 1000).toISOString();
      if (iso.length !== 24) return `"${iso}"`;
      text.write(iso, 1, 11, 'latin1');
      this.#day = day;
    }
    const ofDay = (second - day * 86_400) | 0;
    const minutes = (ofDay / 60) | 0;
    const hours = (minutes / 60) | 0;
    writePair(this.#secondView, 12, hours);
    writePair(this.#secondView, 15, minutes - hours * 60);
    writePair(this.#secondView, 18, ofDay - minutes * 60);
    this.#second = second;
    return '';
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
