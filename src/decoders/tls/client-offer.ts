// What a ClientHello offers, without what differs from one connection to the next (random, ids, keys, server name,
// GREASE): the same software offers the same, so it is read into texts and fingerprints once and found again by its
// values. Made by the cache of the ClientHello’s reader. One thread.

import type { JsonText } from '../../record/index.ts';
import { cipherSuiteName } from './cipher-suites.ts';
import { Extension } from './extension.ts';
import { Fingerprint } from './fingerprint.ts';
import { ja3Hash, ja3String } from './ja3.ts';
import { ja4 } from './ja4.ts';
import { finishedJson } from './json.ts';
import { namedGroup } from './named-groups.ts';
import { versionText } from './versions.ts';
import { WordCache } from './word-cache.ts';

/** Names of cipher suites by their codes: browsers shuffle their extensions from hello to hello, but not these. */
const cipherNames = new WordCache(64, (codes) => finishedJson(Array.from(codes, cipherSuiteName)));

export class ClientOffer {
  /** `legacy_version` of the message. */
  readonly version: number;
  readonly versionText: string;
  readonly cipherSuites: readonly number[];
  /** In the order sent. */
  readonly extensions: readonly number[];
  readonly supportedGroups: readonly number[];
  readonly pointFormats: readonly number[];
  readonly signatureAlgorithms: readonly number[];
  readonly supportedVersions: readonly number[];
  /** Latin-1 text of each protocol name. */
  readonly alpn: readonly string[];
  readonly hasServerName: boolean;
  readonly earlyData: boolean;
  readonly encryptedHello: boolean;
  readonly cipherNames: JsonText | undefined;
  readonly groupNames: JsonText | undefined;
  readonly versionNames: JsonText | undefined;
  readonly alpnNames: JsonText | undefined;
  #ja3: Fingerprint | undefined;
  #ja4: Fingerprint | undefined;

  /**
   * `words`: version, number of cipher suites, these; then for each extension its type and, of those that hold a list
   * that is read, the number of words of the list and these. A protocol name is a length and a word a byte.
   */
  constructor(words: Uint16Array) {
    this.version = words[0] as number;
    const ciphersEnd = 2 + (words[1] as number);
    this.cipherSuites = Array.from(words.subarray(2, ciphersEnd));
    const extensions: number[] = [];
    const groups: number[] = [];
    const formats: number[] = [];
    const signatures: number[] = [];
    const versions: number[] = [];
    const alpn: string[] = [];
    for (let at = ciphersEnd; at < words.length; ) {
      const type = words[at++] as number;
      extensions.push(type);
      if (!isListed(type)) continue;
      const end = at + 1 + (words[at] as number);
      const values = words.subarray(at + 1, end);
      at = end;
      if (type === Extension.alpn) readNames(values, alpn);
      else if (type === Extension.supportedGroups) groups.push(...values);
      else if (type === Extension.pointFormats) formats.push(...values);
      else if (type === Extension.signatureAlgorithms) signatures.push(...values);
      else versions.push(...values);
    }
    this.extensions = extensions;
    this.supportedGroups = groups;
    this.pointFormats = formats;
    this.signatureAlgorithms = signatures;
    this.supportedVersions = versions;
    this.alpn = alpn;
    this.hasServerName = extensions.includes(Extension.serverName);
    this.earlyData = extensions.includes(Extension.earlyData);
    this.encryptedHello = extensions.includes(Extension.encryptedClientHello);
    this.versionText = versionText(this.version);
    this.cipherNames = cipherNames.get(words, 2, ciphersEnd);
    this.groupNames = finishedJson(groups.map(namedGroup));
    this.versionNames = finishedJson(versions.map(versionText));
    this.alpnNames = finishedJson(alpn);
    this.#ja3 = undefined;
    this.#ja4 = undefined;
  }

  /** Made when first asked for: not every hello is whole enough for a fingerprint. */
  get ja3(): Fingerprint {
    if (this.#ja3 === undefined) {
      const text = ja3String(this);
      this.#ja3 = new Fingerprint(ja3Hash(text), text);
    }
    return this.#ja3;
  }

  /** Of a hello over TCP. */
  get ja4(): Fingerprint {
    if (this.#ja4 === undefined) {
      const { fingerprint, raw } = ja4(this, 't');
      this.#ja4 = new Fingerprint(fingerprint, raw);
    }
    return this.#ja4;
  }
}

/** Extensions whose lists are read. */
export function isListed(type: number): boolean {
  switch (type) {
    case Extension.supportedGroups:
    case Extension.pointFormats:
    case Extension.signatureAlgorithms:
    case Extension.alpn:
    case Extension.supportedVersions:
      return true;
    default:
      return false;
  }
}

function readNames(words: Uint16Array, names: string[]): void {
  for (let at = 0; at < words.length; ) {
    const length = words[at++] as number;
    names.push(String.fromCharCode(...words.subarray(at, at + length)));
    at += length;
  }
}
