// What a ClientHello offers, without what differs from one connection to the next (random, ids, keys, server name,
// GREASE): the same software offers the same, so it is read into texts and fingerprints once and found again by its
// values. Made by the cache of the ClientHello’s reader. One thread.

import type { JsonText } from '../../record/index.ts';
import { cipherSuiteName } from './cipher-suites.ts';
import { Extension } from './extension.ts';
import { Fingerprint } from './fingerprint.ts';
import { ja3Hash, ja3String } from './ja3.ts';
import { type Ja4Transport, ja4 } from './ja4.ts';
import { finishedJson } from './json.ts';
import { namedGroup } from './named-groups.ts';
import { versionText } from './versions.ts';
import { WordCache } from './word-cache.ts';

/** Names by lists of codes: browsers shuffle their extensions from hello to hello, but not what these hold. */
const cipherNames = new WordCache(64, (words, from, to) => namesOf(words, from, to, cipherSuiteName));
const groupNames = new WordCache(32, (words, from, to) => namesOf(words, from, to, namedGroup));
const versionNames = new WordCache(32, (words, from, to) => namesOf(words, from, to, versionText));
const protocolNames = new WordCache(32, protocolsOf);

/** Names of protocols, as Latin-1 text and as finished JSON. */
interface Protocols {
  readonly names: readonly string[];
  readonly json: JsonText | undefined;
}

/** A list of the offer, gathered from all extensions of its type: only hellos that break the rules have more than one. */
class Listed {
  readonly codes: number[] = [];
  /** The list as last added is `words[from, to)`. */
  from = 0;
  to = 0;

  add(words: Uint16Array, from: number, to: number): void {
    for (let at = from; at < to; at++) this.codes.push(words[at] as number);
    this.from = from;
    this.to = to;
  }

  lookUp<T>(cache: WordCache<T>, words: Uint16Array): T {
    if (this.codes.length === this.to - this.from) return cache.get(words, this.from, this.to);
    return cache.get(Uint16Array.from(this.codes), 0, this.codes.length);
  }
}

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
  /** The last one asked for, and of which transport. */
  #ja4: Fingerprint | undefined;
  #ja4Transport: Ja4Transport;

  /**
   * `words[from, to)`: version, number of cipher suites, these; then for each extension its type and, of those that hold a list
   * that is read, the number of words of the list and these. A protocol name is its length and a word a byte.
   */
  constructor(words: Uint16Array, from: number, to: number) {
    const ciphers = new Listed();
    const extensions: number[] = [];
    const groups = new Listed();
    const formats = new Listed();
    const signatures = new Listed();
    const versions = new Listed();
    const names = new Listed();
    const ciphersEnd = from + 2 + (words[from + 1] as number);
    ciphers.add(words, from + 2, ciphersEnd);
    for (let at = ciphersEnd; at < to; ) {
      const type = words[at++] as number;
      extensions.push(type);
      if (!isListed(type)) continue;
      const start = at + 1;
      at = start + (words[at] as number);
      if (type === Extension.alpn) names.add(words, start, at);
      else if (type === Extension.supportedGroups) groups.add(words, start, at);
      else if (type === Extension.pointFormats) formats.add(words, start, at);
      else if (type === Extension.signatureAlgorithms) signatures.add(words, start, at);
      else versions.add(words, start, at);
    }
    const protocols = names.lookUp(protocolNames, words);
    this.version = words[from] as number;
    this.versionText = versionText(this.version);
    this.cipherSuites = ciphers.codes;
    this.extensions = extensions;
    this.supportedGroups = groups.codes;
    this.pointFormats = formats.codes;
    this.signatureAlgorithms = signatures.codes;
    this.supportedVersions = versions.codes;
    this.alpn = protocols.names;
    this.hasServerName = extensions.includes(Extension.serverName);
    this.earlyData = extensions.includes(Extension.earlyData);
    this.encryptedHello = extensions.includes(Extension.encryptedClientHello);
    this.cipherNames = ciphers.lookUp(cipherNames, words);
    this.groupNames = groups.lookUp(groupNames, words);
    this.versionNames = versions.lookUp(versionNames, words);
    this.alpnNames = protocols.json;
    this.#ja3 = undefined;
    this.#ja4 = undefined;
    this.#ja4Transport = 't';
  }

  /** Made when first asked for: not every hello is whole enough for a fingerprint. */
  get ja3(): Fingerprint {
    if (this.#ja3 === undefined) {
      const text = ja3String(this);
      this.#ja3 = new Fingerprint(ja3Hash(text), text);
    }
    return this.#ja3;
  }

  ja4Over(transport: Ja4Transport): Fingerprint {
    if (this.#ja4 === undefined || this.#ja4Transport !== transport) {
      const { fingerprint, raw } = ja4(this, transport);
      this.#ja4 = new Fingerprint(fingerprint, raw);
      this.#ja4Transport = transport;
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

function namesOf(words: Uint16Array, from: number, to: number, nameOf: (code: number) => string): JsonText | undefined {
  return finishedJson(Array.from(words.subarray(from, to), nameOf));
}

/** Each name is its length and a word a byte. */
function protocolsOf(words: Uint16Array, from: number, to: number): Protocols {
  const names: string[] = [];
  for (let at = from; at < to; ) {
    const start = at + 1;
    at = start + (words[at] as number);
    names.push(String.fromCharCode(...words.subarray(start, at)));
  }
  return { names, json: finishedJson(names) };
}
