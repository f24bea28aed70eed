// What a ServerHello answers, without its random and session id: servers are many, the software and settings are not.
// Read into texts and a fingerprint once and found again by its values. Made by the cache of the ServerHello’s reader.

import type { JsonText } from '../../record/index.ts';
import { cipherSuiteName } from './cipher-suites.ts';
import { Extension } from './extension.ts';
import { Fingerprint } from './fingerprint.ts';
import { ja3Hash, ja3sString } from './ja3.ts';
import { finishedJson } from './json.ts';
import { isTls13, Version, versionProtocol, versionText } from './versions.ts';

export class ServerAnswer {
  /** `legacy_version` of the message. */
  readonly legacyVersion: number;
  /** The version in use: `supported_versions` if there, else the legacy one. */
  readonly version: number;
  readonly versionText: string;
  readonly versionProtocol: string;
  readonly isTls13: boolean;
  readonly cipherSuite: number;
  readonly cipherName: string;
  /** The name as finished JSON; SSL 2 chooses later. */
  readonly cipherJson: JsonText | undefined;
  /** The key exchange is of elliptic curves, by the name of the cipher suite: others put their own values in its bytes. */
  readonly namesGroup: boolean;
  readonly extensions: readonly number[];
  readonly alpn: string;
  readonly alpnJson: JsonText | undefined;
  /** Group of the key share (1.3); -1 when none. */
  readonly group: number;
  readonly preSharedKey: boolean;
  #ja3s: Fingerprint | undefined;

  /**
   * `words[from, to)`: legacy version, cipher suite; then for each extension its type and, of those that are read, the number of
   * words of its value (0 when it could not be read) and these. A protocol name is a word a byte.
   */
  constructor(words: Uint16Array, from: number, to: number, isSsl2 = false) {
    this.legacyVersion = words[from] as number;
    this.cipherSuite = words[from + 1] as number;
    const extensions: number[] = [];
    let version = isSsl2 ? Version.ssl2 : this.legacyVersion;
    let alpn = '';
    let group = -1;
    for (let at = from + 2; at < to; ) {
      const type = words[at++] as number;
      extensions.push(type);
      if (!isValued(type)) continue;
      const value = words.subarray(at + 1, at + 1 + (words[at] as number));
      at += 1 + value.length;
      if (type === Extension.alpn) alpn = String.fromCharCode(...value);
      else if (value.length > 0 && type === Extension.keyShare) group = value[0] as number;
      else if (value.length > 0) version = value[0] as number;
    }
    this.extensions = extensions;
    this.version = version;
    this.versionText = versionText(version);
    this.versionProtocol = versionProtocol(version);
    this.isTls13 = isTls13(version);
    this.cipherName = cipherSuiteName(this.cipherSuite);
    this.cipherJson = version === Version.ssl2 ? undefined : finishedJson(this.cipherName);
    this.namesGroup = this.cipherName.includes('_ECDH');
    this.alpn = alpn;
    this.alpnJson = finishedJson(alpn);
    this.group = group;
    this.preSharedKey = extensions.includes(Extension.preSharedKey);
    this.#ja3s = undefined;
  }

  get ja3s(): Fingerprint {
    if (this.#ja3s === undefined) {
      const text = ja3sString(this);
      this.#ja3s = new Fingerprint(ja3Hash(text), text);
    }
    return this.#ja3s;
  }
}

/** Extensions whose values are read. */
export function isValued(type: number): boolean {
  return type === Extension.supportedVersions || type === Extension.alpn || type === Extension.keyShare;
}
