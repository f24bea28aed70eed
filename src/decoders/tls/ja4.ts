// JA4, the TLS client fingerprint of FoxIO (technical details of JA4, BSD-3 licence): a readable part about the
// offer, a hash of the sorted cipher suites, a hash of the sorted extensions and the signature algorithms. GREASE
// values count nowhere. The transport letter is the caller’s, so that other carriers of a ClientHello can use it.

import { hash } from 'node:crypto';
import { type ClientHello, Extension } from './client-hello.ts';
import { isGrease } from './versions.ts';

/** `t` TLS over TCP, `q` QUIC, `d` DTLS. */
export type Ja4Transport = 't' | 'q' | 'd';

export interface Ja4 {
  /** `t13d1516h2_8daaf6152771_e5627efa2ab1` */
  readonly fingerprint: string;
  /** The same with the hashed lists in clear: `ja4_r`. */
  readonly raw: string;
}

/** What stands for the hash of an empty list. */
const nothing = '000000000000';

export function ja4(hello: ClientHello, transport: Ja4Transport): Ja4 {
  const ciphers = withoutGrease(hello.cipherSuites);
  const extensions = withoutGrease(hello.extensions);
  const name = hello.hasServerName ? 'd' : 'i';
  const counts = twoDigits(ciphers.length) + twoDigits(extensions.length);
  const head = transport + versionCode(offeredVersion(hello)) + name + counts + alpnCode(hello.alpn[0] ?? '');
  const cipherList = hexList(ciphers.sort());
  const extensionList = hexList(extensions.sort(), true);
  const signatures = hexList(withoutGrease(hello.signatureAlgorithms));
  const tail = signatures === '' ? extensionList : `${extensionList}_${signatures}`;
  return {
    fingerprint: `${head}_${shortHash(cipherList)}_${shortHash(tail)}`,
    raw: `${head}_${cipherList}_${tail}`,
  };
}

/** The highest of `supported_versions`, else the version of the message itself. */
function offeredVersion(hello: ClientHello): number {
  let highest = 0;
  for (const version of hello.supportedVersions) {
    if (!isGrease(version) && version > highest) highest = version;
  }
  return highest === 0 ? hello.version : highest;
}

function versionCode(version: number): string {
  switch (version) {
    case 0x0304:
      return '13';
    case 0x0303:
      return '12';
    case 0x0302:
      return '11';
    case 0x0301:
      return '10';
    case 0x0300:
      return 's3';
    case 0x0002:
      return 's2';
    case 0xfeff:
      return 'd1';
    case 0xfefd:
      return 'd2';
    case 0xfefc:
      return 'd3';
    default:
      return '00';
  }
}

/**
 * First and last character of the first protocol name; when one of the two is not a letter or digit of ASCII, first
 * and last digit of the name in hex; `00` without a name.
 */
function alpnCode(name: string): string {
  if (name === '') return '00';
  const first = name.charCodeAt(0);
  const last = name.charCodeAt(name.length - 1);
  if (isAlphanumeric(first) && isAlphanumeric(last)) return `${name.charAt(0)}${name.charAt(name.length - 1)}`;
  return `${(first >> 4).toString(16)}${(last & 15).toString(16)}`;
}

function isAlphanumeric(code: number): boolean {
  return (code >= 0x30 && code <= 0x39) || (code >= 0x41 && code <= 0x5a) || (code >= 0x61 && code <= 0x7a);
}

/** A typed array, which sorts by number without a call per comparison. */
function withoutGrease(values: readonly number[]): Uint16Array {
  const kept = new Uint16Array(values.length);
  let count = 0;
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (!isGrease(value)) kept[count++] = value;
  }
  return kept.subarray(0, count);
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Four lower-case hex digits each, joined with `,`; without server name and protocols when `hashed` extensions are listed. */
function hexList(values: Uint16Array, hashed = false): string {
  let text = '';
  for (let index = 0; index < values.length; index++) {
    const value = values[index] as number;
    if (hashed && (value === Extension.serverName || value === Extension.alpn)) continue;
    if (text !== '') text += ',';
    text += (hexBytes[value >> 8] as string) + (hexBytes[value & 255] as string);
  }
  return text;
}

function shortHash(text: string): string {
  return text === '' ? nothing : hash('sha256', text, 'hex').slice(0, 12);
}
