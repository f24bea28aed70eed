// The keys of a client’s Initial packets and their use (RFC 9001 section 5): they follow from the version and the first
// connection id, so that anybody on the path can read the client hello. Made for each session that is looked at, on a packet
// worker.

import { createCipheriv, createDecipheriv, createSecretKey, type KeyObject } from 'node:crypto';
import { HmacSha256 } from './hmac-sha256.ts';
import type { InitialSecrets } from './versions.ts';

const tagBytes = 16;
const sampleBytes = 16;

const hmac = new HmacSha256();
const secret = Buffer.alloc(32);
const made = Buffer.alloc(32);

// The library gets keys as objects: of bytes it finds out what they are by an exception, which costs more than its work.

export class InitialKeys {
  readonly #key: KeyObject;
  readonly #iv: Buffer;
  readonly #protection: KeyObject;

  /** `connectionId`: the destination of the client’s first packet. */
  constructor(secrets: InitialSecrets, connectionId: Buffer) {
    secrets.salt.code(connectionId, secret);
    hmac.setKey(secret);
    hmac.code(secrets.client, secret);
    hmac.setKey(secret);
    this.#key = expand(secrets.key);
    this.#protection = expand(secrets.protection);
    hmac.code(secrets.iv, made);
    this.#iv = Buffer.from(made.subarray(0, 12));
  }

  /**
   * The payload of the packet `bytes[from, to)`, whose packet number is at `numberAt`; undefined when it is not of these keys.
   */
  decrypt(bytes: Buffer, from: number, numberAt: number, to: number): Buffer | undefined {
    if (to - numberAt < 4 + sampleBytes) return undefined;
    // Own memory: the cipher takes none that is shared.
    const packet = Buffer.from(bytes.subarray(from, to));
    const at = numberAt - from;
    const cipher = createCipheriv('aes-128-ecb', this.#protection, null).setAutoPadding(false);
    const mask = cipher.update(packet.subarray(at + 4, at + 4 + sampleBytes));
    packet[0] = (packet[0] as number) ^ ((mask[0] as number) & 0x0f);
    const numberBytes = ((packet[0] as number) & 3) + 1;
    const nonce = Buffer.from(this.#iv);
    for (let index = 0; index < numberBytes; index++) {
      const byte = (packet[at + index] as number) ^ (mask[1 + index] as number);
      packet[at + index] = byte;
      const place = nonce.length - numberBytes + index;
      nonce[place] = (nonce[place] as number) ^ byte;
    }
    const body = at + numberBytes;
    if (packet.length - body < tagBytes) return undefined;
    const decipher = createDecipheriv('aes-128-gcm', this.#key, nonce);
    decipher.setAAD(packet.subarray(0, body));
    decipher.setAuthTag(packet.subarray(packet.length - tagBytes));
    const payload = decipher.update(packet.subarray(body, packet.length - tagBytes));
    try {
      decipher.final();
    } catch {
      // The tag does not fit: the only way that it is told.
      return undefined;
    }
    return payload;
  }
}

/** HKDF-Expand (RFC 5869) of the key at hand to 16 bytes; `info` with the block’s number 1 behind it. */
function expand(info: Buffer): KeyObject {
  hmac.code(info, made);
  return createSecretKey(made.subarray(0, 16));
}
