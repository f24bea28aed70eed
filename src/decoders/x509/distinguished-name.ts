// A Name of X.501 as text (RFC 4514: last attribute first, `+` within a set, `\` before what has a meaning) and the
// attributes that ECS keeps apart. Called by the certificate reader. Never throws.

import { type DerCursor, Tag } from './der-cursor.ts';
import { attributeName, oidText } from './object-identifier.ts';

/** Most attributes of one name that are read. */
const maxAttributes = 64;

export class DistinguishedName {
  /** RFC 4514. */
  text = '';
  commonName: string[] = [];
  country: string[] = [];
  locality: string[] = [];
  organization: string[] = [];
  organizationalUnit: string[] = [];
  stateOrProvince: string[] = [];
}

/** Reads the contents of a Name (a SEQUENCE OF SET OF type and value); undefined when malformed. */
export function parseName(cursor: DerCursor): DistinguishedName | undefined {
  const name = new DistinguishedName();
  let count = 0;
  while (cursor.next()) {
    if (cursor.tag !== Tag.set) return undefined;
    const set = cursor.inside();
    let part = '';
    while (set.next()) {
      if (set.tag !== Tag.sequence || ++count > maxAttributes) return undefined;
      const pair = set.inside();
      if (!pair.expect(Tag.oid)) return undefined;
      const type = attributeName(oidText(pair.bytes, pair.from, pair.to));
      if (!pair.next()) return undefined;
      const value = stringValue(pair);
      keep(name, type, value);
      part += `${part === '' ? '' : '+'}${type}=${escaped(value)}`;
    }
    if (set.failed) return undefined;
    if (part !== '') name.text = name.text === '' ? part : `${part},${name.text}`;
  }
  return cursor.failed ? undefined : name;
}

function keep(name: DistinguishedName, type: string, value: string): void {
  switch (type) {
    case 'CN':
      name.commonName.push(value);
      break;
    case 'C':
      name.country.push(value);
      break;
    case 'L':
      name.locality.push(value);
      break;
    case 'O':
      name.organization.push(value);
      break;
    case 'OU':
      name.organizationalUnit.push(value);
      break;
    case 'ST':
      name.stateOrProvince.push(value);
      break;
  }
}

/** Text of the string item read last; `#` and hex for what is no string. */
export function stringValue(cursor: DerCursor): string {
  const { bytes, from, to } = cursor;
  switch (cursor.tag) {
    case 0x0c: // UTF8String
      return bytes.toString('utf8', from, to);
    case 0x12: // NumericString
    case 0x13: // PrintableString
    case 0x14: // TeletexString, in practice Latin-1
    case 0x16: // IA5String
    case 0x1a: // VisibleString
      return bytes.toString('latin1', from, to);
    case 0x1e: // BMPString: UTF-16, big-endian
      return wideText(bytes, from, to, 2);
    case 0x1c: // UniversalString: UTF-32, big-endian
      return wideText(bytes, from, to, 4);
    default:
      return `#${bytes.toString('hex', from, to)}`;
  }
}

function wideText(bytes: Buffer, from: number, to: number, width: 2 | 4): string {
  let text = '';
  for (let at = from; at + width <= to; at += width) {
    const code = width === 2 ? bytes.readUInt16BE(at) : bytes.readUInt32BE(at);
    text += width === 2 ? String.fromCharCode(code) : String.fromCodePoint(code <= 0x10ffff ? code : 0xfffd);
  }
  return text;
}

/** RFC 4514 section 2.4. */
function escaped(value: string): string {
  let text = '';
  for (let index = 0; index < value.length; index++) {
    const character = value.charAt(index);
    const atEdge = index === 0 || index === value.length - 1;
    if (character === '\0') text += '\\00';
    else if (',+"\\<>;'.includes(character)) text += `\\${character}`;
    else if (character === ' ' && atEdge) text += '\\ ';
    else if (character === '#' && index === 0 && !isHexValue(value)) text += '\\#';
    else text += character;
  }
  return text;
}

/** A value that `stringValue` wrote in hex keeps its `#`. */
function isHexValue(value: string): boolean {
  return /^#([0-9a-f]{2})*$/.test(value);
}
