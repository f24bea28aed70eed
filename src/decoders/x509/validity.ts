// Times of a certificate (RFC 5280 section 4.1.2.5): UTCTime and GeneralizedTime, with the missing seconds and the
// offsets that older issuers wrote. Called by the certificate reader. Never throws.

import { type DerCursor, Tag } from './der-cursor.ts';

/** Century (empty for UTCTime), year, month, day, hour, minute, second, fraction, zone. */
const generalizedPattern = /^(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:[.,]\d{1,9})?(?:Z|([+-])(\d{2})(\d{2}))?$/;
const utcPattern = /^()(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})(\d{2})?(?:Z|([+-])(\d{2})(\d{2}))?$/;

/** Microseconds since 1970 (before it: negative) of the time item read last; undefined when it is none. */
export function timeValue(cursor: DerCursor): number | undefined {
  const isUtc = cursor.tag === Tag.utcTime;
  if (!isUtc && cursor.tag !== Tag.generalizedTime) return undefined;
  if (cursor.to - cursor.from > 32) return undefined;
  const text = cursor.bytes.toString('latin1', cursor.from, cursor.to);
  const match = (isUtc ? utcPattern : generalizedPattern).exec(text);
  if (match === null) return undefined;
  const yearOfCentury = Number(match[2]);
  const century = isUtc ? (yearOfCentury >= 50 ? 19 : 20) : Number(match[1]);
  const year = century * 100 + yearOfCentury;
  const month = Number(match[3]);
  const day = Number(match[4]);
  const hour = Number(match[5]);
  const minute = Number(match[6]);
  const second = Number(match[7] ?? 0);
  if (month < 1 || month > 12 || day < 1 || day > 31 || hour > 24 || minute > 59 || second > 60) return undefined;
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  date.setUTCHours(hour, minute, second);
  let milliseconds = date.getTime();
  if (match[8] !== undefined) {
    const offset = (Number(match[9]) * 60 + Number(match[10])) * 60_000;
    milliseconds += match[8] === '+' ? -offset : offset;
  }
  return milliseconds * 1000;
}
