// Follows the handshake of both directions of one session, SSL 3 to TLS 1.3, up to the point where keys are in use,
// and emits one record about it; application data is never looked at. Pooled: a decoder has one as long as its
// handshake goes on. Runs on a packet worker. Never throws, holds no more than two handshake messages.

import type { Anomaly } from '../../record/index.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import type { Pooled } from '../transaction-pool.ts';
import { CertificateCache } from '../x509/certificate-cache.ts';
import { noteCertificate } from '../x509/certificate-note.ts';
import { AlertLevel } from './alerts.ts';
import { tlsAnomalies } from './anomalies.ts';
import { CertificateList } from './certificate-list.ts';
import { ClientHello, parseClientHello, parseSsl2ClientHello } from './client-hello.ts';
import { Handshake } from './handshake.ts';
import { noteClientHello, noteServerHello } from './hello-notes.ts';
import type { Ja4Transport } from './ja4.ts';
import { HandshakeType, ssl2ClientHello, ssl2ServerHello } from './message-reader.ts';
import type { TlsOptions } from './options.ts';
import { RecordReader, type RecordSink } from './record-reader.ts';
import { tlsNotes, tlsRecordType } from './record-type.ts';
import { keyExchangeGroup, parseServerHello, parseSsl2ServerHello } from './server-hello.ts';
import { ShownCertificate } from './shown-certificate.ts';
import { Version } from './versions.ts';

/** Certificates remembered by a packet worker, some 6 KiB each. */
const certificateCacheEntries = 1024;
const certificates = new CertificateCache(certificateCacheEntries, (certificate) => new ShownCertificate(certificate));
const list = new CertificateList();
const laterHello = new ClientHello();

/**
 * Shortest record with a Finished of 1.3: header 4, hash 32, content type 1, tag 8. Alerts and EndOfEarlyData are
 * shorter, so a shorter one does not say that the client took the keys.
 */
const shortestFinished = 45;

/**
 * Application records of one side after which the other is taken to be out of sight (asymmetric routing). Records of
 * both sides come interleaved in capture order, so a seen side shows up long before.
 */
const oneSidedRecords = 64;

/** What is known of one direction. */
class Side {
  readonly reader: RecordReader;
  changedCipher = false;
  /** A ServerKeyExchange or ServerHelloDone came: no abbreviated handshake. */
  fullHandshake = false;
  hello = false;
  applicationRecords = 0;

  constructor(sink: RecordSink, direction: Direction) {
    this.reader = new RecordReader(sink, direction);
  }

  clear(): void {
    this.reader.clear();
    this.changedCipher = false;
    this.fullHandshake = false;
    this.hello = false;
    this.applicationRecords = 0;
  }
}

export class HandshakeReader implements RecordSink, Pooled<HandshakeReader> {
  next: HandshakeReader | undefined;
  /** Emitted: nothing more is wanted. */
  done: boolean;
  /** Set while in use. */
  #context: DecoderContext | undefined;
  readonly #handshake: Handshake;
  /** What carries the handshake, as JA4 has it. */
  #transport: Ja4Transport;
  /** Made when the side is first heard: many never are. */
  #side0: Side | undefined;
  #side1: Side | undefined;
  /** Who sent the ClientHello; -1 as long as nothing tells. */
  #clientDirection: Direction | -1;
  #seen: boolean;
  #truncated: boolean;
  /** Time of the bytes in hand. */
  #nowUs: number;

  constructor() {
    this.next = undefined;
    this.done = false;
    this.#context = undefined;
    this.#handshake = new Handshake({} as TlsOptions);
    this.#transport = 't';
    this.#side0 = undefined;
    this.#side1 = undefined;
    this.#clientDirection = -1;
    this.#seen = false;
    this.#truncated = false;
    this.#nowUs = 0;
  }

  clear(): void {
    this.next = undefined;
    this.done = false;
    this.#context = undefined;
    this.#handshake.clear();
    this.#side0?.clear();
    this.#side1?.clear();
    this.#clientDirection = -1;
    this.#seen = false;
    this.#truncated = false;
  }

  begin(context: DecoderContext, options: TlsOptions, transport: Ja4Transport = 't'): void {
    this.#context = context;
    this.#transport = transport;
    this.#handshake.options = options;
    this.#nowUs = context.startUs;
    this.#side0?.reader.begin(options.max_handshake_bytes);
    this.#side1?.reader.begin(options.max_handshake_bytes);
  }

  /** Takes the next bytes. @returns bytes after `to` that nobody wants, or 0. */
  read(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    this.#nowUs = timeUs;
    return this.#side(direction).reader.read(bytes, from, to, timeUs);
  }

  /** `length` bytes (0: unknown) are missing here. */
  gap(direction: Direction, length: number, timeUs: number): void {
    this.#nowUs = timeUs;
    this.#side(direction).reader.gap(length);
  }

  end(isReset: boolean, timeUs: number): void {
    this.#nowUs = timeUs;
    this.#flush();
    this.#finish(isReset);
  }

  // What the record readers tell.

  message(direction: Direction, type: number, bytes: Buffer, from: number, to: number, complete: boolean, startUs: number): void {
    switch (type) {
      case HandshakeType.clientHello:
      case ssl2ClientHello:
        this.#clientHello(direction, type, bytes, from, to, complete, startUs);
        break;
      case HandshakeType.serverHello:
      case ssl2ServerHello:
        this.#serverHello(direction, type, bytes, from, to, complete, startUs);
        break;
      case HandshakeType.certificate:
        list.read(bytes, from, to);
        if (complete && !list.complete) this.anomaly(tlsAnomalies.bad_certificate);
        this.#certificate(direction, bytes, complete);
        break;
      case HandshakeType.serverKeyExchange: {
        this.#side(direction).fullHandshake = true;
        const { server } = this.#handshake;
        if (server.complete && server.answer?.namesGroup === true) {
          this.#handshake.group = keyExchangeGroup(bytes, from, to);
        }
        break;
      }
      case HandshakeType.serverHelloDone:
        this.#side(direction).fullHandshake = true;
        break;
    }
  }

  changeCipherSpec(reader: RecordReader): void {
    const handshake = this.#handshake;
    const side = this.#side(reader.direction);
    side.changedCipher = true;
    // In 1.3 it means nothing (RFC 8446 appendix D.4), and hellos may follow it.
    if (handshake.retried || handshake.isTls13) return;
    reader.encrypted = true;
    const isServer = side.hello && reader.direction !== this.#clientDirection && handshake.server.answer !== undefined;
    if (isServer && !this.#truncated) {
      const other = reader.direction === 0 ? this.#side1 : this.#side0;
      // The server is first with it, and sent neither certificate nor key exchange: an abbreviated handshake.
      if (!side.fullHandshake && handshake.serverChain.count < 0 && other?.changedCipher !== true) handshake.resumed = true;
    }
    this.#checkEstablished();
  }

  alert(reader: RecordReader, level: number, description: number): void {
    const handshake = this.#handshake;
    this.#see(this.#nowUs);
    // The first fatal alert stays; before it, the last warning.
    handshake.alertLevel = level;
    handshake.alertDescription = description;
    handshake.alertFromClient = this.#isClient(reader.direction);
    if (level === AlertLevel.fatal) this.#finish(false);
  }

  applicationData(reader: RecordReader, length: number): void {
    const handshake = this.#handshake;
    const side = this.#side(reader.direction);
    if (this.#isClient(reader.direction)) {
      // A short record may be an alert about what the server sent; before the ServerHello it is early data.
      if (handshake.isTls13 && length < shortestFinished && side.applicationRecords === 0) return;
      if (handshake.server.answer === undefined && handshake.client.offer?.earlyData === true) return;
    }
    side.applicationRecords++;
    this.#checkEstablished();
    if (this.done || side.applicationRecords < oneSidedRecords) return;
    const other = reader.direction === 0 ? this.#side1 : this.#side0;
    if (other === undefined || other.reader.untouched || other.reader.isDead) this.#finish(false);
  }

  lost(reader: RecordReader): void {
    const side = this.#side(reader.direction);
    const plaintextOver = side.hello && this.#handshake.isTls13;
    if (!reader.encrypted && side.applicationRecords === 0 && !plaintextOver) this.#truncated = true;
  }

  anomaly(anomaly: Anomaly): void {
    this.#told.anomaly(anomaly, this.#nowUs);
    const one = this.#side0?.reader;
    const other = this.#side1?.reader;
    if (anomaly === tlsAnomalies.bad_record) {
      // An answer that is no TLS at all leaves the ClientHello unanswered.
      if (one?.untouched === false && other?.untouched === false) this.#truncated = true;
      this.#flush();
      this.#finish(false);
    } else if (anomaly === tlsAnomalies.bad_handshake || anomaly === tlsAnomalies.oversized_handshake) {
      this.#truncated = true;
    } else if (anomaly === tlsAnomalies.lost_sync) {
      if (one?.isDead === true && other?.isDead === true) this.#finish(false);
    }
  }

  get #told(): DecoderContext {
    return this.#context as DecoderContext;
  }

  #side(direction: Direction): Side {
    return (direction === 0 ? this.#side0 : this.#side1) ?? this.#makeSide(direction);
  }

  #makeSide(direction: Direction): Side {
    const side = new Side(this, direction);
    side.reader.begin(this.#handshake.options.max_handshake_bytes);
    if (direction === 0) this.#side0 = side;
    else this.#side1 = side;
    return side;
  }

  #isClient(direction: Direction): boolean {
    return this.#clientDirection === -1 ? direction === 0 : direction === this.#clientDirection;
  }

  #flush(): void {
    this.#side0?.reader.flush();
    this.#side1?.reader.flush();
  }

  #clientHello(
    direction: Direction,
    type: number,
    bytes: Buffer,
    from: number,
    to: number,
    complete: boolean,
    startUs: number,
  ): void {
    const handshake = this.#handshake;
    const { client, options } = handshake;
    const side = this.#side(direction);
    if (client.offer !== undefined || side.hello) {
      if (complete && this.#told.details) this.#noteAgain(type, bytes, from, to);
      const isSecond = handshake.retried && direction === this.#clientDirection;
      if (!isSecond && complete) this.anomaly(tlsAnomalies.unexpected_message);
      return;
    }
    const offer =
      type === ssl2ClientHello ? parseSsl2ClientHello(bytes, from, to, client) : parseClientHello(bytes, from, to, client);
    side.hello = true;
    this.#clientDirection = direction;
    handshake.startUs = startUs;
    this.#seen = true;
    if (!complete) {
      this.#truncated = true;
      client.complete = false;
    } else if (!client.complete) this.anomaly(tlsAnomalies.bad_hello);
    if (client.serverName.length > 0) this.#told.note(tlsNotes.serverName, client.serverName);
    if (complete && this.#told.details) noteClientHello(this.#told, client, this.#transport, options);
    // A wrong fingerprint is worse than none.
    if (!client.complete || client.ssl2Form) return;
    if (options.ja3) {
      handshake.ja3 = offer.ja3;
      this.#told.note(tlsNotes.ja3, handshake.ja3.text);
    }
    if (options.ja4) {
      handshake.ja4 = offer.ja4Over(this.#transport);
      this.#told.note(tlsNotes.ja4, handshake.ja4.text);
    }
  }

  #serverHello(
    direction: Direction,
    type: number,
    bytes: Buffer,
    from: number,
    to: number,
    complete: boolean,
    startUs: number,
  ): void {
    const handshake = this.#handshake;
    const { client, server } = handshake;
    const side = this.#side(direction);
    const isSsl2 = type === ssl2ServerHello;
    if (server.answer !== undefined || (side.hello && direction === this.#clientDirection)) {
      if (complete) this.anomaly(tlsAnomalies.unexpected_message);
      if (isSsl2) this.#finish(false);
      return;
    }
    list.setOne(0, 0);
    const answer = isSsl2 ? parseSsl2ServerHello(bytes, from, to, server, list) : parseServerHello(bytes, from, to, server);
    this.#see(startUs);
    if (this.#clientDirection === -1) this.#clientDirection = direction === 0 ? 1 : 0;
    if (complete && !isSsl2 && this.#told.details) noteServerHello(this.#told, server, handshake.options);
    if (server.isRetry && server.complete) {
      handshake.retried = true;
      handshake.group = answer.group;
      server.clear();
      return;
    }
    side.hello = true;
    if (client.offer !== undefined) handshake.responseUs = Math.max(0, this.#nowUs - handshake.startUs);
    if (!complete) {
      this.#truncated = true;
      server.complete = false;
    } else if (!server.complete) this.anomaly(tlsAnomalies.bad_hello);
    if (answer.version === Version.ssl2) {
      if (server.complete) this.#told.note(tlsNotes.version, answer.versionText);
      if (list.count > 0) this.#certificate(direction, bytes, complete);
      // SSL 2 goes on with records of its own kind.
      this.#finish(false);
      return;
    }
    if (answer.cipherSuite === 0 && !server.complete) return;
    if (answer.group >= 0) handshake.group = answer.group;
    const echoed = server.sessionId.length > 0 && client.offer !== undefined && server.sessionId.equals(client.sessionId);
    handshake.resumed = answer.isTls13 ? answer.preSharedKey : echoed;
    this.#told.note(tlsNotes.version, answer.versionText);
    this.#told.note(tlsNotes.cipher, answer.cipherName);
    if (handshake.options.ja3 && server.complete) {
      handshake.ja3s = answer.ja3s;
      this.#told.note(tlsNotes.ja3s, handshake.ja3s.text);
    }
  }

  /** What `list` says of `bytes`. */
  #certificate(direction: Direction, bytes: Buffer, complete: boolean): void {
    const handshake = this.#handshake;
    if (!complete) this.#truncated = true;
    const isClient = this.#isClient(direction);
    if (this.#told.details && !isClient) this.#noteCertificates(bytes);
    const chain = isClient ? handshake.clientChain : handshake.serverChain;
    if (chain.count >= 0) return;
    const { count } = list;
    chain.count = count;
    if (count === 0) return;
    this.#see(this.#nowUs);
    chain.leaf = certificates.read(bytes, list.from[0] as number, list.to[0] as number);
    if (chain.leaf === undefined) this.anomaly(tlsAnomalies.bad_certificate);
    else if (!isClient) for (const name of chain.leaf.commonNames) this.#told.note(tlsNotes.subjectName, name);
    if (!handshake.options.certificate_chain) return;
    const encoded: string[] = [];
    for (let index = 0; index < count; index++) {
      encoded.push(bytes.toString('base64', list.from[index] as number, list.to[index] as number));
    }
    chain.encoded = encoded;
  }

  /** A client hello after the first one, which the record is about: what it asks for is noted all the same. */
  #noteAgain(type: number, bytes: Buffer, from: number, to: number): void {
    if (type === ssl2ClientHello) return;
    laterHello.clear();
    parseClientHello(bytes, from, to, laterHello);
    noteClientHello(this.#told, laterHello, this.#transport, this.#handshake.options);
  }

  /** All of `list`, with their places in `bytes`. Arkime's document has those of servers. */
  #noteCertificates(bytes: Buffer): void {
    for (let index = 0; index < list.count; index++) {
      const isFirst = index === 0 && this.#handshake.serverChain.count < 0;
      noteCertificate(this.#told, bytes, list.from[index] as number, list.to[index] as number, isFirst);
    }
  }

  /** Something worth a record was seen; its time counts unless a ClientHello gives a better one. */
  #see(timeUs: number): void {
    if (!this.#seen) this.#handshake.startUs = timeUs;
    this.#seen = true;
  }

  #checkEstablished(): void {
    const one = this.#side0;
    const other = this.#side1;
    const handshake = this.#handshake;
    if (one === undefined || other === undefined) return;
    const byData = one.applicationRecords > 0 && other.applicationRecords > 0;
    const answered = handshake.server.answer !== undefined;
    const byChange = answered && one.changedCipher && other.changedCipher && !handshake.isTls13;
    if (!byData && !byChange) return;
    handshake.established = true;
    handshake.establishedUs = handshake.client.offer === undefined ? -1 : Math.max(0, this.#nowUs - handshake.startUs);
    this.#finish(false);
  }

  /** Emits the record, if there is anything to say, and ends the decoding of this session. */
  #finish(isReset: boolean): void {
    if (this.done) return;
    this.done = true;
    this.#side0?.reader.release();
    this.#side1?.reader.release();
    if (!this.#seen) return;
    const handshake = this.#handshake;
    const answered = handshake.server.answer !== undefined;
    if (handshake.alertLevel === AlertLevel.fatal) handshake.outcome = 'failure';
    else if (this.#truncated || (handshake.established && !answered)) handshake.outcome = 'truncated';
    else if (answered) handshake.outcome = 'success';
    else if (handshake.alertDescription >= 0 && !handshake.alertFromClient) handshake.outcome = 'failure';
    else if (isReset) handshake.outcome = 'reset';
    this.#told.emit(tlsRecordType, handshake, handshake.startUs);
  }
}
