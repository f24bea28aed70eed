// JA4, the TLS client fingerprint of FoxIO (technical details of JA4, BSD-3 licence): a readable part about the
// offer, a hash of the sorted cipher suites, a hash of the sorted extensions and the signature algorithms. GREASE
// values count nowhere: an offer has none. The transport letter is the caller’s, so that other carriers of a
// ClientHello can use it.

import { hash } from 'node:crypto';
import type { ClientOffer } from './client-offer.ts';
import { Extension } from './extension.ts';
import { WordCache } from './word-cache.ts';

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

/** A list in hex, joined with `,`, and its hash; of the extensions also what follows them. */
interface HashedList {
  readonly text: string;
  readonly hash: string;
}

/**
 * Sorted cipher suites; and sorted extensions with the signature algorithms. Browsers shuffle their extensions from
 * hello to hello: sorted, they are all the same.
 */
const cipherLists = new WordCache(64, (words, from, to) => hashed(hexList(words, from, to)));
const extensionLists = new WordCache(64, (words, from, to) => {
  const end = from + 1 + (words[from] as number);
  const signatures = hexList(words, end, to);
  return hashed(hexList(words, from + 1, end) + (signatures === '' ? '' : `_${signatures}`));
});

/** Room for the lists to be looked up; the reader of the hello bounds each to 1024. */
const scratch = new Uint16Array(4096);

export function ja4(offer: ClientOffer, transport: Ja4Transport): Ja4 {
  const { cipherSuites, extensions, signatureAlgorithms } = offer;
  const name = offer.hasServerName ? 'd' : 'i';
  const counts = twoDigits(cipherSuites.length) + twoDigits(extensions.length);
  const head = transport + versionCode(offeredVersion(offer)) + name + counts + alpnCode(offer.alpn[0] ?? '');
  for (let index = 0; index < cipherSuites.length; index++) scratch[index] = cipherSuites[index] as number;
  // A typed array sorts by number without a call per comparison.
  scratch.subarray(0, cipherSuites.length).sort();
  const ciphers = cipherLists.get(scratch, 0, cipherSuites.length);
  let length = 1;
  for (let index = 0; index < extensions.length; index++) {
    const type = extensions[index] as number;
    if (type !== Extension.serverName && type !== Extension.alpn) scratch[length++] = type;
  }
  scratch.subarray(1, length).sort();
  scratch[0] = length - 1;
  for (let index = 0; index < signatureAlgorithms.length; index++) scratch[length++] = signatureAlgorithms[index] as number;
  const rest = extensionLists.get(scratch, 0, length);
  return {
    fingerprint: `${head}_${ciphers.hash}_${rest.hash}`,
    raw: `${head}_${ciphers.text}_${rest.text}`,
  };
}

/** The highest of `supported_versions`, else the version of the message itself. */
function offeredVersion(offer: ClientOffer): number {
  return Math.max(0, ...offer.supportedVersions) || offer.version;
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

function twoDigits(count: number): string {
  return String(Math.min(count, 99)).padStart(2, '0');
}

const hexBytes = Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0'));

/** Four lower-case hex digits each, joined with `,`. */
function hexList(words: Uint16Array, from: number, to: number): string {
  let text = '';
  for (let at = from; at < to; at++) {
    const value = words[at] as number;
    if (text !== '') text += ',';
    text += (hexBytes[value >> 8] as string) + (hexBytes[value & 255] as string);
  }
  return text;
}

function hashed(text: string): HashedList {
  return { text, hash: text === '' ? nothing : hash('sha256', text, 'hex').slice(0, 12) };
}
