// The ServerHello (RFC 8446 section 4.1.3, RFC 5246 section 7.4.1.3): what the server chose. HelloRetryRequest is the
// same message with a fixed random. Also the group in a ServerKeyExchange (RFC 8422 section 5.4). Never throws.

import { ByteCursor } from '../byte-cursor.ts';
import type { CertificateList } from './certificate-list.ts';
import { Extension } from './extension.ts';
import { HeldBytes, sessionIdBytes } from './held-bytes.ts';
import { isValued, ServerAnswer } from './server-answer.ts';
import { WordCache, WordList } from './word-cache.ts';

/** SHA-256 of "HelloRetryRequest", RFC 8446 section 4.1.3. */
const retryRandom = Buffer.from('cf21ad74e59a6111be1d8c021e65b891c2a211167abb8c5e079e09e2c8a8339c', 'hex');
const maxExtensions = 256;
/** Of a name in the answer; its length is a byte. */
const maxNameLength = 255;

/** Some 1 KiB each. */
const answers = new WordCache(256, (words, from, to) => new ServerAnswer(words, from, to));

const values = new WordList(2 + maxExtensions * (2 + maxNameLength));
const cursor = new ByteCursor(Buffer.alloc(0), 0, 0);
const inner = new ByteCursor(Buffer.alloc(0), 0, 0);

/** Pooled with its handshake. */
export class ServerHello {
  /** undefined until a hello was read. */
  answer: ServerAnswer | undefined = undefined;
  readonly sessionId: HeldBytes = new HeldBytes(sessionIdBytes);
  isRetry = false;
  /** All of it was there and its lengths agreed. */
  complete = false;

  clear(): void {
    this.answer = undefined;
    this.sessionId.clear();
    this.isRetry = false;
    this.complete = false;
  }
}

/** Reads the body of a ServerHello (after the 4-byte message header) into a clear `hello`. */
export function parseServerHello(bytes: Buffer, from: number, to: number, hello: ServerHello): ServerAnswer {
  cursor.set(bytes, from, to);
  values.length = 0;
  const legacyVersion = cursor.u16();
  values.push(legacyVersion);
  const random = cursor.position;
  cursor.skip(32);
  hello.isRetry = !cursor.failed && isRetryRandom(bytes, random);
  // The drafts 18 to 21 of 1.3 had neither session id nor compression method here.
  const oldDraft = legacyVersion >> 8 === 0x7f;
  if (!oldDraft) {
    const length = cursor.u8();
    cursor.skip(length);
    if (!cursor.failed) hello.sessionId.set(bytes, cursor.position - length, cursor.position);
  }
  values.push(cursor.u16());
  if (!oldDraft) cursor.skip(1);
  if (!cursor.failed) hello.complete = cursor.left === 0 || readExtensions(bytes);
  const answer = answers.get(values.words, 0, values.length);
  hello.answer = answer;
  return answer;
}

function isRetryRandom(bytes: Buffer, from: number): boolean {
  return bytes[from] === retryRandom[0] && retryRandom.compare(bytes, from, from + 32) === 0;
}

/** @returns false when they are cut off or their lengths do not agree. */
function readExtensions(bytes: Buffer): boolean {
  const declared = cursor.u16();
  if (cursor.failed) return false;
  const whole = declared === cursor.left;
  cursor.limit(declared);
  let sound = true;
  for (let count = 0; cursor.left > 0 && !cursor.failed && count < maxExtensions; count++) {
    const type = cursor.u16();
    const length = cursor.u16();
    if (cursor.failed) break;
    values.push(type);
    if (isValued(type)) {
      inner.set(bytes, cursor.position, Math.min(cursor.position + length, cursor.end));
      readValue(type);
      if (inner.failed) sound = false;
    }
    cursor.skip(length);
  }
  return whole && sound && !cursor.failed;
}

/** Reads the value of the extension in `inner`; none when it is cut off. */
function readValue(type: number): void {
  const countAt = values.length;
  values.push(0);
  if (type !== Extension.alpn) {
    const value = inner.u16();
    if (!inner.failed) values.push(value);
  } else {
    inner.skip(2);
    const length = inner.u8();
    inner.skip(length);
    if (!inner.failed) for (let at = inner.position - length; at < inner.position; at++) values.push(inner.bytes[at] as number);
  }
  values.words[countAt] = values.length - countAt - 1;
}

/** Reads an SSL 2 SERVER-HELLO from its message type byte on into a clear `hello`, its certificate into `list`. */
export function parseSsl2ServerHello(
  bytes: Buffer,
  from: number,
  to: number,
  hello: ServerHello,
  list: CertificateList,
): ServerAnswer {
  cursor.set(bytes, from + 3, to);
  const legacyVersion = cursor.u16();
  const certificateLength = cursor.u16();
  const specsLength = cursor.u16();
  const connectionIdLength = cursor.u16();
  cursor.skip(certificateLength);
  list.setOne(cursor.failed ? 0 : cursor.position - certificateLength, cursor.failed ? 0 : cursor.position);
  cursor.skip(specsLength + connectionIdLength);
  hello.complete = !cursor.failed;
  const answer = new ServerAnswer(Uint16Array.of(legacyVersion, 0), 0, 2, true);
  hello.answer = answer;
  return answer;
}

/**
 * Named group of a ServerKeyExchange from the first bytes of its body; -1 when the exchange has none. Only meaningful
 * for cipher suites of an elliptic-curve exchange: others put their own values in these bytes.
 */
export function keyExchangeGroup(bytes: Buffer, from: number, to: number): number {
  return to - from >= 3 && bytes[from] === 3 ? ((bytes[from + 1] as number) << 8) | (bytes[from + 2] as number) : -1;
}
