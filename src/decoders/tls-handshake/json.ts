// Finished JSON of values that many records carry alike: names of ciphers, fingerprints, the fields of a certificate.
// The same bytes as the writer of records makes. Called when something enters a cache of this room, not per record.

import { JsonText } from '../../record/index.ts';

/** Texts are cut from slabs, since memory of its own costs each some microseconds. Small, as one text keeps its slab. */
const slabBytes = 8192;
/** Longer texts have memory of their own. */
const longestInSlab = 1024;

let slab = Buffer.allocUnsafeSlow(slabBytes);
let used = 0;

/** undefined for what a record leaves out: undefined, empty texts and empty lists. */
export function finishedJson(value: string | number | boolean | readonly string[] | undefined): JsonText | undefined {
  if (value === undefined || value === '' || (typeof value === 'object' && value.length === 0)) return undefined;
  // Lone surrogates have no UTF-8 form.
  if (typeof value === 'string') return finished(JSON.stringify(value.toWellFormed()));
  if (typeof value === 'object') return finished(JSON.stringify(value.map((text) => text.toWellFormed())));
  return finished(String(value));
}

/** A date as records have it; `timeUs` in microseconds since 1970, whole seconds, as certificates have them. */
export function finishedDate(timeUs: number | undefined): JsonText | undefined {
  if (timeUs === undefined) return undefined;
  const iso = new Date(timeUs / 1000).toISOString();
  return finished(`"${iso.length === 24 ? `${iso.slice(0, -1)}000Z` : iso}"`);
}

/** A text of ASCII in which nothing is to be escaped. */
export function finishedPlain(text: string): JsonText {
  return finished(`"${text}"`);
}

function finished(json: string): JsonText {
  // DEL is escaped in records.
  const text = json.includes('\u007f') ? json.replaceAll('\u007f', '\\u007f') : json;
  // A code unit takes at most 3 bytes.
  if (text.length * 3 > longestInSlab && Buffer.byteLength(text) > longestInSlab) {
    const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
    return new JsonText(bytes, 0, bytes.write(text));
  }
  if (used + Math.min(text.length * 3, longestInSlab) > slabBytes) {
    slab = Buffer.allocUnsafeSlow(slabBytes);
    used = 0;
  }
  const from = used;
  used += slab.write(text, from);
  return new JsonText(slab, from, used);
}
