// Mail addresses out of address lists (RFC 5322 section 3.4), and hosts and addresses out of trace fields (section 3.6.7).
// Called by the message reader on a packet worker.

import { isIPv6 } from 'node:net';

/** Most addresses of one field, most hosts and literals of one trace field. */
const addressesMost = 200;
const tracesMost = 32;

/**
 * The addresses of a list, without display names, comments and group names; in the case they are written in.
 * @param raw the unfolded value
 */
export function mailAddresses(raw: string): string[] {
  const found: string[] = [];
  let plain = '';
  let angled: string | undefined;
  let comment = 0;
  const finish = (): void => {
    const address = (angled ?? plain).trim();
    if (address !== '' && (angled !== undefined || !/\s/.test(address))) found.push(withoutRoute(address));
    plain = '';
    angled = undefined;
  };
  for (let at = 0; at < raw.length && found.length < addressesMost; at += 1) {
    const char = raw[at] as string;
    if (char === '\\') {
      at += 1;
    } else if (comment > 0) {
      if (char === '(') comment += 1;
      else if (char === ')') comment -= 1;
    } else if (char === '"') {
      const end = closingQuote(raw, at);
      plain += raw.slice(at, end + 1);
      at = end;
    } else if (char === '(') comment = 1;
    else if (char === '<') {
      const end = raw.indexOf('>', at);
      angled = raw.slice(at + 1, end < 0 ? raw.length : end);
      if (end < 0) break;
      at = end;
    } else if (char === ',' || char === ';') finish();
    // The name of a group: `friends: a@b, c@d;`.
    else if (char === ':' && angled === undefined) plain = '';
    else plain += char;
  }
  finish();
  return found;
}

function closingQuote(raw: string, open: number): number {
  let at = open + 1;
  while (at < raw.length && raw[at] !== '"') at += raw[at] === '\\' ? 2 : 1;
  return Math.min(at, raw.length - 1);
}

/** `@a,@b:user@c` is `user@c`: source routes, RFC 5321 section 4.1.2. */
function withoutRoute(address: string): string {
  return address.startsWith('@') ? address.slice(address.indexOf(':') + 1) : address;
}

/**
 * The path of `MAIL FROM:` and `RCPT TO:`: what stands between angle brackets, else the first word (which clients send
 * against RFC 5321).
 */
export function mailPath(raw: string): string {
  const open = raw.indexOf('<');
  if (open < 0) return raw.trim().split(/\s/, 1)[0] as string;
  const close = raw.indexOf('>', open);
  return withoutRoute(raw.slice(open + 1, close < 0 ? raw.length : close).trim());
}

/** The hosts that a Received field names behind `from` and `by` (of `user@host` the host), and the addresses it has in brackets. */
export function traceOf(raw: string): { readonly hosts: string[]; readonly addresses: string[] } {
  const date = raw.lastIndexOf(';');
  const text = date < 0 ? raw : raw.slice(0, date);
  const hosts: string[] = [];
  const addresses: string[] = [];
  for (const [, host] of text.matchAll(/(?<![\w-])(?:from|by)\s+([^\s;()[\]]+)/g)) {
    if (hosts.length < tracesMost) hosts.push((host as string).slice((host as string).lastIndexOf('@') + 1));
  }
  for (const [, literal] of text.matchAll(/\[([^[\]\s]+)\]/g)) {
    const address = addressLiteral(literal as string);
    if (address !== undefined && addresses.length < tracesMost) addresses.push(address);
  }
  return { hosts, addresses };
}

/**
 * The address that a literal means: `192.0.2.1` (zeros before a number are passed over) or `IPv6:2001:db8::1`.
 * @returns dotted, or in the form of RFC 5952; undefined when it is none
 */
export function addressLiteral(literal: string): string | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(literal);
  if (parts !== null) {
    const numbers = parts.slice(1).map(Number);
    return numbers.every((number) => number < 256) ? numbers.join('.') : undefined;
  }
  const text = literal.replace(/^ipv6:/i, '');
  const url = `http://[${text}]`;
  if (!isIPv6(text) || !URL.canParse(url)) return undefined;
  const host = new URL(url).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(host);
  if (mapped === null) return host;
  const [high, low] = mapped.slice(1).map((word) => Number.parseInt(word, 16)) as [number, number];
  return `${high >> 8}.${high & 255}.${low >> 8}.${low & 255}`;
}
