// What query strings and Cookie headers hold, as Arkime's document has it: names and values. Called for each
// request.

import type { DecoderContext } from '../contract.ts';
import { cookieKeyField, cookieValueField, keyField, valueField } from './fields.ts';

/** Most names of one query or cookie header that are noted. */
const mostPairs = 256;

/**
 * Notes the names, and with `withValues` the values, of a query (what stands behind `?`), percent-decoded. A name without `=` counts
 * when `&` follows it.
 */
export function noteQuery(context: DecoderContext, query: string, withValues: boolean): void {
  let start = 0;
  let isValue = false;
  let count = 0;
  for (let at = 0; at <= query.length && count < mostPairs; at++) {
    const character = query[at];
    const isEnd = character === undefined;
    if (!isEnd && character !== '&' && character !== '=') continue;
    const wanted = isValue ? withValues : !isEnd;
    if (at > start && wanted) {
      context.note(isValue ? valueField : keyField, percentDecoded(query.slice(start, at)));
      count++;
    }
    start = at + 1;
    isValue = character === '=';
  }
}

/** The text with its percent escapes decoded; as it is when they are not well-formed UTF-8 or hold a NUL. */
function percentDecoded(text: string): string {
  if (!text.includes('%')) return text;
  if (text.includes('%00')) return text;
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

/** Notes the names, and with `withValues` the values, of a Cookie header (RFC 6265 section 4.2.1). */
export function noteCookies(context: DecoderContext, cookies: string, withValues: boolean): void {
  let at = 0;
  for (let count = 0; count < mostPairs && at < cookies.length; count++) {
    const equals = cookies.indexOf('=', at);
    if (equals < 0) return;
    let end = cookies.indexOf(';', equals);
    if (end < 0) end = cookies.length;
    const key = cookies.slice(at, equals).trimStart();
    const value = cookies.slice(equals + 1, end).trimStart();
    if (key !== '') context.note(cookieKeyField, key);
    if (withValues && value !== '') context.note(cookieValueField, value);
    at = end + 1;
  }
}
