// The TLS decoder of one session: SSL 3 to TLS 1.3. Follows the handshake of both directions up to the point where
// keys are in use, emits one record about it and is done; application data is never looked at. Runs on a packet
// worker, made by the session room. Never throws, holds no more than two handshake messages.

import type { Anomaly } from '../../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason } from '../contract.ts';
import { AlertLevel } from './alerts.ts';
import { tlsAnomalies } from './anomalies.ts';
import { parseCertificateList } from './certificate-list.ts';
import { cipherSuiteName } from './cipher-suites.ts';
import { type ClientHello, parseClientHello, parseSsl2ClientHello } from './client-hello.ts';
import { CertificateChain, Handshake } from './handshake.ts';
import { ja3Hash, ja3String, ja3sString } from './ja3.ts';
import { ja4 } from './ja4.ts';
import { HandshakeType, ssl2ClientHello, ssl2ServerHello } from './message-reader.ts';
import type { TlsOptions } from './options.ts';
import { RecordReader, type RecordSink } from './record-reader.ts';
import { tlsNotes, tlsRecordType } from './record-type.ts';
import { keyExchangeGroup, parseServerHello, parseSsl2ServerHello, type ServerHello } from './server-hello.ts';
import { isTls13, versionText } from './versions.ts';
import { CertificateCache } from './x509/certificate-cache.ts';

/** Certificates remembered by a packet worker, some 4 KiB each. */
const certificateCacheEntries = 1024;
const certificates = new CertificateCache(certificateCacheEntries);

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

  constructor(sink: RecordSink, direction: Direction, maxMessageBytes: number) {
    this.reader = new RecordReader(sink, direction, maxMessageBytes);
  }
}

export class TlsDecoder implements Decoder, RecordSink {
  /** Emitted: nothing more is wanted. */
  done: boolean;
  readonly #context: DecoderContext;
  readonly #options: TlsOptions;
  readonly #handshake: Handshake;
  readonly #sides: readonly [Side, Side];
  /** Who sent the ClientHello; -1 as long as nothing tells. */
  #clientDirection: Direction | -1;
  #seen: boolean;
  #truncated: boolean;
  /** Time of the bytes in hand. */
  #nowUs: number;

  constructor(context: DecoderContext, options: TlsOptions) {
    this.done = false;
    this.#context = context;
    this.#options = options;
    this.#handshake = new Handshake();
    this.#sides = [new Side(this, 0, options.max_handshake_bytes), new Side(this, 1, options.max_handshake_bytes)];
    this.#clientDirection = -1;
    this.#seen = false;
    this.#truncated = false;
    this.#nowUs = context.startUs;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (this.done) return DONE;
    this.#nowUs = timeUs;
    const skip = this.#sides[direction].reader.read(bytes, from, to, timeUs);
    return this.done ? DONE : skip;
  }

  skipped(): void {}

  gap(direction: Direction, length: number, timeUs: number): boolean {
    if (this.done) return false;
    this.#nowUs = timeUs;
    this.#sides[direction].reader.gap(length);
    return !this.done;
  }

  finished(): void {}

  end(reason: EndReason, timeUs: number): void {
    if (this.done) return;
    this.#nowUs = timeUs;
    for (const side of this.#sides) side.reader.flush();
    if (!this.done) this.#finish(reason === 'reset');
  }

  message(direction: Direction, type: number, bytes: Buffer, from: number, to: number, complete: boolean, startUs: number): void {
    const side = this.#sides[direction];
    switch (type) {
      case HandshakeType.clientHello:
        this.#clientHello(side, parseClientHello(bytes, from, to), complete, startUs);
        break;
      case ssl2ClientHello:
        this.#clientHello(side, parseSsl2ClientHello(bytes, from, to), complete, startUs);
        break;
      case HandshakeType.serverHello:
        this.#serverHello(side, parseServerHello(bytes, from, to), complete, startUs);
        break;
      case ssl2ServerHello: {
        const parts = parseSsl2ServerHello(bytes, from, to);
        this.#serverHello(side, parts.hello, complete, startUs);
        if (parts.to > parts.from) this.#certificate(direction, bytes, [parts.from], [parts.to], complete);
        // SSL 2 goes on with records of its own kind.
        if (!this.done) this.#finish(false);
        break;
      }
      case HandshakeType.certificate: {
        const list = parseCertificateList(bytes, from, to);
        if (complete && !list.complete) this.anomaly(tlsAnomalies.bad_certificate);
        this.#certificate(direction, bytes, list.from, list.to, complete);
        break;
      }
      case HandshakeType.serverKeyExchange: {
        side.fullHandshake = true;
        const server = this.#handshake.server;
        // An elliptic-curve exchange by the name of its suite; others put their parameters in these bytes.
        if (server?.complete && cipherSuiteName(server.cipherSuite).includes('_ECDH')) {
          this.#handshake.group = keyExchangeGroup(bytes, from, to);
        }
        break;
      }
      case HandshakeType.serverHelloDone:
        side.fullHandshake = true;
        break;
    }
  }

  changeCipherSpec(reader: RecordReader): void {
    const side = this.#sides[reader.direction];
    side.changedCipher = true;
    // In 1.3 it means nothing (RFC 8446 appendix D.4), and hellos may follow it.
    const server = this.#handshake.server;
    if (this.#handshake.retried || (server !== undefined && isTls13(server.version))) return;
    reader.encrypted = true;
    if (side.hello && reader.direction !== this.#clientDirection && server !== undefined && !this.#truncated) {
      const other = this.#sides[reader.direction === 0 ? 1 : 0];
      // The server is first with it, and sent neither certificate nor key exchange: an abbreviated handshake.
      if (!side.fullHandshake && this.#handshake.serverChain === undefined && !other.changedCipher) {
        this.#handshake.resumed = true;
      }
    }
    this.#checkEstablished();
  }

  alert(reader: RecordReader, level: number, description: number): void {
    const handshake = this.#handshake;
    this.#see(this.#nowUs);
    // The first fatal alert stays; before it, the last warning.
    handshake.alertLevel = level;
    handshake.alertDescription = description;
    handshake.alertFromClient =
      this.#clientDirection === -1 ? reader.direction === 0 : reader.direction === this.#clientDirection;
    if (level === AlertLevel.fatal) this.#finish(false);
  }

  applicationData(reader: RecordReader, length: number): void {
    const side = this.#sides[reader.direction];
    const server = this.#handshake.server;
    const isClient = this.#clientDirection === -1 ? reader.direction === 0 : reader.direction === this.#clientDirection;
    // Before the ServerHello it is early data; a short record may be an alert about what the server sent.
    const is13 = server !== undefined && isTls13(server.version);
    if (isClient && is13 && length < shortestFinished && side.applicationRecords === 0) return;
    if (isClient && server === undefined && this.#handshake.client?.earlyData === true) return;
    side.applicationRecords++;
    this.#checkEstablished();
    if (this.done || side.applicationRecords < oneSidedRecords) return;
    const other = this.#sides[reader.direction === 0 ? 1 : 0];
    if (other.reader.untouched || other.reader.isDead) this.#finish(false);
  }

  lost(reader: RecordReader): void {
    const server = this.#handshake.server;
    const side = this.#sides[reader.direction];
    const plaintextOver = side.hello && server !== undefined && isTls13(server.version);
    if (!reader.encrypted && side.applicationRecords === 0 && !plaintextOver) this.#truncated = true;
  }

  anomaly(anomaly: Anomaly): void {
    this.#context.anomaly(anomaly, this.#nowUs);
    if (anomaly === tlsAnomalies.bad_record) {
      // An answer that is no TLS at all leaves the ClientHello unanswered.
      if (!this.#sides[0].reader.untouched && !this.#sides[1].reader.untouched) this.#truncated = true;
      for (const side of this.#sides) side.reader.flush();
      this.#finish(false);
    } else if (anomaly === tlsAnomalies.bad_handshake || anomaly === tlsAnomalies.oversized_handshake) {
      this.#truncated = true;
    } else if (anomaly === tlsAnomalies.lost_sync) {
      if (this.#sides[0].reader.isDead && this.#sides[1].reader.isDead) this.#finish(false);
    }
  }

  #clientHello(side: Side, hello: ClientHello, complete: boolean, startUs: number): void {
    const handshake = this.#handshake;
    if (handshake.client !== undefined || side.hello) {
      const isSecond = handshake.retried && side.reader.direction === this.#clientDirection;
      if (!isSecond && complete) this.anomaly(tlsAnomalies.unexpected_message);
      return;
    }
    side.hello = true;
    this.#clientDirection = side.reader.direction;
    handshake.client = hello;
    handshake.startUs = startUs;
    this.#seen = true;
    if (!complete) {
      this.#truncated = true;
      hello.complete = false;
    } else if (!hello.complete) this.anomaly(tlsAnomalies.bad_hello);
    if (hello.serverName) this.#context.note(tlsNotes.serverName, hello.serverName);
    // A wrong fingerprint is worse than none.
    if (!hello.complete || hello.ssl2Form) return;
    if (this.#options.ja3) {
      handshake.ja3Text = ja3String(hello);
      handshake.ja3 = ja3Hash(handshake.ja3Text);
      this.#context.note(tlsNotes.ja3, handshake.ja3);
    }
    if (this.#options.ja4) {
      const { fingerprint, raw } = ja4(hello, 't');
      handshake.ja4 = fingerprint;
      handshake.ja4Raw = raw;
      this.#context.note(tlsNotes.ja4, fingerprint);
    }
  }

  #serverHello(side: Side, hello: ServerHello, complete: boolean, startUs: number): void {
    const handshake = this.#handshake;
    if (handshake.server !== undefined || (side.hello && side.reader.direction === this.#clientDirection)) {
      if (complete) this.anomaly(tlsAnomalies.unexpected_message);
      return;
    }
    this.#see(startUs);
    if (this.#clientDirection === -1) this.#clientDirection = side.reader.direction === 0 ? 1 : 0;
    if (hello.isRetry && hello.complete) {
      handshake.retried = true;
      handshake.group = hello.group;
      return;
    }
    side.hello = true;
    handshake.server = hello;
    if (handshake.client !== undefined) handshake.responseUs = Math.max(0, this.#nowUs - handshake.startUs);
    if (!complete) {
      this.#truncated = true;
      hello.complete = false;
    } else if (!hello.complete) this.anomaly(tlsAnomalies.bad_hello);
    if (hello.cipherSuite === 0 && !hello.complete) return;
    if (hello.group >= 0) handshake.group = hello.group;
    const echoed = hello.sessionId !== '' && hello.sessionId === handshake.client?.sessionId;
    handshake.resumed = isTls13(hello.version) ? hello.preSharedKey : echoed;
    this.#context.note(tlsNotes.version, versionText(hello.version));
    if (hello.version === 2) return;
    this.#context.note(tlsNotes.cipher, cipherSuiteName(hello.cipherSuite));
    if (this.#options.ja3 && hello.complete) {
      handshake.ja3sText = ja3sString(hello);
      handshake.ja3s = ja3Hash(handshake.ja3sText);
      this.#context.note(tlsNotes.ja3s, handshake.ja3s);
    }
  }

  #certificate(direction: Direction, bytes: Buffer, from: readonly number[], to: readonly number[], complete: boolean): void {
    const handshake = this.#handshake;
    if (!complete) this.#truncated = true;
    const isClient = this.#clientDirection === -1 ? direction === 0 : direction === this.#clientDirection;
    if ((isClient ? handshake.clientChain : handshake.serverChain) !== undefined) return;
    const chain = new CertificateChain();
    if (isClient) handshake.clientChain = chain;
    else handshake.serverChain = chain;
    chain.count = from.length;
    if (from.length === 0) return;
    this.#see(this.#nowUs);
    chain.leaf = certificates.read(bytes, from[0] as number, to[0] as number);
    if (chain.leaf === undefined) this.anomaly(tlsAnomalies.bad_certificate);
    else if (!isClient) for (const name of chain.leaf.subject.commonName) this.#context.note(tlsNotes.subjectName, name);
    if (!this.#options.certificate_chain) return;
    for (let index = 0; index < from.length; index++) {
      chain.encoded.push(bytes.toString('base64', from[index] as number, to[index] as number));
    }
  }

  /** Something worth a record was seen; its time counts unless a ClientHello gives a better one. */
  #see(timeUs: number): void {
    if (!this.#seen) this.#handshake.startUs = timeUs;
    this.#seen = true;
  }

  #checkEstablished(): void {
    const [one, other] = this.#sides;
    const server = this.#handshake.server;
    const byData = one.applicationRecords > 0 && other.applicationRecords > 0;
    const byChange = server !== undefined && !isTls13(server.version) && one.changedCipher && other.changedCipher;
    if (!byData && !byChange) return;
    this.#handshake.established = true;
    this.#handshake.establishedUs =
      this.#handshake.client === undefined ? -1 : Math.max(0, this.#nowUs - this.#handshake.startUs);
    this.#finish(false);
  }

  /** Emits the record, if there is anything to say, and ends the decoding of this session. */
  #finish(isReset: boolean): void {
    if (this.done) return;
    this.done = true;
    for (const side of this.#sides) side.reader.release();
    const handshake = this.#handshake;
    if (!this.#seen) return;
    if (handshake.alertLevel === AlertLevel.fatal) handshake.outcome = 'failure';
    else if (this.#truncated || (handshake.established && handshake.server === undefined)) handshake.outcome = 'truncated';
    else if (handshake.server !== undefined) handshake.outcome = 'success';
    else if (handshake.alertDescription >= 0 && !handshake.alertFromClient) handshake.outcome = 'failure';
    else if (isReset) handshake.outcome = 'reset';
    this.#strip(handshake);
    this.#context.emit(tlsRecordType, handshake, handshake.startUs);
  }

  /** Takes out what the options do not ask for. */
  #strip(handshake: Handshake): void {
    const options = this.#options;
    if (!options.ja3_strings) {
      handshake.ja3Text = '';
      handshake.ja3sText = '';
    }
    if (!options.ja4_raw) handshake.ja4Raw = '';
    if (!options.session_ids) {
      if (handshake.client !== undefined) handshake.client.sessionId = '';
      if (handshake.server !== undefined) handshake.server.sessionId = '';
    }
    if (!options.supported_ciphers && handshake.client !== undefined) {
      handshake.client.cipherSuites = [];
      handshake.client.supportedGroups = [];
      handshake.client.supportedVersions = [];
    }
  }
}
