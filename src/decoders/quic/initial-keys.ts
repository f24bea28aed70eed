// The keys of a client’s Initial packets and their use (RFC 9001 section 5): they follow from the version and the first
// connection id, so that anybody on the path can read the client hello. Made for each session that is looked at, on a packet
// worker.

import { createCipheriv, createDecipheriv, createHmac } from 'node:crypto';
import type { InitialSecrets } from './versions.ts';

const tagBytes = 16;
const sampleBytes = 16;

export class InitialKeys {
  readonly #key: Buffer;
  readonly #iv: Buffer;
  readonly #protection: Buffer;

  /** `connectionId`: the destination of the client’s first packet. */
  constructor(secrets: InitialSecrets, connectionId: Buffer) {
    const initial = createHmac('sha256', secrets.salt).update(connectionId).digest();
    const client = expand(initial, 'client in', 32);
    this.#key = expand(client, secrets.keyLabel, 16);
    this.#iv = expand(client, secrets.ivLabel, 12);
    this.#protection = expand(client, secrets.protectionLabel, 16);
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

/** HKDF-Expand-Label of TLS 1.3 (RFC 8446 section 7.1) with an empty context, for at most 32 bytes. */
function expand(secret: Buffer, label: string, length: number): Buffer {
  const name = `tls13 ${label}`;
  const info = Buffer.from([length >> 8, length & 255, name.length, ...Buffer.from(name), 0, 1]);
  return createHmac('sha256', secret).update(info).digest().subarray(0, length);
}
