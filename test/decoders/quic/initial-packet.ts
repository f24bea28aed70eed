// Makes Initial packets of QUIC, versions 1 and 2, for the connection id of the examples in RFC 9001 and RFC 9369.

import { createCipheriv } from 'node:crypto';
import { u16 } from '../tls/hello-bytes.ts';

export const hex = (text: string): Buffer => Buffer.from(text.replace(/\s/g, ''), 'hex');
const connectionId = hex('8394c8f03e515708');
/** The keys that this connection id gives: RFC 9001 appendix A.1, RFC 9369 appendix A.1. */
const keys = {
  1: { key: '1f369613dd76d5467730efcbe3b1a22d', iv: 'fa044b2f42a3fd3b46fb255c', protection: '9f50449e04a0e810283a1e9933adedd2' },
  2: { key: '8b1a0bc121284290a29e0971b5cd045d', iv: '91f73e2351d8fa91660e909f', protection: '45b95e15235d6f45a6b19cbcb0294ba9' },
};

/** An Initial packet with a packet number of two bytes, padded to 1200. */
export function initial(version: 1 | 2, number: number, frames: Buffer): Buffer {
  const first = version === 1 ? 0xc1 : 0xd1;
  const head = Buffer.concat([
    Buffer.of(first),
    version === 1 ? hex('00000001') : hex('6b3343cf'),
    Buffer.of(connectionId.length),
    connectionId,
    // No source id, a token of three bytes.
    hex('00 03 aabbcc'),
  ]);
  const body = Buffer.concat([frames, Buffer.alloc(1200 - head.length - 4 - 16 - frames.length)]);
  const header = Buffer.concat([head, u16(0x4000 | (2 + body.length + 16)), u16(number)]);
  const { key, iv, protection } = keys[version];
  const nonce = hex(iv);
  nonce.writeUInt16BE(nonce.readUInt16BE(10) ^ number, 10);
  const cipher = createCipheriv('aes-128-gcm', hex(key), nonce);
  cipher.setAAD(header);
  const packet = Buffer.concat([header, cipher.update(body), cipher.final(), cipher.getAuthTag()]);
  const at = header.length - 2;
  const mask = createCipheriv('aes-128-ecb', hex(protection), null).update(packet.subarray(at + 4, at + 20));
  packet[0] = first ^ ((mask[0] as number) & 15);
  packet.writeUInt16BE(number ^ mask.readUInt16BE(1), at);
  return packet;
}

export const crypto = (offset: number, data: Buffer): Buffer =>
  Buffer.concat([Buffer.of(6), u16(0x4000 | offset), u16(0x4000 | data.length), data]);
