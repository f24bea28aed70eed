// Bytes of heads four at a time: line ends are looked for, texts compared and copied in words, as most of a head is passed over and
// the rest copied. Called by the readers of heads and by what keeps their texts, on a packet worker.

import { ByteViews } from '../../record/index.ts';

const LF = 0x0a;

/** Of packet rings, nearly always, and of heads that came in pieces. */
const views = new ByteViews();

/** What reads `bytes` in words: its byte 0 is theirs. */
export const wordsOf = (bytes: Buffer): DataView => views.of(bytes);

/** Where the next LF stands in `bytes[from, to)`; `to`: nowhere. */
export function findLineFeed(bytes: Buffer, words: DataView, from: number, to: number): number {
  let at = from;
  while (at + 8 <= to) {
    const low = words.getInt32(at, true);
    const high = words.getInt32(at + 4, true);
    // LF has neither of the bits 0x40 and 0x20, as other control characters and half of what follows in UTF-8.
    if (((low | (low << 1)) & (high | (high << 1)) & 0x40404040) === 0x40404040) {
      at += 8;
      continue;
    }
    for (const end = at + 8; at < end; at++) if (bytes[at] === LF) return at;
  }
  while (at < to && bytes[at] !== LF) at++;
  return at;
}

/** Where the next byte up to a space in the code stands in `bytes[from, to)`; `to`: nowhere. */
export function findSpace(bytes: Buffer, words: DataView, from: number, to: number): number {
  let at = from;
  while (at + 4 <= to) {
    // The difference stays inside 32 bits: beyond, the engine would go on with floating-point numbers.
    if ((((words.getInt32(at, true) & 0x7f7f7f7f) - 0x21212121) & 0x80808080) === 0) {
      at += 4;
      continue;
    }
    for (const end = at + 4; at < end; at++) if ((bytes[at] as number) <= 0x20) return at;
  }
  while (at < to && (bytes[at] as number) > 0x20) at++;
  return at;
}

/** Are the `length` bytes of `words` from `from` on those of `others` from `other` on? At least four. */
export function sameWords(words: DataView, from: number, others: DataView, other: number, length: number): boolean {
  const last = length - 4;
  for (let at = 0; at < last; at += 4) {
    if (words.getInt32(from + at, true) !== others.getInt32(other + at, true)) return false;
  }
  return words.getInt32(from + last, true) === others.getInt32(other + last, true);
}

/** Copies the `length` bytes of `source` from `from` on to `start` in `target`; at least four. Other than 0: not all of them are ASCII. */
export function copyWords(source: DataView, from: number, target: DataView, start: number, length: number): number {
  const last = length - 4;
  let all = 0;
  for (let at = 0; at < last; at += 4) {
    const word = source.getInt32(from + at, true);
    all |= word;
    target.setInt32(start + at, word, true);
  }
  // The last word may have bytes in common with the one before.
  const word = source.getInt32(from + last, true);
  target.setInt32(start + last, word, true);
  return (all | word) & 0x80808080;
}
