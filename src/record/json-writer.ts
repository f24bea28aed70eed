// Writes JSON as UTF-8 bytes into memory it is given (normally an output ring), without building a string or an
// object tree. Used by the encoders on packet workers. Every method takes where to begin and returns where it ended.
//
// Values of any length never end behind the limit: they are left out and the overflow is remembered. Values of bounded
// length (`number`, `date`) are written unasked; who calls them keeps the room, at least the most they may take.

import { ByteViews } from './byte-views.ts';
import { writeDecimal, writeEight, writePair, writeSix } from './decimal-bytes.ts';
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

/** A bound on nesting of plain objects, so that a bad value cannot recurse without end. */
const valueDepthMax = 8;
/** From this length on a call of the engine's copy costs less than a loop. */
const longCopy = 512;
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

  /** Is there a value at all? Empty strings, arrays, byte texts and finished JSON are none. */
  has(value: unknown): boolean {
    if (value === undefined || value === '' || value === null) return false;
    return typeof value !== 'object' || (value as unknown[]).length !== 0;
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
      for (; index + 4 <= to; index += 4) {
        view.setInt32(at, words.getInt32(index, true), true);
        at += 4;
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
