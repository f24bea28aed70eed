// Parameters behind the value of a header field: `attachment; filename="a.zip"` (RFC 2045 section 5.1), with the
// continuations and charsets of RFC 2231. Called by the message reader on a packet worker.

import { charsetText, decodedHeaderText } from './encoded-word.ts';

/** Most parameters of a field that are read, and most pieces of one value. */
const parametersMost = 64;
const piecesMost = 100;

/** The value before the first `;`, without blanks around it. */
export function fieldValue(raw: string): string {
  const end = raw.indexOf(';');
  return (end < 0 ? raw : raw.slice(0, end)).trim();
}

/** Name and raw value of each parameter, names in lower case; quotes and backslashes of quoted values are taken off. */
function* parametersOf(raw: string): Generator<[string, string]> {
  let at = raw.indexOf(';');
  for (let count = 0; at >= 0 && at < raw.length && count < parametersMost; count += 1) {
    const equals = raw.indexOf('=', at + 1);
    if (equals < 0) return;
    const next = raw.indexOf(';', at + 1);
    if (next >= 0 && next < equals) {
      at = next;
      continue;
    }
    const name = raw
      .slice(at + 1, equals)
      .trim()
      .toLowerCase();
    let from = equals + 1;
    while (raw[from] === ' ' || raw[from] === '\t') from += 1;
    if (raw[from] === '"') {
      let value = '';
      let end = from + 1;
      for (; end < raw.length && raw[end] !== '"'; end += 1) {
        if (raw[end] === '\\' && end + 1 < raw.length) end += 1;
        value += raw[end];
      }
      yield [name, value];
      at = raw.indexOf(';', end);
    } else {
      const end = raw.indexOf(';', from);
      yield [name, raw.slice(from, end < 0 ? raw.length : end).trim()];
      at = end;
    }
  }
}

function percentDecoded(text: string): Buffer {
  const decoded = text.replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)));
  return Buffer.from(decoded, 'latin1');
}

/**
 * A parameter's value as text: plain, with encoded words (which RFC 2047 forbids here and mailers write), or in the
 * forms of RFC 2231: `name*=charset'language'text`, `name*0=…; name*1*=…`.
 * @param raw the unfolded field, a character each byte
 * @returns undefined when the field has no such parameter
 */
export function parameter(raw: string, wanted: string): string | undefined {
  let plain: string | undefined;
  let charset = '';
  const pieces: (Buffer | undefined)[] = [];
  for (const [name, value] of parametersOf(raw)) {
    if (name === wanted) plain ??= value;
    else if (name.startsWith(wanted) && name[wanted.length] === '*') {
      const [, digits = '', star = ''] = /^\*(\d{0,3})(\*?)$/.exec(name.slice(wanted.length)) ?? [undefined];
      const piece = digits === '' ? 0 : Number(digits);
      if (piece >= piecesMost) continue;
      const isEncoded = digits === '' || star === '*';
      let text = value;
      if (isEncoded && piece === 0) {
        const parts = value.split("'");
        if (parts.length >= 3) {
          charset = parts[0] as string;
          text = parts.slice(2).join("'");
        }
      }
      pieces[piece] ??= isEncoded ? percentDecoded(text) : Buffer.from(text, 'latin1');
    }
  }
  if (pieces[0] !== undefined) {
    const whole: Buffer[] = [];
    for (const piece of pieces) {
      if (piece === undefined) break;
      whole.push(piece);
    }
    return charsetText(charset, Buffer.concat(whole));
  }
  return plain === undefined ? undefined : decodedHeaderText(plain);
}
