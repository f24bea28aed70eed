// Finished JSON of values that many records carry alike: names of ciphers, fingerprints, the fields of a certificate.
// The same bytes as the writer of records makes. Called when something enters a cache of this room, not per record.

import { JsonText } from '../../record/index.ts';

/** undefined for what a record leaves out: undefined, empty texts and empty lists. */
export function finishedJson(value: string | number | boolean | readonly string[] | undefined): JsonText | undefined {
  if (value === undefined || value === '' || (typeof value === 'object' && value.length === 0)) return undefined;
  // Lone surrogates have no UTF-8 form, and DEL is escaped in records.
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

function finished(json: string): JsonText {
  // Memory of its own: small ones out of Node’s pool would keep the whole pool alive.
  const text = json.replaceAll('\u007f', '\\u007f');
  const bytes = new Uint8Array(Buffer.byteLength(text));
  Buffer.from(bytes.buffer).write(text);
  return new JsonText(bytes, 0, bytes.length);
}
