// Writes JSON as UTF-8 bytes into memory it is given (normally an output ring), without building a string or an
// object tree. Used by the encoders on packet workers. It never writes past its limit: it remembers the overflow and
// the caller drops the record with a counter.

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

/** A bound on nesting of plain objects, so that a bad value cannot recurse without end. */
const valueDepthMax = 8;

export class JsonWriter {
  #bytes: Buffer = Buffer.alloc(0);
  #limit = 0;
  /** Next byte to write. */
  position = 0;
  /** Set when something did not fit; what was written is then no valid JSON. */
  overflow = false;
  #day = Number.NaN;
  #second = Number.NaN;
  /** `2025-10-09T08:53:20.` of `#second`. Records come in the order of time, so the day seldom changes. */
  readonly #secondText = Buffer.alloc(20, '0000-00-00T00:00:00.');

  /** Starts at `from`; nothing is written at or after `limit`. */
  begin(bytes: Buffer, from: number, limit: number): void {
    this.#bytes = bytes;
    this.position = from;
    this.#limit = limit;
    this.overflow = false;
  }

  byte(code: number): void {
    if (this.position < this.#limit) this.#bytes[this.position++] = code;
    else this.overflow = true;
  }

  /** Bytes that are JSON already. */
  raw(bytes: Uint8Array): void {
    const length = bytes.length;
    if (this.position + length > this.#limit) {
      this.overflow = true;
      return;
    }
    const target = this.#bytes;
    let at = this.position;
    for (let index = 0; index < length; index++) target[at++] = bytes[index] as number;
    this.position = at;
  }

  /** `bytes[from, to)`, which are JSON already. */
  rawPart(bytes: Uint8Array, from: number, to: number): void {
    if (this.position + to - from > this.#limit) {
      this.overflow = true;
      return;
    }
    const target = this.#bytes;
    let at = this.position;
    for (let index = from; index < to; index++) target[at++] = bytes[index] as number;
    this.position = at;
  }

  /** A string whose UTF-8 bytes are `bytes[from, to)`. */
  byteString(bytes: Uint8Array, from: number, to: number): void {
    const target = this.#bytes;
    let at = this.position;
    // A byte takes at most 6 (\u00XX).
    if (at + (to - from) * 6 + 2 > this.#limit) {
      this.overflow = true;
      return;
    }
    target[at++] = 0x22;
    for (let index = from; index < to; index++) {
      const code = bytes[index] as number;
      const letter = code < 0x80 ? (escapes[code] as number) : 0;
      if (letter === 0) target[at++] = code;
      else at = writeEscape(target, at, code, letter);
    }
    target[at++] = 0x22;
    this.position = at;
  }

  string(text: string): void {
    const length = text.length;
    const target = this.#bytes;
    let at = this.position;
    if (at + length + 2 > this.#limit) {
      this.overflow = true;
      return;
    }
    target[at++] = 0x22;
    for (let index = 0; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x80 && escapes[code] === 0) {
        target[at++] = code;
        continue;
      }
      this.position = at;
      this.#stringWithEscapes(text, index);
      return;
    }
    target[at++] = 0x22;
    this.position = at;
  }

  #stringWithEscapes(text: string, from: number): void {
    const target = this.#bytes;
    const length = text.length;
    let at = this.position;
    // A code unit takes at most 6 bytes (\u00XX); surrogate pairs take 4 for two units.
    if (at + (length - from) * 6 + 1 > this.#limit) {
      this.overflow = true;
      return;
    }
    for (let index = from; index < length; index++) {
      const code = text.charCodeAt(index);
      if (code < 0x80) {
        const letter = escapes[code] as number;
        if (letter === 0) {
          target[at++] = code;
        } else {
          at = writeEscape(target, at, code, letter);
        }
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
    this.position = at;
  }

  /** Integers up to 2^53 digit by digit; others as JavaScript writes them; NaN and infinities as null. */
  number(value: number): void {
    if (!Number.isSafeInteger(value)) {
      this.#ascii(Number.isFinite(value) ? String(value) : 'null');
      return;
    }
    if (this.position + 17 > this.#limit) {
      this.overflow = true;
      return;
    }
    let rest = value;
    if (rest < 0) {
      this.#bytes[this.position++] = 0x2d;
      rest = -rest;
    }
    this.#digits(rest, digitsOf(rest));
  }

  boolean(value: boolean): void {
    this.#ascii(value ? 'true' : 'false');
  }

  /** Microseconds since 1970 as an ISO 8601 string with microseconds, UTC. */
  date(timeUs: number): void {
    if (this.position + 29 > this.#limit) {
      this.overflow = true;
      return;
    }
    const second = Math.floor(timeUs / 1e6);
    if (second !== this.#second && !this.#moveTo(second)) return;
    const target = this.#bytes;
    target[this.position++] = 0x22;
    this.raw(this.#secondText);
    this.#digits(Math.floor(timeUs - second * 1e6), 6);
    target[this.position++] = 0x5a;
    target[this.position++] = 0x22;
  }

  /** Makes `#secondText` that of `second`. False: it has another form, which has been written instead. */
  #moveTo(second: number): boolean {
    const day = Math.floor(second / 86_400);
    const text = this.#secondText;
    if (day !== this.#day) {
      // Beyond what Date can hold (year 275760) the field says null rather than throwing.
      if (!(Math.abs(second) <= 8.64e12)) {
        this.#ascii('null');
        return false;
      }
      const iso = new Date(second * 1000).toISOString();
      if (iso.length !== 24) {
        this.string(iso);
        return false;
      }
      text.write(iso, 0, 11, 'latin1');
      this.#day = day;
    }
    const ofDay = (second - day * 86_400) | 0;
    const minutes = (ofDay / 60) | 0;
    const hours = (minutes / 60) | 0;
    writeDigits(text, 11, hours, 2);
    writeDigits(text, 14, minutes - hours * 60, 2);
    writeDigits(text, 17, ofDay - minutes * 60, 2);
    this.#second = second;
    return true;
  }

  /** Any JSON-able value: the items of `object` fields. Undefined members are left out. */
  value(value: unknown, depth = 0): void {
    if (typeof value === 'string') this.string(value);
    else if (typeof value === 'number') this.number(value);
    else if (typeof value === 'boolean') this.boolean(value);
    else if (value === null || value === undefined || depth > valueDepthMax) this.#ascii('null');
    else if (value instanceof ByteText) this.byteString(value.bytes, value.from, value.to);
    else if (value instanceof JsonText) this.rawPart(value.bytes, value.from, value.to);
    else if (Array.isArray(value)) {
      this.byte(0x5b);
      for (let index = 0; index < value.length; index++) {
        if (index > 0) this.byte(0x2c);
        this.value(value[index], depth + 1);
      }
      this.byte(0x5d);
    } else {
      this.byte(0x7b);
      let first = true;
      for (const key in value as Record<string, unknown>) {
        const member = (value as Record<string, unknown>)[key];
        if (member === undefined) continue;
        if (!first) this.byte(0x2c);
        first = false;
        this.string(key);
        this.byte(0x3a);
        this.value(member, depth + 1);
      }
      this.byte(0x7d);
    }
  }

  #digits(value: number, count: number): void {
    let rest = value;
    let left = count;
    // Nine digits are a small integer, whose division by ten the compiler makes a multiplication.
    while (left > 9) {
      const above = Math.floor(rest / 1e9);
      left -= 9;
      writeDigits(this.#bytes, this.position + left, (rest - above * 1e9) | 0, 9);
      rest = above;
    }
    writeDigits(this.#bytes, this.position, rest | 0, left);
    this.position += count;
  }

  #ascii(text: string): void {
    const length = text.length;
    if (this.position + length > this.#limit) {
      this.overflow = true;
      return;
    }
    for (let index = 0; index < length; index++) this.#bytes[this.position++] = text.charCodeAt(index);
  }
}

/** Writes the escape of `code`, whose entry in `escapes` is `letter`; returns where it ends. */
function writeEscape(target: Uint8Array, from: number, code: number, letter: number): number {
  let at = from;
  target[at++] = 0x5c;
  if (letter !== 1) {
    target[at++] = letter;
    return at;
  }
  target[at++] = 0x75;
  target[at++] = 0x30;
  target[at++] = 0x30;
  target[at++] = hex[code >> 4] as number;
  target[at++] = hex[code & 15] as number;
  return at;
}

/** `value`, below 10^9, as exactly `count` digits. */
function writeDigits(target: Uint8Array, from: number, value: number, count: number): void {
  let rest = value;
  for (let at = from + count - 1; at >= from; at--) {
    const next = (rest / 10) | 0;
    target[at] = 0x30 + (rest - next * 10);
    rest = next;
  }
}

function digitsOf(value: number): number {
  let count = 1;
  for (let power = 10; value >= power; power *= 10) count++;
  return count;
}
