// Texts that come again and again: hosts, user agents, media types. The second time a text is met it is kept, with the
// finished JSON of what a record says of it, so that from then on it is one comparison of bytes and no copy. A bounded
// table for each kind of text, the packet worker's own.

import { ByteText, JsonText } from '../../record/index.ts';
import { asciiLower } from '../wire-text.ts';
import { sameWords, wordsOf } from './wire-words.ts';

/** Longer texts are not kept. */
const maxKnownBytes = 256;
/** Bytes are kept in pieces of this size; one is freed when none of its texts is left in a table. */
const pieceBytes = 262144;

/** The first one is made for the first text. */
let piece = Buffer.alloc(0);
let pieceEnd = pieceBytes;

const QUOTE = 0x22;

/** What is printable, and neither quote nor backslash: such text is its own JSON and its own UTF-8. */
const plain = new Uint8Array(256);
const asSent = new Uint8Array(256);
for (let code = 0; code < 256; code++) {
  asSent[code] = code;
  plain[code] = code < 0x20 || code >= 0x7f || code === QUOTE || code === 0x5c ? 0 : 1;
}

/** Keeps the plain text `source[from, to)`, at most `maxKnownBytes`, as JSON; each byte as `letters` has it. */
export function keepJson(source: Buffer, from: number, to: number, letters: Uint8Array): JsonText {
  if (pieceEnd + to - from + 2 > pieceBytes) {
    piece = Buffer.allocUnsafeSlow(pieceBytes);
    pieceEnd = 0;
  }
  const start = pieceEnd;
  let at = start;
  piece[at++] = QUOTE;
  for (let index = from; index < to; index++) piece[at++] = letters[source[index] as number] as number;
  piece[at++] = QUOTE;
  pieceEnd = at;
  return new JsonText(piece, start, at);
}

export class KnownText {
  readonly hash: number;
  /** As sent: `bytes[from, from + length)`. */
  readonly bytes: Buffer;
  readonly from: number;
  readonly length: number;
  /** `bytes`, to be read in words. */
  readonly words: DataView;
  /** As sent, for notes. */
  readonly text: ByteText;
  /** As records say it. */
  readonly json: JsonText;

  constructor(hash: number, source: Buffer, from: number, to: number, lower: boolean) {
    const sent = keepJson(source, from, to, asSent);
    this.hash = hash;
    this.bytes = sent.bytes as Buffer;
    this.from = sent.from + 1;
    this.length = to - from;
    this.words = sent.view;
    this.text = new ByteText(sent.bytes, this.from, sent.to - 1);
    this.json = lower ? keepJson(source, from, to, asciiLower) : sent;
  }
}

export class KnownTexts<T extends KnownText> {
  readonly #make: (hash: number, bytes: Buffer, from: number, to: number) => T;
  readonly #slots: (T | undefined)[];
  /** By slot: hash of the last text that was met there and not known. */
  readonly #met: Int32Array;
  readonly #mask: number;

  /** `slots`: a power of two. */
  constructor(slots: number, make: (hash: number, bytes: Buffer, from: number, to: number) => T) {
    this.#make = make;
    this.#slots = new Array<T | undefined>(slots).fill(undefined);
    this.#met = new Int32Array(slots);
    this.#mask = slots - 1;
  }

  /** The known text `bytes[from, to)`; undefined: it is new, or of a form that is not kept. */
  find(bytes: Buffer, from: number, to: number): T | undefined {
    const length = to - from;
    if (length <= 0 || length > maxKnownBytes) return undefined;
    // A sample is enough to spread real values; equality is checked in full below.
    let hash = length;
    const stride = length < 8 ? 1 : length >> 3;
    for (let at = to - 1; at >= from; at -= stride) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
    const slot = (hash ^ (hash >>> 12)) & this.#mask;
    const known = this.#slots[slot];
    if (known !== undefined && known.hash === hash && known.length === length && isSame(known, bytes, from)) return known;
    return this.#meet(slot, hash, bytes, from, to);
  }

  #meet(slot: number, hash: number, bytes: Buffer, from: number, to: number): T | undefined {
    if (this.#met[slot] !== hash) {
      this.#met[slot] = hash;
      return undefined;
    }
    for (let at = from; at < to; at++) if (plain[bytes[at] as number] === 0) return undefined;
    const known = this.#make(hash, bytes, from, to);
    this.#slots[slot] = known;
    return known;
  }
}

function isSame(known: KnownText, bytes: Buffer, from: number): boolean {
  const length = known.length;
  if (length >= 8) return sameWords(known.words, known.from, wordsOf(bytes), from, length);
  const mine = known.bytes;
  let at = known.from;
  for (let index = from; index < from + length; index++) if (mine[at++] !== bytes[index]) return false;
  return true;
}

/** Texts that records say as they were sent, and those that they say in lower case. */
export const knownTexts = new KnownTexts(4096, (hash, bytes, from, to) => new KnownText(hash, bytes, from, to, false));
export const knownTokens = new KnownTexts(1024, (hash, bytes, from, to) => new KnownText(hash, bytes, from, to, true));
