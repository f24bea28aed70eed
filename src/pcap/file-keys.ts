// Encryption of capture files: a key of its own for each file (the DEK), wrapped by one of the operator's keys (a KEK) so that
// it can stand beside the file. The forms are those of Arkime 6. Used by the pcap output and by `ringtap packets`.

import { type Cipheriv, createCipheriv, createDecipheriv, createHash, pbkdf2Sync, randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { errorCodes, SensorError } from '../errors.ts';
import type { CaptureFile } from '../record/index.ts';

const keyBytes = 32;
/** The IV of a file; the counter of 4 bytes follows it in the counter block. */
const ivBytes = 12;
const aesBlock = 16;
const pbkdf2Rounds = 350_000;

/** Bytes that one counter of 32 bits reaches. */
export const mostEncryptedBytes = 2 ** 32 * aesBlock;

export type KeyWrapping = 'aes-256-gcm' | 'legacy';

/** What of a file's facts concerns its key. */
export type KeyFacts = Pick<CaptureFile, 'encryption' | 'iv' | 'key' | 'keyId' | 'keyWrapping' | 'keySalt' | 'keyIv' | 'keyTag'>;

export interface FileKey {
  readonly key: Buffer;
  readonly iv: Buffer;
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
export function newFileKey(keyId: string, kek: string, wrapping: KeyWrapping): { fileKey: FileKey; facts: KeyFacts } {
  const fileKey = { key: randomBytes(keyBytes), iv: randomBytes(ivBytes) };
  const facts = { encryption: 'aes-256-ctr', iv: fileKey.iv.toString('hex'), keyId } as const;
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

/** The key of a file. Throws `RT_CONFIG` when the operator's key is missing or does not fit. */
export function openFileKey(facts: KeyFacts, keys: ReadonlyMap<string, string>): FileKey {
  const { iv = '', key = '', keyId = '', keyWrapping, keySalt = '', keyIv = '', keyTag = '' } = facts;
  const kek = keys.get(keyId);
  if (kek === undefined)
    throw new SensorError(errorCodes.config, `there is no key ${JSON.stringify(keyId)}`, {
      hint: 'key_file of the pcap output has to hold every key that files were written with',
    });
  try {
    const wrapped = Buffer.from(key, 'hex');
    if (keyWrapping === undefined) {
      const legacy = legacyKey(kek);
      const decipher = createDecipheriv('aes-192-cbc', legacy.key, legacy.iv);
      return { key: Buffer.concat([decipher.update(wrapped), decipher.final()]), iv: Buffer.from(iv, 'hex') };
    }
    const derived = pbkdf2Sync(kek, Buffer.from(keySalt, 'hex'), pbkdf2Rounds, keyBytes, 'sha256');
    const decipher = createDecipheriv('aes-256-gcm', derived, Buffer.from(keyIv, 'hex'));
    decipher.setAuthTag(Buffer.from(keyTag, 'hex'));
    return { key: Buffer.concat([decipher.update(wrapped), decipher.final()]), iv: Buffer.from(iv, 'hex') };
  } catch (cause) {
    throw new SensorError(errorCodes.config, `the key ${JSON.stringify(keyId)} is not the one that the file was written with`, {
      cause,
    });
  }
}

/** The key stream of a file from byte `offset` on; AES in counter mode is its own inverse. */
export function fileCipher({ key, iv }: FileKey, offset = 0): Cipheriv {
  const counter = Buffer.alloc(aesBlock);
  iv.copy(counter);
  counter.writeUInt32BE(Math.floor(offset / aesBlock) >>> 0, ivBytes);
  const cipher = createCipheriv('aes-256-ctr', key, counter);
  cipher.update(Buffer.alloc(offset % aesBlock));
  return cipher;
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
