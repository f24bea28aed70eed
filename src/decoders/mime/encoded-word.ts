// Text of header fields: encoded words (RFC 2047) in all charsets that the runtime knows, and raw bytes between them.
// Called by the message reader for subjects and file names, on a packet worker.

import { TextDecoder } from 'node:util';
import { decodedBase64 } from './base64.ts';

const decoders = new Map<string, TextDecoder | undefined>();
/** Names of charsets come off the wire: no more of them are remembered. */
const decodersMost = 64;
/** `=?charset?Q?text?=`; RFC 2231 section 5 adds `*language` to the charset. */
const encodedWord = /=\?([^?\s*]{1,40})(?:\*[^?\s]{0,20})?\?([bBqQ])\?([^?]*)\?=/g;

function decoderOf(charset: string): TextDecoder | undefined {
  const name = charset.toLowerCase();
  if (decoders.has(name)) return decoders.get(name);
  let decoder: TextDecoder | undefined;
  try {
    decoder = new TextDecoder(name);
  } catch {
    decoder = undefined;
  }
  if (decoders.size < decodersMost) decoders.set(name, decoder);
  return decoder;
}

const strictUtf8 = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
const windows = new TextDecoder('windows-1252');

/** Bytes of unknown charset as text: UTF-8 where they are valid, else windows-1252, which is what mail without a charset is written in. */
export function unlabelledText(bytes: Uint8Array): string {
  try {
    return strictUtf8.decode(bytes);
  } catch {
    return windows.decode(bytes);
  }
}

/** Bytes in a named charset as text; of an unknown one like those of none. */
export function charsetText(charset: string, bytes: Uint8Array): string {
  return decoderOf(charset)?.decode(bytes) ?? unlabelledText(bytes);
}

/** The bytes of `Q` encoding, RFC 2047 section 4.2. */
function decodedQ(text: string): Buffer {
  const bytes = Buffer.allocUnsafe(text.length);
  let length = 0;
  for (let at = 0; at < text.length; at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5f) bytes[length++] = 0x20;
    else if (code === 0x3d && /^[0-9A-Fa-f]{2}$/.test(text.slice(at + 1, at + 3))) {
      bytes[length++] = Number.parseInt(text.slice(at + 1, at + 3), 16);
      at += 2;
    } else bytes[length++] = code;
  }
  return bytes.subarray(0, length);
}

/**
 * The text of an unfolded header field with its encoded words decoded. Words side by side in one charset are decoded as
 * one, as characters may be cut between them. One blank between two of them is no text; more are, as mail in the wild
 * and Arkime have it (RFC 2047 section 6.2 would drop them all).
 * @param raw its bytes, a character each (Latin-1)
 */
export function decodedHeaderText(raw: string): string {
  let text = '';
  let charset = '';
  let held: Buffer[] = [];
  let at = 0;
  const flush = (): void => {
    if (held.length > 0) text += charsetText(charset, Buffer.concat(held));
    held = [];
  };
  for (const word of raw.matchAll(encodedWord)) {
    const between = raw.slice(at, word.index);
    const joins = held.length > 0 && (between === '' || between === ' ' || between === '\t');
    if (!joins || charset !== (word[1] as string)) flush();
    if (!joins) text += unlabelledText(Buffer.from(between, 'latin1'));
    charset = word[1] as string;
    held.push((word[2] as string).toLowerCase() === 'q' ? decodedQ(word[3] as string) : decodedBase64(word[3] as string));
    at = word.index + word[0].length;
  }
  flush();
  return text + unlabelledText(Buffer.from(raw.slice(at), 'latin1'));
}
