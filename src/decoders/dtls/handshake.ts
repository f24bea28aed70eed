// What DTLS handshakes say (RFC 6347 section 4.2): hellos and certificates, noted as those of TLS are. The messages come
// whole from the decoder; a client hello has a cookie that TLS knows nothing of. Runs on a packet worker. Never throws.

import type { DecoderContext } from '../contract.ts';
import { CertificateList } from '../tls-handshake/certificate-list.ts';
import { ClientHello, parseClientHello } from '../tls-handshake/client-hello.ts';
import { noteJa4 } from '../tls-handshake/hello-notes.ts';
import { HandshakeType } from '../tls-handshake/message-reader.ts';
import { tlsNotes } from '../tls-handshake/record-type.ts';
import { parseServerHello, ServerHello } from '../tls-handshake/server-hello.ts';
import { parseCertificate } from '../x509/certificate.ts';
import { noteCertificate } from '../x509/certificate-note.ts';
import type { DtlsOptions } from './options.ts';

const client = new ClientHello();
const server = new ServerHello();
const list = new CertificateList();

/** Version and random stand before the session id. */
const beforeSessionId = 34;

/** Notes what the message of `type` with the body `[from, to)` says. `isFirst`: no certificate was seen before in the session. */
export function noteMessage(
  context: DecoderContext,
  options: DtlsOptions,
  type: number,
  bytes: Buffer,
  from: number,
  to: number,
  isFirst: boolean,
): void {
  switch (type) {
    case HandshakeType.clientHello:
      noteClient(context, options, bytes, from, to);
      break;
    case HandshakeType.serverHello:
      noteServer(context, bytes, from, to);
      break;
    case HandshakeType.certificate:
      noteCertificates(context, bytes, from, to, isFirst);
      break;
  }
}

function noteClient(context: DecoderContext, options: DtlsOptions, bytes: Buffer, from: number, to: number): void {
  const cookieAt = from + beforeSessionId + 1 + (bytes[from + beforeSessionId] ?? 0);
  const restAt = cookieAt + 1 + (bytes[cookieAt] ?? 0);
  if (cookieAt >= to || restAt > to) return;
  // The hello without its cookie is one of TLS.
  const plain = Buffer.concat([bytes.subarray(from, cookieAt), bytes.subarray(restAt, to)]);
  client.clear();
  const offer = parseClientHello(plain, 0, plain.length, client);
  if (client.serverName.length > 0) context.note(tlsNotes.serverName, client.serverName);
  if (client.complete && options.ja4) context.note(tlsNotes.ja4, offer.ja4Over('d').text);
  if (context.details) noteJa4(context, client, 'd', options);
}

function noteServer(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  server.clear();
  const answer = parseServerHello(bytes, from, to, server);
  if (!server.complete || server.isRetry) return;
  context.note(tlsNotes.version, answer.versionText);
  context.note(tlsNotes.cipher, answer.cipherName);
}

function noteCertificates(context: DecoderContext, bytes: Buffer, from: number, to: number, isFirst: boolean): void {
  list.read(bytes, from, to);
  for (let index = 0; index < list.count; index++) {
    const start = list.from[index] as number;
    const end = list.to[index] as number;
    if (context.details) noteCertificate(context, bytes, start, end, isFirst && index === 0);
    if (index > 0) continue;
    for (const name of parseCertificate(bytes, start, end)?.subject.commonName ?? []) context.note(tlsNotes.subjectName, name);
  }
}
