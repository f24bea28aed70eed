// What wire bytes are as text: UTF-8 where they are valid UTF-8, else Latin-1. The strings here are for what is seldom;
// values on their way to a record stay bytes (`text-area.ts`, `known-texts.ts`). Used on a packet worker.

interface SlicingBuffer {
  ucs2Slice(from: number, to: number): string;
  hexSlice(from: number, to: number): string;
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
}

/** Lower-cased byte of an ASCII letter; every other byte itself. */
export const asciiLower = new Uint8Array(256);
for (let code = 0; code < 256; code++) asciiLower[code] = code >= 0x41 && code <= 0x5a ? code | 0x20 : code;

/** `bytes[from, to)` as text: UTF-8 where it is valid UTF-8, else Latin-1. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  const slicing = bytes as unknown as SlicingBuffer;
  let high = 0;
  for (let at = from; at < to; at++) high |= bytes[at] as number;
  if (high < 0x80) return slicing.latin1Slice(from, to);
  const text = slicing.utf8Slice(from, to);
  // The decoder puts U+FFFD where the bytes are not UTF-8.
  return text.includes('\ufffd') ? slicing.latin1Slice(from, to) : text;
}

/** `bytes[from, to)` as UTF-16 in little endian, up to the first NUL; an odd last byte is left out, half surrogates are U+FFFD. */
export function utf16TextOf(bytes: Buffer, from: number, to: number): string {
  let end = from;
  while (end + 2 <= to && (bytes[end] !== 0 || bytes[end + 1] !== 0)) end += 2;
  return (bytes as unknown as SlicingBuffer).ucs2Slice(from, end).toWellFormed();
}

/** `bytes[from, to)` as text, up to the first NUL. */
export function textToNul(bytes: Buffer, from: number, to: number): string {
  let end = from;
  while (end < to && bytes[end] !== 0) end++;
  return textOf(bytes, from, end);
}

/** `bytes[from, to)` as lower-case hex. */
export function hexOf(bytes: Buffer, from: number, to: number): string {
  return (bytes as unknown as SlicingBuffer).hexSlice(from, to);
}
