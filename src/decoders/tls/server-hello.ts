// The ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3): what the server chose. HelloRetryRequest is the
// same message with a fixed random. Also the group in a ServerKeyExchange (RFC 8422 section 5.4). Never throws.

import { ByteCursor } from './byte-cursor.ts';
import { Extension } from './client-hello.ts';
import { Version } from './versions.ts';

/** SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3. */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const maxExtensions = 256;

export class ServerHello {
  /** `legacy_version` of the message. */
  legacyVersion = 0;
  /** The version in use: `supported_versions` if there, else the legacy one. */
  version = 0;
  /** Hex. */
  sessionId = '';
  cipherSuite = 0;
  extensions: number[] = [];
  alpn = '';
  /** Group of the key share (1.3); -1 when none. */
  group = -1;
  preSharedKey = false;
  isRetry = false;
  complete = false;
}

/** Reads the body of a ServerHello (after the 4-byte message header). */
export function parseServerHello(bytes: Buffer, from: number, to: number): ServerHello {
  const hello = new ServerHello();
  const cursor = new ByteCursor(bytes, from, to);
  hello.legacyVersion = cursor.u16();
  hello.version = hello.legacyVersion;
  const random = cursor.position;
  cursor.skip(32);
  hello.isRetry = !cursor.failed && retryRandom.compare(bytes, random, random + 32) === 0;
  // The drafts 18 to 21 of 1.3 had neither session id nor compression method here.
  const oldDraft = hello.legacyVersion >> 8 === 0x7f;
  if (!oldDraft) hello.sessionId = cursor.hex(cursor.u8());
  hello.cipherSuite = cursor.u16();
  if (!oldDraft) cursor.skip(1);
  if (cursor.failed) return hello;
  if (cursor.left === 0) {
    hello.complete = true;
    return hello;
  }
  const declared = cursor.u16();
  if (cursor.failed) return hello;
  const whole = declared === cursor.left;
  cursor.limit(declared);
  let sound = true;
  while (cursor.left > 0 && !cursor.failed && hello.extensions.length < maxExtensions) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (cursor.failed) break;
    hello.extensions.push(type);
    const inner = new ByteCursor(bytes, cursor.position, Math.min(cursor.position + length, cursor.end));
    readExtension(hello, type, inner);
    if (inner.failed) sound = false;
    cursor.skip(length);
  }
  hello.complete = whole && sound && !cursor.failed;
  return hello;
}

function readExtension(hello: ServerHello, type: number, cursor: ByteCursor): void {
  switch (type) {
    case Extension.supportedVersions: {
      const version = cursor.u16();
      if (!cursor.failed) hello.version = version;
      break;
    }
    case Extension.alpn:
      cursor.skip(2);
      hello.alpn = cursor.latin1(cursor.u8());
      break;
    case Extension.keyShare: {
      const group = cursor.u16();
      if (!cursor.failed) hello.group = group;
      break;
    }
    case Extension.preSharedKey:
      hello.preSharedKey = true;
      break;
  }
}

/** SSL 2 SERVER-HELLO from its message type byte on; `certificate` is the stretch of a DER certificate, empty when none. */
export function parseSsl2ServerHello(bytes: Buffer, from: number, to: number): { hello: ServerHello; from: number; to: number } {
  const hello = new ServerHello();
  const cursor = new ByteCursor(bytes, from + 3, to);
  hello.legacyVersion = cursor.u16();
  hello.version = Version.ssl2;
  const certificateLength = cursor.u16();
  const specsLength = cursor.u16();
  const connectionIdLength = cursor.u16();
  const start = cursor.position;
  cursor.skip(certificateLength);
  const end = cursor.failed ? start : cursor.position;
  cursor.skip(specsLength + connectionIdLength);
  hello.complete = !cursor.failed;
  return { hello, from: start, to: end };
}

/**
 * Named group of a ServerKeyExchange from the first bytes of its body; -1 when the exchange has none. Only meaningful
 * for cipher suites of an elliptic-curve exchange: others put their own values in these bytes.
 */
export function keyExchangeGroup(bytes: Buffer, from: number, to: number): number {
  const cursor = new ByteCursor(bytes, from, to);
  const kind = cursor.u8();
  const group = cursor.u16();
  return kind === 3 && !cursor.failed ? group : -1;
}
