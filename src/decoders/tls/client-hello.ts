// The ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2, and the SSL 2 form of RFC 5246 appendix E.2):
// what a client offers. Read once from a whole message, or from the start of one whose end was lost. Called by the
// TLS decoder, and by any other that carries the same message. Never throws; a fault leaves what lies before it.

import { ByteCursor } from './byte-cursor.ts';

/** Most values of one list that are kept: a 64 KiB message could hold 32 thousand. */
const maxListValues = 1024;
const maxNames = 64;

export class ClientHello {
  /** `legacy_version` of the message. */
  version = 0;
  /** Hex. */
  sessionId = '';
  cipherSuites: number[] = [];
  /** In the order sent, GREASE included. */
  extensions: number[] = [];
  /** undefined without the extension; '' with an empty one. */
  serverName: string | undefined = undefined;
  /** Latin-1 text of each protocol name. */
  alpn: string[] = [];
  supportedVersions: number[] = [];
  supportedGroups: number[] = [];
  pointFormats: number[] = [];
  signatureAlgorithms: number[] = [];
  keyShareGroups: number[] = [];
  /** A session ticket (RFC 5077) or pre-shared key (RFC 8446) was offered. */
  offersTicket = false;
  offersPsk = false;
  earlyData = false;
  encryptedHello = false;
  /** Came in the SSL 2 form: no extensions, no fingerprints. */
  ssl2Form = false;
  /** All of it was there and its lengths agreed. */
  complete = false;

  get hasServerName(): boolean {
    return this.serverName !== undefined;
  }
}

export const Extension = {
  serverName: 0,
  supportedGroups: 10,
  pointFormats: 11,
  signatureAlgorithms: 13,
  alpn: 16,
  sessionTicket: 35,
  preSharedKey: 41,
  earlyData: 42,
  supportedVersions: 43,
  keyShare: 51,
  encryptedClientHello: 0xfe0d,
} as const;

/** Reads the body of a ClientHello (after the 4-byte message header). */
export function parseClientHello(bytes: Buffer, from: number, to: number): ClientHello {
  const hello = new ClientHello();
  const cursor = new ByteCursor(bytes, from, to);
  hello.version = cursor.u16();
  cursor.skip(32);
  const sessionIdLength = cursor.u8();
  hello.sessionId = cursor.hex(sessionIdLength);
  readU16List(cursor, cursor.u16(), hello.cipherSuites);
  cursor.skip(cursor.u8());
  if (cursor.failed) return hello;
  if (cursor.left === 0) {
    // SSL 3 and early TLS clients end here.
    hello.complete = true;
    return hello;
  }
  const declared = cursor.u16();
  if (cursor.failed) return hello;
  const whole = declared === cursor.left;
  if (declared < cursor.left) cursor.limit(declared);
  let sound = true;
  while (cursor.left > 0 && !cursor.failed && hello.extensions.length < maxListValues) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (cursor.failed) break;
    hello.extensions.push(type);
    const end = cursor.position + length;
    const present = Math.min(end, cursor.end);
    if (!readExtension(hello, type, bytes, cursor.position, present)) sound = false;
    cursor.skip(length);
  }
  hello.complete = whole && sound && !cursor.failed;
  return hello;
}

/** Reads an SSL 2 CLIENT-HELLO from its message type byte on. */
export function parseSsl2ClientHello(bytes: Buffer, from: number, to: number): ClientHello {
  const hello = new ClientHello();
  hello.ssl2Form = true;
  const cursor = new ByteCursor(bytes, from + 1, to);
  hello.version = cursor.u16();
  const specsLength = cursor.u16();
  const sessionIdLength = cursor.u16();
  const challengeLength = cursor.u16();
  const specsEnd = cursor.position + specsLength;
  for (let at = 0; at + 3 <= specsLength && hello.cipherSuites.length < maxListValues; at += 3) {
    const kind = cursor.u8();
    const suite = cursor.u16();
    // A first byte of 0 marks a suite of SSL 3 and later; others are SSL 2 kinds, which have no name there.
    if (kind === 0 && !cursor.failed) hello.cipherSuites.push(suite);
  }
  if (cursor.position < specsEnd) cursor.skip(specsEnd - cursor.position);
  hello.sessionId = cursor.hex(sessionIdLength);
  cursor.skip(challengeLength);
  hello.complete = !cursor.failed && cursor.left === 0 && specsLength % 3 === 0;
  return hello;
}

/** @returns false when the extension’s own lengths do not fit. */
function readExtension(hello: ClientHello, type: number, bytes: Buffer, from: number, to: number): boolean {
  const cursor = new ByteCursor(bytes, from, to);
  switch (type) {
    case Extension.serverName:
      return readServerName(hello, cursor);
    case Extension.alpn: {
      const end = cursor.u16() + cursor.position;
      while (cursor.position < end && !cursor.failed && hello.alpn.length < maxNames) {
        const name = cursor.latin1(cursor.u8());
        if (!cursor.failed) hello.alpn.push(name);
      }
      break;
    }
    case Extension.supportedVersions:
      readU16List(cursor, cursor.u8(), hello.supportedVersions);
      break;
    case Extension.supportedGroups:
      readU16List(cursor, cursor.u16(), hello.supportedGroups);
      break;
    case Extension.signatureAlgorithms:
      readU16List(cursor, cursor.u16(), hello.signatureAlgorithms);
      break;
    case Extension.pointFormats: {
      const count = cursor.u8();
      for (let index = 0; index < count && !cursor.failed; index++) {
        const format = cursor.u8();
        if (!cursor.failed) hello.pointFormats.push(format);
      }
      break;
    }
    case Extension.keyShare: {
      const end = cursor.u16() + cursor.position;
      while (cursor.position < end && !cursor.failed && hello.keyShareGroups.length < maxNames) {
        const group = cursor.u16();
        if (!cursor.failed) hello.keyShareGroups.push(group);
        cursor.skip(cursor.u16());
      }
      break;
    }
    case Extension.sessionTicket:
      hello.offersTicket = to > from;
      break;
    case Extension.preSharedKey:
      hello.offersPsk = true;
      break;
    case Extension.earlyData:
      hello.earlyData = true;
      break;
    case Extension.encryptedClientHello:
      hello.encryptedHello = true;
      break;
  }
  return !cursor.failed;
}

/** RFC 6066 section 3: a list of typed names, of which type 0 (host name) is the only one ever defined. */
function readServerName(hello: ClientHello, cursor: ByteCursor): boolean {
  hello.serverName = '';
  if (cursor.left === 0) return true;
  const end = cursor.u16() + cursor.position;
  while (cursor.position < end && !cursor.failed) {
    const kind = cursor.u8();
    const name = cursor.latin1(cursor.u16());
    if (kind === 0 && !cursor.failed) {
      hello.serverName = name;
      return true;
    }
  }
  return !cursor.failed;
}

function readU16List(cursor: ByteCursor, length: number, list: number[]): void {
  const end = cursor.position + length;
  for (let at = 0; at + 2 <= length && list.length < maxListValues; at += 2) {
    const value = cursor.u16();
    if (cursor.failed) return;
    list.push(value);
  }
  if (cursor.position < end) cursor.skip(end - cursor.position);
}
