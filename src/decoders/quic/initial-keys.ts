// The keys of a client’s Initial packets and their use (RFC 9001 section 5): they follow from the version and the first
// connection id, so that anybody on the path can read the client hello. Held by a session’s decoder, on a packet worker.

import { readI32 } from '../big-endian.ts';
import { Aes128, blockBytes, decryptGcm } from './aes-gcm.ts';
import { HmacSha256 } from './hmac-sha256.ts';
import type { InitialSecrets } from './versions.ts';

const nonceBytes = 12;
/** A packet number has at most so many bytes; the sample is taken behind them. */
const numberMost = 4;

const hmac = new HmacSha256();
const made = Buffer.alloc(32);
const nonce = Buffer.alloc(nonceBytes);
const header = Buffer.alloc(256);

export class InitialKeys {
  readonly #packet: Aes128 = new Aes128();
  readonly #protection: Aes128 = new Aes128();
  readonly #iv: Buffer = Buffer.alloc(nonceBytes);

  /** `connectionId`: the destination of the client’s first packet. */
  set(secrets: InitialSecrets, connectionId: Uint8Array): void {
    secrets.salt.code(connectionId, made);
    hmac.setKey(made);
    hmac.code(secrets.client, made);
    hmac.setKey(made);
    // HKDF-Expand (RFC 5869) of one block each.
    hmac.code(secrets.key, made);
    this.#packet.setKey(made, 0);
    hmac.code(secrets.protection, made);
    this.#protection.setKey(made, 0);
    hmac.code(secrets.iv, made);
    made.copy(this.#iv, 0, 0, nonceBytes);
  }

  /**
   * Puts the payload of the packet `bytes[from, to)`, whose packet number is at `numberAt`, into `target`, which has room for it.
   * @returns its length; -1 when the packet is not of these keys
   */
  decrypt(bytes: Buffer, from: number, numberAt: number, to: number, target: Buffer): number {
    const sample = numberAt + numberMost;
    const headerMost = sample - from;
    if (to - sample < blockBytes) return -1;
    const at = numberAt - from;
    const head = headerMost <= header.length ? header : Buffer.allocUnsafe(headerMost);
    bytes.copy(head, 0, from, sample);
    const protection = this.#protection;
    protection.encrypt(
      readI32(bytes, sample),
      readI32(bytes, sample + 4),
      readI32(bytes, sample + 8),
      readI32(bytes, sample + 12),
    );
    const mask = protection.out[0] as number;
    const fifth = (protection.out[1] as number) >>> 24;
    head[0] = (head[0] as number) ^ ((mask >>> 24) & 0x0f);
    const numberBytes = ((head[0] as number) & 3) + 1;
    this.#iv.copy(nonce);
    for (let index = 0; index < numberBytes; index++) {
      const byte = (head[at + index] as number) ^ (index < 3 ? (mask >>> (16 - 8 * index)) & 255 : fifth);
      head[at + index] = byte;
      const place = nonceBytes - numberBytes + index;
      nonce[place] = (nonce[place] as number) ^ byte;
    }
    const body = numberAt + numberBytes;
    if (to - body < blockBytes) return -1;
    return decryptGcm(this.#packet, nonce, head, at + numberBytes, bytes, body, to, target) ? to - body - blockBytes : -1;
  }
}
