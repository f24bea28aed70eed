// The handshake messages of one direction (RFC 8446 section 4), taken out of the content of handshake records however
// they are cut. Only hellos, certificates and the head of a key exchange are ever held, and only when they come in
// pieces; the rest is passed over by count. Called by the record reader. Never throws.

import type { Anomaly } from '../../record/index.ts';
import { tlsAnomalies } from './anomalies.ts';
import { MessageBuffer } from './message-buffer.ts';

export const HandshakeType = {
  clientHello: 1,
  serverHello: 2,
  newSessionTicket: 4,
  certificate: 11,
  serverKeyExchange: 12,
  serverHelloDone: 14,
} as const;

/** Not on the wire: an SSL 2 CLIENT-HELLO or SERVER-HELLO, which come in their own kind of record. */
export const ssl2ClientHello = 0x101;
export const ssl2ServerHello = 0x104;

/** Bytes of a ServerKeyExchange that name its group. */
const keyExchangeHead = 3;

export interface MessageSink {
  /** Set once the sink wants nothing more: the reader stops at once. */
  readonly done: boolean;
  /**
   * The body of a handshake message, or what there is of it when not `complete`; empty for types that are not read.
   * `startUs`: time of its first byte.
   */
  message(direction: 0 | 1, type: number, bytes: Buffer, from: number, to: number, complete: boolean, startUs: number): void;
  anomaly(anomaly: Anomaly): void;
}

export class MessageReader {
  readonly #sink: MessageSink;
  readonly #direction: 0 | 1;
  #maxBytes: number;
  readonly #buffer: MessageBuffer;
  /** The framing was lost: the next record must start with a message that is read, or is passed over. */
  #lost: boolean;
  /** Bytes of the 4-byte message header that were read. */
  #fill: number;
  #type: number;
  #length: number;
  #startUs: number;
  /** How much of the message is wanted, and how much of it is still to be passed over. */
  #keep: number;
  #skip: number;

  constructor(sink: MessageSink, direction: 0 | 1) {
    this.#sink = sink;
    this.#direction = direction;
    this.#maxBytes = 0;
    this.#buffer = new MessageBuffer();
    this.#lost = false;
    this.#fill = 0;
    this.#type = 0;
    this.#length = 0;
    this.#startUs = 0;
    this.#keep = 0;
    this.#skip = 0;
  }

  /** Before the first byte. */
  begin(maxBytes: number): void {
    this.#maxBytes = maxBytes;
  }

  /** Back to what the constructor made, for another session. */
  clear(): void {
    this.#lost = false;
    this.#end();
  }

  /**
   * The next bytes of handshake content. `startUs`: time of a message that starts at `from` (the record's, when its
   * content does); `timeUs`: of these bytes.
   * @returns false when the rest of the record makes no sense.
   */
  read(bytes: Buffer, from: number, to: number, startUs: number, timeUs: number): boolean {
    let at = from;
    while (at < to) {
      if (this.#fill < 4) {
        if (this.#fill === 0 && to - at >= 4 && !this.#lost && isHandshakeType(bytes[at] as number)) {
          this.#type = bytes[at] as number;
          this.#startUs = at === from ? startUs : timeUs;
          this.#length = ((bytes[at + 1] as number) << 16) | ((bytes[at + 2] as number) << 8) | (bytes[at + 3] as number);
          this.#fill = 4;
          this.#begin();
          at += 4;
          continue;
        }
        if (!this.#headerByte(bytes[at] as number, at === from ? startUs : timeUs)) return false;
        at++;
        continue;
      }
      const wanted = this.#keep - this.#buffer.length;
      if (wanted > 0) {
        if (this.#buffer.length === 0 && to - at >= wanted) {
          this.#deliver(bytes, at, at + wanted);
          at += wanted;
        } else {
          const end = to - at < wanted ? to : at + wanted;
          this.#buffer.append(bytes, at, end);
          at = end;
          if (this.#buffer.length === this.#keep) this.#deliver(this.#buffer.bytes, 0, this.#keep);
        }
        if (this.#sink.done) return true;
        continue;
      }
      const end = to - at < this.#skip ? to : at + this.#skip;
      this.#skip -= end - at;
      at = end;
      if (this.#skip === 0) this.#end();
    }
    return true;
  }

  /**
   * `length` bytes of this record's content are missing here.
   * @returns false when the framing went with them.
   */
  lose(length: number): boolean {
    if (this.#fill === 4) {
      const left = this.#skip > 0 ? this.#skip : this.#length - this.#buffer.length;
      if (length <= left) {
        // The framing holds: hand over the start of the message, pass over its rest.
        this.#handOver();
        this.#skip = left - length;
        if (this.#skip === 0) this.#end();
        return true;
      }
    }
    this.loseFraming();
    return false;
  }

  /** Where the next message starts is no longer known. */
  loseFraming(): void {
    this.flush();
    this.#lost = true;
  }

  /** Hands over what there is of an unfinished message: nothing more will come of it. */
  flush(): void {
    if (this.#fill === 4) this.#handOver();
    this.#end();
  }

  /** Gives its buffer back. */
  release(): void {
    this.#buffer.release();
  }

  /** An SSL 2 hello, `length` bytes with its type byte, starts; the bytes after that byte follow in `readSsl2`. */
  beginSsl2(type: number, length: number, startUs: number): void {
    this.#type = type === 1 ? ssl2ClientHello : ssl2ServerHello;
    this.#startUs = startUs;
    this.#length = length;
    this.#keep = length;
    this.#fill = 4;
    this.#buffer.append(Buffer.of(type), 0, 1);
  }

  readSsl2(bytes: Buffer, from: number, to: number): void {
    this.#buffer.append(bytes, from, to);
    if (this.#buffer.length === this.#length) this.#deliver(this.#buffer.bytes, 0, this.#length);
  }

  /** @returns false when no message can start here. */
  #headerByte(byte: number, startUs: number): boolean {
    switch (this.#fill++) {
      case 0:
        this.#type = byte;
        this.#startUs = startUs;
        if (this.#lost ? isReadType(byte) : isHandshakeType(byte)) return true;
        if (!this.#lost) this.#sink.anomaly(tlsAnomalies.bad_handshake);
        break;
      case 1:
        this.#length = byte << 16;
        return true;
      case 2:
        this.#length |= byte << 8;
        return true;
      default:
        this.#length |= byte;
        if (!this.#lost || this.#length <= this.#maxBytes) {
          this.#begin();
          return true;
        }
    }
    this.#lost = true;
    this.#fill = 0;
    return false;
  }

  #begin(): void {
    this.#lost = false;
    const type = this.#type;
    const length = this.#length;
    let keep = 0;
    if (isReadType(type)) {
      keep = Math.min(length, this.#maxBytes);
      if (keep < length) this.#sink.anomaly(tlsAnomalies.oversized_handshake);
    } else if (type === HandshakeType.serverKeyExchange) keep = Math.min(length, keyExchangeHead);
    this.#keep = keep;
    if (keep > 0) return;
    this.#sink.message(this.#direction, type, noBytes, 0, 0, length === 0, this.#startUs);
    this.#skip = length;
    if (length === 0) this.#end();
  }

  /** The wanted part of the message is there. */
  #deliver(bytes: Buffer, from: number, to: number): void {
    const complete = this.#keep === this.#length || this.#type === HandshakeType.serverKeyExchange;
    this.#sink.message(this.#direction, this.#type, bytes, from, to, complete, this.#startUs);
    this.#buffer.release();
    this.#skip = this.#length - this.#keep;
    this.#keep = 0;
    if (this.#skip === 0) this.#end();
  }

  /** Gives what is held of a wanted message away as incomplete. */
  #handOver(): void {
    if (this.#keep === 0) return;
    const bytes = this.#buffer.bytes;
    this.#sink.message(this.#direction, this.#type, bytes, 0, this.#buffer.length, false, this.#startUs);
    this.#buffer.release();
    this.#keep = 0;
  }

  #end(): void {
    this.#fill = 0;
    this.#keep = 0;
    this.#skip = 0;
    this.#buffer.release();
  }
}

const noBytes = Buffer.alloc(0);

/** Messages whose bodies are read. */
function isReadType(type: number): boolean {
  return type === HandshakeType.clientHello || type === HandshakeType.serverHello || type === HandshakeType.certificate;
}

/** Types of the IANA registry "TLS HandshakeType", and 67 (next protocol negotiation), 254 (message hash). */
function isHandshakeType(type: number): boolean {
  return type <= 26 || type === 67 || type === 254;
}
