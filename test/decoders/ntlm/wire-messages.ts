// Makes NTLMSSP messages for tests, as MS-NLMP 2.2.1 draws them, and tokens of SPNEGO (RFC 4178 section 4.2) around them.

import { item } from '../ber-items.ts';

const utf16 = (text: string): Buffer => Buffer.from(text, 'utf16le');
const version = (major: number, minor: number, build: number): Buffer =>
  Buffer.from([major, minor, build & 255, build >> 8, 0, 0, 0, 15]);

/** A fixed part with (length, offset) pairs at the given places and the parts behind it. */
function message(type: number, fixedBytes: number, flagsAt: number, flags: number, parts: [at: number, bytes: Buffer][]): Buffer {
  const head = Buffer.alloc(fixedBytes);
  head.write('NTLMSSP\0', 'latin1');
  head.writeUInt32LE(type, 8);
  head.writeUInt32LE(flags, flagsAt);
  let offset = fixedBytes;
  for (const [at, bytes] of parts) {
    head.writeUInt16LE(bytes.length, at);
    head.writeUInt16LE(bytes.length, at + 2);
    head.writeUInt32LE(offset, at + 4);
    offset += bytes.length;
  }
  return Buffer.concat([head, ...parts.map(([, bytes]) => bytes)]);
}

const flags = 0x0200_0001;

export function negotiateMessage(domain: string, host: string): Buffer {
  const made = message(1, 40, 12, flags, [
    [16, Buffer.from(domain)],
    [24, Buffer.from(host)],
  ]);
  version(10, 0, 19041).copy(made, 32);
  return made;
}

export function challengeMessage(target: string, unicode = true): Buffer {
  const made = message(2, 56, 20, unicode ? flags : flags - 1, [[12, unicode ? utf16(target) : Buffer.from(target)]]);
  version(6, 3, 9600).copy(made, 48);
  return made;
}

export function authenticateMessage(domain: string, user: string, host: string): Buffer {
  const made = message(3, 72, 60, flags, [
    [12, Buffer.alloc(24, 0x4c)],
    [28, utf16(domain)],
    [36, utf16(user)],
    [44, utf16(host)],
  ]);
  version(10, 0, 22621).copy(made, 64);
  return made;
}

/** NegTokenInit that offers NTLM alone. */
export function initialToken(message: Buffer): Buffer {
  const ntlm = Buffer.from('2b06010401823702020a', 'hex');
  const offer = item(0x30, item(0xa0, item(0x30, item(6, ntlm))), item(0xa2, item(4, message)));
  return item(0x60, item(6, Buffer.from('2b0601050502', 'hex')), item(0xa0, offer));
}

/** NegTokenResp, accept-incomplete. */
export function responseToken(message: Buffer): Buffer {
  return item(0xa1, item(0x30, item(0xa0, item(10, '\x01')), item(0xa2, item(4, message))));
}
