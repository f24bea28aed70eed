// Writes the presentation form of names and record data (RFC 1035 §5.1, RFC 3597, RFC 4343) as ASCII into one reused
// buffer; `toString` makes the only string. Used by the name and record data readers on packet workers, one instance a
// thread. What does not fit is left out and remembered in `cut`; nothing grows.

/** 1 for bytes that stand for themselves in a label (RFC 4343 §2.1). */
const plainInLabel = new Uint8Array(256).fill(1, 0x21, 0x7f);
plainInLabel[0x2e] = 0;
plainInLabel[0x5c] = 0;

const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1');
const base32Digits = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUV', 'latin1');
const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

export class TextWriter {
  readonly bytes: Buffer;
  length: number;
  /** Most characters before `cut`. */
  limit: number;
  cut: boolean;

  constructor(capacity: number) {
    this.bytes = Buffer.alloc(capacity);
    this.length = 0;
    this.limit = capacity;
    this.cut = false;
  }

  /** Starts a new text of at most `limit` characters (never more than the capacity). */
  begin(limit: number): void {
    this.length = 0;
    this.limit = Math.min(limit, this.bytes.length);
    this.cut = false;
  }

  toString(): string {
    return this.bytes.toString('latin1', 0, this.length);
  }

  byte(code: number): void {
    if (this.length < this.limit) this.bytes[this.length++] = code;
    else this.cut = true;
  }

  space(): void {
    this.byte(0x20);
  }

  ascii(text: string): void {
    for (let index = 0; index < text.length; index++) this.byte(text.charCodeAt(index));
  }

  /** An unsigned integer below 2^53. */
  decimal(value: number): void {
    if (value >= 10) {
      const rest = Math.floor(value / 10);
      this.decimal(rest);
      this.byte(0x30 + (value - rest * 10));
    } else {
      this.byte(0x30 + value);
    }
  }

  /** `\DDD` */
  escape(code: number): void {
    this.byte(0x5c);
    this.byte(0x30 + Math.floor(code / 100));
    this.byte(0x30 + (Math.floor(code / 10) % 10));
    this.byte(0x30 + (code % 10));
  }

  /** A byte of a label: dot and backslash escaped, bytes outside 0x21 to 0x7e as \DDD (RFC 4343 §2.1). */
  labelByte(code: number): void {
    if (plainInLabel[code] === 1) {
      this.byte(code);
    } else if (code === 0x2e || code === 0x5c) {
      this.byte(0x5c);
      this.byte(code);
    } else {
      this.escape(code);
    }
  }

  label(bytes: Uint8Array, from: number, to: number): void {
    let at = from;
    if (this.length + to - from <= this.limit) {
      // Nearly all labels are plain throughout; the bound is checked once for them.
      const target = this.bytes;
      let length = this.length;
      while (at < to) {
        const code = bytes[at] as number;
        if (plainInLabel[code] === 0) break;
        target[length++] = code;
        at++;
      }
      this.length = length;
    }
    while (at < to) this.labelByte(bytes[at++] as number);
  }

  /** A <character-string> in quotes. */
  quoted(bytes: Uint8Array, from: number, to: number): void {
    this.byte(0x22);
    for (let at = from; at < to && !this.cut; at++) {
      const code = bytes[at] as number;
      if (code >= 0x20 && code < 0x7f) {
        if (code === 0x22 || code === 0x5c) this.byte(0x5c);
        this.byte(code);
      } else {
        this.escape(code);
      }
    }
    this.byte(0x22);
  }

  hex(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && !this.cut; at++) {
      const code = bytes[at] as number;
      this.byte(hexDigits[code >> 4] as number);
      this.byte(hexDigits[code & 15] as number);
    }
  }

  /** RFC 4648 §4, with padding. */
  base64(bytes: Uint8Array, from: number, to: number): void {
    for (let at = from; at < to && !this.cut; at += 3) {
      const left = to - at;
      const group =
        ((bytes[at] as number) << 16) |
        ((left > 1 ? (bytes[at + 1] as number) : 0) << 8) |
        (left > 2 ? (bytes[at + 2] as number) : 0);
      this.byte(base64Digits[group >> 18] as number);
      this.byte(base64Digits[(group >> 12) & 63] as number);
      this.byte(left > 1 ? (base64Digits[(group >> 6) & 63] as number) : 0x3d);
      this.byte(left > 2 ? (base64Digits[group & 63] as number) : 0x3d);
    }
  }

  /** RFC 4648 §7 ("base32hex"), without padding: the form of NSEC3 hashes (RFC 5155 §3.3). */
  base32(bytes: Uint8Array, from: number, to: number): void {
    let held = 0;
    let bits = 0;
    for (let at = from; at < to && !this.cut; at++) {
      held = ((held << 8) | (bytes[at] as number)) & 0xfff;
      bits += 8;
      while (bits >= 5) {
        bits -= 5;
        this.byte(base32Digits[(held >> bits) & 31] as number);
      }
    }
    if (bits > 0) this.byte(base32Digits[(held << (5 - bits)) & 31] as number);
  }

  /** Four bytes, dotted. */
  ipv4(bytes: Uint8Array, at: number): void {
    for (let index = 0; index < 4; index++) {
      if (index > 0) this.byte(0x2e);
      const value = bytes[at + index] as number;
      if (value >= 100) this.byte(0x30 + Math.floor(value / 100));
      if (value >= 10) this.byte(0x30 + (Math.floor(value / 10) % 10));
      this.byte(0x30 + (value % 10));
    }
  }

  /** Sixteen bytes as RFC 5952 text: the longest run of two or more zero groups becomes `::`; mapped IPv4 stays dotted. */
  ipv6(bytes: Uint8Array, at: number): void {
    let runStart = -1;
    let runLength = 1;
    for (let group = 0; group < 8; ) {
      let end = group;
      while (end < 8 && bytes[at + 2 * end] === 0 && bytes[at + 2 * end + 1] === 0) end++;
      if (end - group > runLength) {
        runStart = group;
        runLength = end - group;
      }
      group = end + 1;
    }
    const mapped = runStart === 0 && runLength === 5 && bytes[at + 10] === 0xff && bytes[at + 11] === 0xff;
    for (let group = 0; group < 8; group++) {
      if (group === runStart) {
        this.byte(0x3a);
        this.byte(0x3a);
        group += runLength - 1;
        continue;
      }
      if (group > 0 && group !== runStart + runLength) this.byte(0x3a);
      if (mapped && group === 6) {
        this.ipv4(bytes, at + 12);
        return;
      }
      this.hexGroup(((bytes[at + 2 * group] as number) << 8) | (bytes[at + 2 * group + 1] as number));
    }
  }

  /** Lower case without leading zeros. */
  hexGroup(value: number): void {
    for (let shift = value > 0xfff ? 12 : value > 0xff ? 8 : value > 0xf ? 4 : 0; shift >= 0; shift -= 4) {
      const digit = hexDigits[(value >> shift) & 15] as number;
      this.byte(digit > 0x39 ? digit | 0x20 : digit);
    }
  }
}
