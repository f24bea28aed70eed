// Writes the presentation form of names and record data (RFC 1035 §5.1, RFC 3597, RFC 4343) as ASCII into one reused
// buffer, and makes JSON of it in place. Used by the name and record data readers on packet workers, a few instances a
// thread. What goes beyond `limit` is left out and remembered in `cut`; only `ensure` makes the buffer larger.

/** 1 for bytes that stand for themselves in a label (RFC 4343 §2.1), and in JSON. */
const plainInLabel = new Uint8Array(256).fill(1, 0x21, 0x7f);
plainInLabel[0x22] = 0;
plainInLabel[0x2e] = 0;
plainInLabel[0x5c] = 0;

const hexDigits = Buffer.from('0123456789ABCDEF', 'latin1');
const base32Digits = Buffer.from('0123456789ABCDEFGHIJKLMNOPQRSTUV', 'latin1');
/** By value of an octet: the number of its decimal digits, then those. */
const octetDigits = new Uint8Array(1024);
for (let octet = 0; octet < 256; octet++) {
  const count = octet < 10 ? 1 : octet < 100 ? 2 : 3;
  octetDigits[octet * 4] = count;
  for (let index = count, rest = octet; index > 0; index--, rest = (rest / 10) | 0) {
    octetDigits[octet * 4 + index] = 0x30 + (rest % 10);
  }
}

const base64Digits = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/', 'latin1');

/** Bytes that may be written behind the end of a text, as copies go eight bytes at a time. */
const slackBytes = 8;

/** ASCII that is copied often, padded so that it can be read eight bytes at a time. */
export class Phrase {
  readonly view: DataView;
  readonly length: number;

  constructor(text: string) {
    const bytes = new Uint8Array(text.length + slackBytes);
    for (let index = 0; index < text.length; index++) bytes[index] = text.charCodeAt(index);
    this.view = new DataView(bytes.buffer);
    this.length = text.length;
  }
}

export class TextWriter {
  bytes: Buffer;
  /** The same memory. It holds ASCII and zeros, so that no eight bytes of it are a NaN, which copying might change. */
  #view: DataView;
  length: number;
  /** Where the text is cut off. */
  limit: number;
  cut: boolean;
  /** Set when a quote or a backslash was written in a name. */
  special: boolean;

  constructor(capacity: number) {
    this.bytes = Buffer.from(new ArrayBuffer(capacity + slackBytes));
    this.#view = new DataView(this.bytes.buffer);
    this.length = 0;
    this.limit = capacity;
    this.cut = false;
    this.special = false;
  }

  /** Starts a new text of at most `limit` characters (never more than the capacity). */
  begin(limit: number): void {
    this.length = 0;
    this.limit = Math.min(limit, this.bytes.length - slackBytes);
    this.cut = false;
  }

  /** Makes room for `free` more bytes, and lets all of the buffer be written. */
  ensure(free: number): void {
    const needed = this.length + free + slackBytes;
    if (needed > this.bytes.length) {
      const larger = Buffer.from(new ArrayBuffer(Math.max(needed, this.bytes.length * 2)));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
      this.#view = new DataView(larger.buffer);
    }
    this.limit = this.bytes.length - slackBytes;
    this.cut = false;
  }

  /** There must be room for it. */
  phrase(phrase: Phrase): void {
    const target = this.#view;
    const source = phrase.view;
    const at = this.length;
    const length = phrase.length;
    for (let done = 0; done < length; done += 8) target.setFloat64(at + done, source.getFloat64(done, true), true);
    this.length = at + length;
  }

  /** What stands in `[from, to)` of another text or earlier in this one. There must be room for it. */
  copy(text: TextWriter, from: number, to: number): void {
    const target = this.#view;
    const source = text.#view;
    const shift = this.length - from;
    for (let at = from; at < to; at += 8) target.setFloat64(at + shift, source.getFloat64(at, true), true);
    this.length = to + shift;
  }

  /**
   * A name of `length` bytes on the wire, more than the root, that stands for itself, with a quote before it. There must
   * be room for it, and four bytes to be read behind it.
   */
  wireName(source: DataView, from: number, length: number): void {
    const target = this.#view;
    const bytes = this.bytes;
    const start = this.length;
    for (let done = 0; done < length; done += 4) target.setInt32(start + done, source.getInt32(from + done, true), true);
    // The octet before the first label becomes the quote, those before the others dots; the root's is left out.
    const end = start + length - 1;
    let at = start + 1 + (bytes[start] as number);
    bytes[start] = 0x22;
    while (at < end) {
      const next = at + 1 + (bytes[at] as number);
      bytes[at] = 0x2e;
      at = next;
    }
    // What was read behind the name may be no ASCII.
    target.setInt32(end, 0);
    this.length = end;
  }

  /** Quotes and backslashes from `from` on. */
  specials(from: number): number {
    const bytes = this.bytes;
    const end = this.length;
    let count = 0;
    for (let at = from; at < end; at++) {
      const code = bytes[at] as number;
      if (code === 0x22 || code === 0x5c) count++;
    }
    return count;
  }

  /** Makes what was written from `from` on the inside of a JSON string. There is room for each character to become two. */
  escapeJson(from: number): void {
    const specials = this.specials(from);
    if (specials === 0) return;
    const bytes = this.bytes;
    const end = this.length;
    let to = end + specials;
    this.length = to;
    for (let at = end - 1; to > at + 1; at--) {
      const code = bytes[at] as number;
      bytes[--to] = code;
      if (code === 0x22 || code === 0x5c) bytes[--to] = 0x5c;
    }
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
    if (value <= 0x3fffffff && this.length + 10 <= this.limit) {
      let count = 1;
      for (let power = 10; value >= power; power *= 10) count++;
      const target = this.bytes;
      let rest = value;
      for (let at = this.length + count - 1; at >= this.length; at--) {
        const above = (rest / 10) | 0;
        target[at] = 0x30 + (rest - above * 10);
        rest = above;
      }
      this.length += count;
    } else if (value >= 10) {
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
      return;
    }
    this.special = true;
    if (code === 0x22) {
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
    if (this.length + 15 <= this.limit) {
      const target = this.bytes;
      let length = this.length;
      for (let index = 0; index < 4; index++) {
        if (index > 0) target[length++] = 0x2e;
        const entry = (bytes[at + index] as number) * 4;
        const count = octetDigits[entry] as number;
        target[length++] = octetDigits[entry + 1] as number;
        if (count > 1) target[length++] = octetDigits[entry + 2] as number;
        if (count > 2) target[length++] = octetDigits[entry + 3] as number;
      }
      this.length = length;
      return;
    }
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
