// Texts of noted values: where one that is too long may be cut without breaking a character, and sums, which grow where they
// stand. Called by the notes.

import type { ByteText } from '../record/index.ts';

/** Digits of a sum, with blanks before them. */
export const sumWidth = 16;

export function sumText(sum: number): string {
  return String(Math.min(sum, 999_999_999_999_999)).padStart(sumWidth);
}

/** Does a cut at `at` fall between the halves of a surrogate pair? */
export function isInsidePair(text: string, at: number): boolean {
  return (text.charCodeAt(at - 1) & 0xfc00) === 0xd800 && (text.charCodeAt(at) & 0xfc00) === 0xdc00;
}

/** End of the first `most` characters (as JavaScript counts them: two beyond the basic plane), never inside of one. */
export function endOfCharacters(text: ByteText, most: number): number {
  const bytes = text.bytes;
  let count = 0;
  let at = text.from;
  while (at < text.to) {
    const byte = bytes[at] as number;
    count += byte >= 0xf0 ? 2 : 1;
    if (count > most) return at;
    at += byte < 0xc0 ? 1 : byte < 0xe0 ? 2 : byte < 0xf0 ? 3 : 4;
  }
  return text.to;
}
