// The parameters of SVCB and HTTPS records (RFC 9460 §2.1, §14.3) as text. Called by the record data reader.

import { readU16 } from '../big-endian.ts';
import type { TextWriter } from './text-writer.ts';

const keyNames = [
  'mandatory',
  'alpn',
  'no-default-alpn',
  'port',
  'ipv4hint',
  'ech',
  'ipv6hint',
  'dohpath',
  'ohttp',
  'tls-supported-groups',
];

export const SvcKey = {
  mandatory: 0,
  alpn: 1,
  noDefaultAlpn: 2,
  port: 3,
  ipv4Hint: 4,
  ech: 5,
  ipv6Hint: 6,
  ohttp: 8,
  groups: 9,
} as const;

/** `alpn`; `key65000` where none is assigned. */
export function svcKeyName(key: number): string {
  return keyNames[key] ?? `key${key}`;
}

function writeKey(text: TextWriter, key: number): void {
  const name = keyNames[key];
  if (name !== undefined) {
    text.ascii(name);
    return;
  }
  text.ascii('key');
  text.decimal(key);
}

/** ALPN ids in one quoted list; a comma or backslash within an id is escaped for the list and again for the string (appendix A.1). */
function writeAlpn(text: TextWriter, bytes: Uint8Array, from: number, to: number): boolean {
  text.byte(0x22);
  for (let at = from; at < to; ) {
    const end = at + 1 + (bytes[at] as number);
    if (end > to || end === at + 1) return false;
    if (at > from) text.byte(0x2c);
    for (let index = at + 1; index < end; index++) {
      const code = bytes[index] as number;
      if (code === 0x2c) text.ascii('\\\\,');
      else if (code === 0x5c) text.ascii('\\\\\\\\');
      else if (code === 0x22) text.ascii('\\"');
      else if (code >= 0x20 && code < 0x7f) text.byte(code);
      else text.escape(code);
    }
    at = end;
  }
  text.byte(0x22);
  return to > from;
}

function writeValue(text: TextWriter, key: number, bytes: Uint8Array, from: number, to: number): boolean {
  const length = to - from;
  switch (key) {
    case SvcKey.mandatory:
      for (let at = from; at + 2 <= to; at += 2) {
        if (at > from) text.byte(0x2c);
        writeKey(text, readU16(bytes, at));
      }
      return length > 0 && length % 2 === 0;
    case SvcKey.alpn:
      return writeAlpn(text, bytes, from, to);
    case SvcKey.port:
      if (length !== 2) return false;
      text.decimal(readU16(bytes, from));
      return true;
    case SvcKey.groups:
      for (let at = from; at + 2 <= to; at += 2) {
        if (at > from) text.byte(0x2c);
        text.decimal(readU16(bytes, at));
      }
      return length > 0 && length % 2 === 0;
    case SvcKey.ipv4Hint:
      for (let at = from; at + 4 <= to && !text.cut; at += 4) {
        if (at > from) text.byte(0x2c);
        text.ipv4(bytes, at);
      }
      return length > 0 && length % 4 === 0;
    case SvcKey.ipv6Hint:
      for (let at = from; at + 16 <= to && !text.cut; at += 16) {
        if (at > from) text.byte(0x2c);
        text.ipv6(bytes, at);
      }
      return length > 0 && length % 16 === 0;
    case SvcKey.ech:
      text.base64(bytes, from, to);
      return length > 0;
    default:
      text.quoted(bytes, from, to);
      return true;
  }
}

/** Writes all parameters, each after a space. @returns false when they are malformed. */
export function writeSvcParams(text: TextWriter, bytes: Uint8Array, from: number, to: number): boolean {
  for (let at = from; at < to; ) {
    if (at + 4 > to) return false;
    const key = readU16(bytes, at);
    const valueAt = at + 4;
    const valueEnd = valueAt + readU16(bytes, at + 2);
    if (valueEnd > to) return false;
    text.space();
    writeKey(text, key);
    if (key === SvcKey.noDefaultAlpn || key === SvcKey.ohttp) {
      if (valueEnd !== valueAt) return false;
    } else if (valueEnd > valueAt || key <= SvcKey.ipv6Hint) {
      text.byte(0x3d);
      if (!writeValue(text, key, bytes, valueAt, valueEnd)) return false;
    }
    at = valueEnd;
  }
  return true;
}
