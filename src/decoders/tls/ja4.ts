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

const nothing = '000000000000';

export function ja4(hello: ClientHello, transport: Ja4Transport): Ja4 {
  const ciphers = hello.cipherSuites.filter(isNotGrease);
  const extensions = hello.extensions.filter(isNotGrease);
  const head = [
    transport,
    versionCode(offeredVersion(hello)),
    hello.hasServerName ? 'd' : 'i',
    twoDigits(ciphers.length),
    twoDigits(extensions.length),
    alpnCode(hello.alpn[0] ?? ''),
  ].join('');
  const cipherList = hexList(ciphers.sort(ascending));
  const hashed = extensions.filter((type) => type !== Extension.serverName && type !== Extension.alpn).sort(ascending);
  const extensionList = hexList(hashed);
  const signatures = hexList(hello.signatureAlgorithms.filter(isNotGrease));
  const tail = signatures === '' ? extensionList : `${extensionList}_${signatures}`;
  const tailHash = tail === '' ? nothing : shortHash(tail);
  return {
    fingerprint: `${head}_${cipherList === '' ? nothing : shortHash(cipherList)}_${tailHash}`,
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

function isNotGrease(value: number): boolean {
  return !isGrease(value);
}

function ascending(a: number, b: number): number {
  return a - b;
}

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

/** Four lower-case hex digits each, joined with `,`: sorting the numbers sorts the texts too. */
function hexList(values: readonly number[]): string {
  let text = '';
  for (const value of values) {
    if (text !== '') text += ',';
    text += value.toString(16).padStart(4, '0');
  }
  return text;
}

function shortHash(text: string): string {
  return hash('sha256', text, 'hex').slice(0, 12);
}
