// The ClientHello (RFC 8446 section 4.1.2, RFC 5246 section 7.4.1.2, and the SSL 2 form of RFC 5246 appendix E.2):
// what a client offers. Read once from a whole message, or from the start of one whose end was lost. Called by the
// TLS decoder, and by any other that carries the same message. Never throws; a fault leaves what lies before it.

import { ByteCursor } from '../byte-cursor.ts';
import { ClientOffer } from './client-offer.ts';
import { Extension } from './extension.ts';
import { HeldBytes, sessionIdBytes } from './held-bytes.ts';
import { isGrease } from './versions.ts';
import { WordCache, WordList } from './word-cache.ts';

/** Most values of one list, and of all lists of its kind, that are kept: a 64 KiB message could hold 32 thousand. */
const maxListValues = 1024;
const maxNames = 64;
/** Nearly all server names have at most so many. */
const usualNameBytes = 64;

/** Some 2 KiB each; browsers that shuffle their extensions make a new one each time. */
const offers = new WordCache(256, (words, from, to) => new ClientOffer(words, from, to));

/** What the bounds above let through: cipher suites; types and counts of extensions; four lists; protocol names. */
const values = new WordList(2 + maxListValues + 2 * maxListValues + 4 * maxListValues + maxNames * 256);
const cursor = new ByteCursor(Buffer.alloc(0), 0, 0);
const inner = new ByteCursor(Buffer.alloc(0), 0, 0);
/** How many values of each list extension, by type, and protocol names there are in the hello in hand. */
const listed = new Uint16Array(Extension.supportedVersions + 1);

/** Pooled with its handshake. */
export class ClientHello {
  /** undefined until a hello was read. */
  offer: ClientOffer | undefined = undefined;
  readonly serverName: HeldBytes = new HeldBytes(usualNameBytes);
  readonly sessionId: HeldBytes = new HeldBytes(sessionIdBytes);
  /** Came in the SSL 2 form: no extensions, no fingerprints. */
  ssl2Form = false;
  /** All of it was there and its lengths agreed. */
  complete = false;

  clear(): void {
    this.offer = undefined;
    this.serverName.clear();
    this.sessionId.clear();
    this.ssl2Form = false;
    this.complete = false;
  }
}

/** Reads the body of a ClientHello (after the 4-byte message header) into a clear `hello`. */
export function parseClientHello(bytes: Buffer, from: number, to: number, hello: ClientHello): ClientOffer {
  cursor.set(bytes, from, to);
  values.length = 0;
  listed.fill(0);
  values.push(cursor.u16());
  cursor.skip(32);
  const sessionIdLength = cursor.u8();
  cursor.skip(sessionIdLength);
  if (!cursor.failed) hello.sessionId.set(bytes, cursor.position - sessionIdLength, cursor.position);
  readWords(cursor, cursor.u16(), 0);
  cursor.skip(cursor.u8());
  // SSL 3 and early TLS clients end here.
  if (!cursor.failed) hello.complete = cursor.left === 0 || readExtensions(hello, bytes);
  const offer = offers.get(values.words, 0, values.length);
  hello.offer = offer;
  return offer;
}

/** @returns false when they are cut off or their lengths do not agree. */
function readExtensions(hello: ClientHello, bytes: Buffer): boolean {
  const declared = cursor.u16();
  if (cursor.failed) return false;
  const whole = declared === cursor.left;
  if (declared < cursor.left) cursor.limit(declared);
  let sound = true;
  for (let count = 0; cursor.left > 0 && !cursor.failed && count < maxListValues; count++) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (cursor.failed) break;
    inner.set(bytes, cursor.position, Math.min(cursor.position + length, cursor.end));
    if (!isGrease(type)) values.push(type);
    readExtension(hello, type);
    if (inner.failed) sound = false;
    cursor.skip(length);
  }
  return whole && sound && !cursor.failed;
}

/** Reads an SSL 2 CLIENT-HELLO from its message type byte on into a clear `hello`. */
export function parseSsl2ClientHello(bytes: Buffer, from: number, to: number, hello: ClientHello): ClientOffer {
  hello.ssl2Form = true;
  cursor.set(bytes, from + 1, to);
  values.length = 0;
  values.push(cursor.u16());
  values.push(0);
  const specsLength = cursor.u16();
  const sessionIdLength = cursor.u16();
  const challengeLength = cursor.u16();
  const specsEnd = cursor.position + specsLength;
  for (let at = 0; at + 3 <= specsLength && values.length < 2 + maxListValues; at += 3) {
    const kind = cursor.u8();
    const suite = cursor.u16();
    // A first byte of 0 marks a suite of SSL 3 and later; others are SSL 2 kinds, which have no name there.
    if (kind === 0 && !cursor.failed && !isGrease(suite)) values.push(suite);
  }
  values.words[1] = values.length - 2;
  if (cursor.position < specsEnd) cursor.skip(specsEnd - cursor.position);
  cursor.skip(sessionIdLength);
  if (!cursor.failed) hello.sessionId.set(bytes, cursor.position - sessionIdLength, cursor.position);
  cursor.skip(challengeLength);
  hello.complete = !cursor.failed && cursor.left === 0 && specsLength % 3 === 0;
  const offer = offers.get(values.words, 0, values.length);
  hello.offer = offer;
  return offer;
}

/** Reads the extension in `inner`, which fails when the extension’s own lengths do not fit. */
function readExtension(hello: ClientHello, type: number): void {
  switch (type) {
    case Extension.serverName:
      readServerName(hello);
      break;
    case Extension.alpn:
      readProtocols();
      break;
    case Extension.supportedVersions:
      readWords(inner, inner.u8(), type);
      break;
    case Extension.supportedGroups:
    case Extension.signatureAlgorithms:
      readWords(inner, inner.u16(), type);
      break;
    case Extension.pointFormats:
      readFormats();
      break;
    case Extension.keyShare: {
      const end = inner.u16() + inner.position;
      while (inner.position < end && !inner.failed) {
        inner.skip(2);
        inner.skip(inner.u16());
      }
      break;
    }
  }
}

/** RFC 6066 section 3: a list of typed names, of which type 0 (host name) is the only one ever defined. */
function readServerName(hello: ClientHello): void {
  hello.serverName.clear();
  if (inner.left === 0) return;
  const end = inner.u16() + inner.position;
  while (inner.position < end && !inner.failed) {
    const kind = inner.u8();
    const length = inner.u16();
    inner.skip(length);
    if (kind !== 0 || inner.failed) continue;
    hello.serverName.setLatin1(inner.bytes, inner.position - length, inner.position);
    return;
  }
}

function readProtocols(): void {
  const countAt = values.length;
  values.push(0);
  const end = inner.u16() + inner.position;
  let names = listed[Extension.alpn] as number;
  while (inner.position < end && !inner.failed && names < maxNames) {
    const length = inner.u8();
    inner.skip(length);
    if (inner.failed) break;
    names++;
    values.push(length);
    for (let at = inner.position - length; at < inner.position; at++) values.push(inner.bytes[at] as number);
  }
  listed[Extension.alpn] = names;
  values.words[countAt] = values.length - countAt - 1;
}

/** No Math.min: before TurboFan it is a call. */
const leastOf = (a: number, b: number): number => (a < b ? a : b);

function readFormats(): void {
  const countAt = values.length;
  values.push(0);
  const count = inner.u8();
  const read = leastOf(leastOf(count, inner.left), maxListValues - (listed[Extension.pointFormats] as number));
  for (let index = 0; index < read; index++) values.push(inner.bytes[inner.position + index] as number);
  listed[Extension.pointFormats] = (listed[Extension.pointFormats] as number) + read;
  inner.skip(count);
  values.words[countAt] = read;
}

/** A list of 16-bit values, `length` bytes, without GREASE; `kind` counts it with others of its kind. */
function readWords(list: ByteCursor, length: number, kind: number): void {
  const countAt = values.length;
  values.push(0);
  const { bytes, position } = list;
  const pairs = leastOf(length, list.left) >> 1;
  const before = listed[kind] as number;
  const read = leastOf(pairs, maxListValues - before);
  for (let at = position; at < position + 2 * read; at += 2) {
    const value = ((bytes[at] as number) << 8) | (bytes[at + 1] as number);
    if (!isGrease(value)) values.push(value);
  }
  listed[kind] = before + read;
  list.skip(length);
  values.words[countAt] = values.length - countAt - 1;
}
