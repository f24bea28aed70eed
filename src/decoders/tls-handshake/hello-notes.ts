// What hellos add to Arkime's session document: names of versions, both fingerprints with their sources, session ids, the
// host asked for. Called for hellos that came whole, by the TLS decoder and by others that carry TLS messages (DTLS, QUIC,
// OpenVPN), when that document is written. Runs on a packet worker.

import { hostField, type SessionField, tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import type { ClientHello } from './client-hello.ts';
import { Extension } from './extension.ts';
import type { Ja4Transport } from './ja4.ts';
import type { ServerHello } from './server-hello.ts';
import { versionName } from './versions.ts';

/** Which fingerprints are worked out, and whether what they are hashes of is noted too: part of the options of each decoder. */
export interface FingerprintOptions {
  readonly ja3: boolean;
  readonly ja4: boolean;
  readonly ja3_strings: boolean;
  readonly ja4_raw: boolean;
}

export const helloNotes = {
  version: field('version', 'termfield', 'Versions that servers chose, `TLSv1.2`.', true),
  cipher: field('cipher', 'uptermfield', 'Cipher suites that servers chose, IANA names.', true),
  ja3: field('ja3', 'lotermfield', 'JA3 of the client hellos.', true),
  ja3String: field('ja3string', 'lotermfield', 'What JA3 is the hash of.', true),
  ja3s: field('ja3s', 'lotermfield', 'JA3S of the server hellos.', true),
  ja3sString: field('ja3sstring', 'lotermfield', 'What JA3S is the hash of.', true),
  ja4: field('ja4', 'lotermfield', 'JA4 of the client hellos.', true),
  ja4Raw: field('ja4_r', 'lotermfield', 'JA4 with its lists in clear.', true),
  serverSessionId: field('dstSessionId', 'lotermfield', 'Session ids of the server hellos, hex.', false, 'tls.sessionid.dst'),
  clientSessionId: field('srcSessionId', 'lotermfield', 'Session ids of the client hellos, hex.', false, 'tls.sessionid.src'),
} as const satisfies Record<string, SessionField>;

export function noteClientHello(
  context: DecoderContext,
  hello: ClientHello,
  transport: Ja4Transport,
  options: FingerprintOptions,
): void {
  const { offer } = hello;
  if (offer === undefined) return;
  if (hello.serverName.length > 0) context.note(hostField, hello.serverName.text().toLowerCase());
  if (offer.encryptedHello) context.note(tagsField, 'tls:has_ech');
  if (offer.extensions.includes(Extension.encryptedServerName)) context.note(tagsField, 'tls:has_esni');
  if (hello.sessionId.length > 0) context.note(helloNotes.clientSessionId, hello.sessionId.hex());
  if (hello.ssl2Form) return;
  if (options.ja3) {
    context.note(helloNotes.ja3, offer.ja3.text);
    if (options.ja3_strings) context.note(helloNotes.ja3String, offer.ja3.source);
  }
  noteJa4(context, hello, transport, options);
}

/** The JA4 of a client hello alone. */
export function noteJa4(
  context: DecoderContext,
  hello: ClientHello,
  transport: Ja4Transport,
  options: Pick<FingerprintOptions, 'ja4' | 'ja4_raw'>,
): void {
  if (!options.ja4 || hello.offer === undefined) return;
  const fingerprint = hello.offer.ja4Over(transport);
  context.note(helloNotes.ja4, fingerprint.text);
  if (options.ja4_raw) context.note(helloNotes.ja4Raw, fingerprint.source);
}

/** Also of a HelloRetryRequest, which has the form of a server hello. */
export function noteServerHello(context: DecoderContext, hello: ServerHello, options: FingerprintOptions): void {
  const { answer } = hello;
  if (answer === undefined) return;
  context.note(helloNotes.version, versionName(answer.version));
  context.note(helloNotes.cipher, answer.cipherName);
  if (hello.sessionId.length > 0) context.note(helloNotes.serverSessionId, hello.sessionId.hex());
  if (answer.alpn === 'h2') context.protocol('http2');
  if (!options.ja3) return;
  context.note(helloNotes.ja3s, answer.ja3s.text);
  if (options.ja3_strings) context.note(helloNotes.ja3sString, answer.ja3s.source);
}

function field(
  name: string,
  kind: 'termfield' | 'lotermfield' | 'uptermfield',
  meaning: string,
  isCounted: boolean,
  expression = `tls.${name}`,
): SessionField {
  const arkime = { path: `tls.${name}`, expression, kind };
  return {
    name: `arkime.tls.${name}`,
    type: 'keyword',
    many: true,
    meaning,
    arkime: isCounted ? { ...arkime, count: 'Cnt' } : arkime,
    only: 'arkime',
  };
}
