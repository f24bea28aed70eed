// Encryption of capture files: a key of its own for each file (the DEK), wrapped by one of the operator's keys (a KEK) so that
// it can stand beside the file. The forms are those of Arkime 6: AES in counter mode, and a key of 2048 bits that is laid over the
// file again and again, which keeps nobody out who has two packets to compare. Used by the pcap output and by `ringtap packets`.

import { createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorCodes, SensorError } from '../errors.ts';
import type { CaptureFile } from '../record/index.ts';

/** Of AES-256. */
const keyBytes = 32;
/** Of the other; byte n of the file goes with byte n modulo this. */
const xorKeyBytes = 256;
/** The IV of a file; the counter of 4 bytes follows it in the counter block. */
const ivBytes = 12;
const aesBlock = 16;
const pbkdf2Rounds = 350_000;

/** Bytes that one counter of 32 bits reaches. */
export const mostEncryptedBytes = 2 ** 32 * aesBlock;

export type KeyWrapping = 'aes-256-gcm' | 'legacy';

/** What of a file's facts concerns its key. */
export type KeyFacts = Pick<CaptureFile, 'encryption' | 'iv' | 'key' | 'keyId' | 'keyWrapping' | 'keySalt' | 'keyIv' | 'keyTag'>;

export type Encryption = NonNullable<CaptureFile['encryption']>;

export interface FileKey {
  readonly encryption: Encryption;
  readonly key: Buffer;
  /** Empty without AES. */
  readonly iv: Buffer;
}

/** Goes over the bytes of a file in their order, one way or the other. */
export interface FileCipher {
  update(bytes: Uint8Array): Buffer;
}

/** Keys by their ids: lines `id = text` of a file; empty lines, `#`, `;` and `[sections]` are passed over. Throws `RT_CONFIG`. */
export function readKeys(path: string): Map<string, string> {
  let text: string;
  try {
    text = readFileSync(path, 'utf8');
  } catch (cause) {
    throw new SensorError(errorCodes.config, `key file ${path}: ${(cause as Error).message}`, {
      cause,
      hint: 'key_file of the pcap output names it; it holds lines like id = long secret',
    });
  }
  const keys = new Map<string, string>();
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([^#;[\s=][^=]*?)\s*=\s*(.+?)\s*$/.exec(line);
    if (match !== null) keys.set(match[1] as string, match[2] as string);
  }
  return keys;
}

/** A new key for a file, and what its facts say of it. */
export function newFileKey(
  encryption: Encryption,
  keyId: string,
  kek: string,
  wrapping: KeyWrapping,
): { fileKey: FileKey; facts: KeyFacts } {
  const isAes = encryption === 'aes-256-ctr';
  const fileKey = {
    encryption,
    key: randomBytes(isAes ? keyBytes : xorKeyBytes),
    iv: isAes ? randomBytes(ivBytes) : Buffer.alloc(0),
  };
  const facts = { encryption, keyId, ...(isAes ? { iv: fileKey.iv.toString('hex') } : {}) };
  if (wrapping === 'legacy') {
    const { key, iv } = legacyKey(kek);
    const cipher = createCipheriv('aes-192-cbc', key, iv);
    return { fileKey, facts: { ...facts, key: Buffer.concat([cipher.update(fileKey.key), cipher.final()]).toString('hex') } };
  }
  const salt = randomBytes(16);
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', pbkdf2Sync(kek, salt, pbkdf2Rounds, keyBytes, 'sha256'), iv);
  const wrapped = Buffer.concat([cipher.update(fileKey.key), cipher.final()]);
  return {
    fileKey,
    facts: {
      ...facts,
      key: wrapped.toString('hex'),
      keyWrapping: 'aes-256-gcm',
      keySalt: salt.toString('hex'),
      keyIv: iv.toString('hex'),
      keyTag: cipher.getAuthTag().toString('hex'),
    },
  };
}

/** The key of an encrypted file. Throws `RT_CONFIG` when the operator's key is missing or does not fit. */
export function openFileKey(facts: KeyFacts, keys: ReadonlyMap<string, string>): FileKey {
  const { encryption = 'aes-256-ctr', iv = '', key = '', keyId = '', keyWrapping, keySalt = '', keyIv = '', keyTag = '' } = facts;
  const kek = keys.get(keyId);
  if (kek === undefined)
    throw new SensorError(errorCodes.config, `there is no key ${JSON.stringify(keyId)}`, {
      hint: 'key_file of the pcap output has to hold every key that files were written with',
    });
  const unwrapped = (): Buffer => {
    const wrapped = Buffer.from(key, 'hex');
    if (keyWrapping === undefined) {
      const legacy = legacyKey(kek);
      const decipher = createDecipheriv('aes-192-cbc', legacy.key, legacy.iv);
      return Buffer.concat([decipher.update(wrapped), decipher.final()]);
    }
    const derived = pbkdf2Sync(kek, Buffer.from(keySalt, 'hex'), pbkdf2Rounds, keyBytes, 'sha256');
    const decipher = createDecipheriv('aes-256-gcm', derived, Buffer.from(keyIv, 'hex'));
    decipher.setAuthTag(Buffer.from(keyTag, 'hex'));
    return Buffer.concat([decipher.update(wrapped), decipher.final()]);
  };
  try {
    const fileKey = { encryption, key: unwrapped(), iv: Buffer.from(iv, 'hex') };
    const expected = encryption === 'aes-256-ctr' ? keyBytes : xorKeyBytes;
    if (fileKey.key.length !== expected) throw new Error(`a key of ${fileKey.key.length} bytes in place of ${expected}`);
    return fileKey;
  } catch (cause) {
    throw new SensorError(errorCodes.config, `the key ${JSON.stringify(keyId)} is not the one that the file was written with`, {
      cause,
    });
  }
}

/** The key stream of a file from byte `offset` on; either kind is its own inverse. */
export function fileCipher({ encryption, key, iv }: FileKey, offset = 0): FileCipher {
  if (encryption === 'xor-2048') return new XorStream(key, offset);
  const counter = Buffer.alloc(aesBlock);
  iv.copy(counter);
  counter.writeUInt32BE(Math.floor(offset / aesBlock) >>> 0, ivBytes);
  const cipher = createCipheriv('aes-256-ctr', key, counter);
  cipher.update(Buffer.alloc(offset % aesBlock));
  return cipher;
}

class XorStream implements FileCipher {
  readonly #key: Buffer;
  #at: number;

  constructor(key: Buffer, offset: number) {
    this.#key = key;
    this.#at = offset % xorKeyBytes;
  }

  update(bytes: Uint8Array): Buffer {
    const key = this.#key;
    const result = Buffer.allocUnsafe(bytes.length);
    const start = this.#at;
    for (let index = 0; index < bytes.length; index++)
      result[index] = (bytes[index] as number) ^ (key[(start + index) & (xorKeyBytes - 1)] as number);
    this.#at = (start + bytes.length) % xorKeyBytes;
    return result;
  }
}

/** OpenSSL's EVP_BytesToKey with MD5, one round and no salt, for AES-192-CBC. */
function legacyKey(kek: string): { key: Buffer; iv: Buffer } {
  let digest = Buffer.alloc(0);
  let all = Buffer.alloc(0);
  while (all.length < 24 + 16) {
    digest = createHash('md5').update(digest).update(kek).digest();
    all = Buffer.concat([all, digest]);
  }
  return { key: all.subarray(0, 24), iv: all.subarray(24, 40) };
}
