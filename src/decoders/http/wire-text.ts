// Strings out of wire bytes. Values that come again and again (hosts, user agents, media types) are looked up in a
// bounded cache by their bytes, so that the same text is the same string object. Used on a packet worker; the cache is
// the thread's own.

interface SlicingBuffer {
  latin1Slice(from: number, to: number): string;
  utf8Slice(from: number, to: number): string;
}

/** Slots of the cache: a new value takes the place of the one with the same hash. */
const cacheSlots = 4096;
/** Longer values are not cached. */
const maxCachedBytes = 256;

const cached: string[] = new Array<string>(cacheSlots).fill('');

/** `bytes[from, to)` as text: UTF-8 where it is valid UTF-8, else Latin-1. */
export function textOf(bytes: Buffer, from: number, to: number): string {
  let high = 0;
  for (let at = from; at < to; at++) high |= bytes[at] as number;
  if (high < 0x80) return (bytes as unknown as SlicingBuffer).latin1Slice(from, to);
  return highText(bytes, from, to);
}

function highText(bytes: Buffer, from: number, to: number): string {
  const slicing = bytes as unknown as SlicingBuffer;
  const text = slicing.utf8Slice(from, to);
  // The decoder puts U+FFFD where the bytes are not UTF-8.
  return text.includes('\ufffd') ? slicing.latin1Slice(from, to) : text;
}

/** Like `textOf`, through the cache. */
export function repeatedText(bytes: Buffer, from: number, to: number): string {
  const length = to - from;
  if (length <= 0) return '';
  if (length > maxCachedBytes) return textOf(bytes, from, to);
  // A sample is enough to spread real values; equality is checked in full below.
  let hash = length;
  const stride = length < 8 ? 1 : length >> 3;
  for (let at = to - 1; at >= from; at -= stride) hash = (Math.imul(hash, 31) + (bytes[at] as number)) | 0;
  const slot = (hash ^ (hash >>> 12)) & (cacheSlots - 1);
  const candidate = cached[slot] as string;
  if (candidate.length === length && sameText(candidate, bytes, from)) return candidate;
  let high = 0;
  for (let at = from; at < to; at++) high |= bytes[at] as number;
  if (high >= 0x80) return highText(bytes, from, to);
  const text = (bytes as unknown as SlicingBuffer).latin1Slice(from, to);
  cached[slot] = text;
  return text;
}

function sameText(text: string, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < text.length; at++) {
    if (text.charCodeAt(at) !== bytes[from + at]) return false;
  }
  return true;
}
