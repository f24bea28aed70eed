// The record layer of one direction (RFC 8446 section 5.1) and the handshake messages in it. Takes the stream in any
// pieces, tells a sink about messages, alerts, ChangeCipherSpec and application data, and passes over the bytes of
// everything else by count. Only hellos, certificates and the head of a key exchange are ever held, and only when
// they come in pieces. Called by the TLS decoder on a packet worker. Never throws.

import type { Anomaly } from '../../record/index.ts';
import { tlsAnomalies } from './anomalies.ts';
import { MessageBuffer } from './message-buffer.ts';

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

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

/** Largest record: 2^14 of content and 2048 of expansion (RFC 5246 section 6.2.3). */
const maxRecordLength = 16384 + 2048;
/** Bytes of a ServerKeyExchange that name its group. */
const keyExchangeHead = 3;

export interface RecordSink {
  /** Set once the sink wants nothing more: the reader stops at once. */
  readonly done: boolean;
  /** The body of a handshake message, or what there is of it when not `complete`. `startUs`: its first byte. */
  message(reader: RecordReader, type: number, bytes: Buffer, from: number, to: number, complete: boolean, startUs: number): void;
  changeCipherSpec(reader: RecordReader): void;
  alert(reader: RecordReader, level: number, description: number): void;
  applicationData(reader: RecordReader, length: number): void;
  /** Bytes were lost where they may have held handshake messages. */
  lost(reader: RecordReader): void;
  anomaly(anomaly: Anomaly): void;
}

/** Where the reader stands in the stream. */
const State = { header: 0, body: 1, ssl2Body: 2, dead: 3 } as const;
type State = (typeof State)[keyof typeof State];

export class RecordReader {
  readonly direction: 0 | 1;
  /** From here on handshake records of this direction are encrypted: set by the sink. */
  encrypted: boolean;
  /** Nothing that this reader could understand will follow: no record header was found. */
  get isDead(): boolean {
    return this.#state === State.dead;
  }
  /** True until the first byte. */
  untouched: boolean;
  readonly #sink: RecordSink;
  readonly #maxMessage: number;
  readonly #buffer: MessageBuffer;
  #state: State;
  /** Bytes were lost and with them the framing: the next thing that looks like a record header is taken for one. */
  #searching: boolean;
  /** While searching: the last five bytes as a number, and how many bytes were searched. */
  #window: number;
  #searched: number;
  /** Handshake messages must prove themselves: their framing was lost. */
  #messagesLost: boolean;
  #headerFill: number;
  #contentType: number;
  #versionHigh: number;
  /** Content bytes of the record still to come. */
  #remaining: number;
  /** The content of this record is read, not passed over. */
  #reading: boolean;
  #recordStartUs: number;
  #atRecordStart: boolean;
  #messageFill: number;
  #messageType: number;
  #messageLength: number;
  #messageStartUs: number;
  /** How much of the message is wanted, and how much of it is still to be passed over. */
  #messageKeep: number;
  #messageSkip: number;
  #alertFill: number;
  #alertLevel: number;

  constructor(sink: RecordSink, direction: 0 | 1, maxMessageBytes: number) {
    this.direction = direction;
    this.encrypted = false;
    this.untouched = true;
    this.#sink = sink;
    this.#maxMessage = maxMessageBytes;
    this.#buffer = new MessageBuffer();
    this.#state = State.header;
    this.#searching = false;
    this.#window = 0;
    this.#searched = 0;
    this.#messagesLost = false;
    this.#headerFill = 0;
    this.#contentType = 0;
    this.#versionHigh = 0;
    this.#remaining = 0;
    this.#reading = false;
    this.#recordStartUs = 0;
    this.#atRecordStart = false;
    this.#messageFill = 0;
    this.#messageType = 0;
    this.#messageLength = 0;
    this.#messageStartUs = 0;
    this.#messageKeep = 0;
    this.#messageSkip = 0;
    this.#alertFill = 0;
    this.#alertLevel = 0;
  }

  /** Takes the next bytes. @returns bytes after `to` that nobody wants, or 0. */
  read(bytes: Buffer, from: number, to: number, timeUs: number): number {
    let at = from;
    while (at < to && !this.#sink.done) {
      if (this.#state === State.dead) return 0;
      if (this.#state === State.header) {
        if (this.#searching) this.#searchByte(bytes[at++] as number, timeUs);
        else this.#headerByte(bytes[at++] as number, timeUs);
        continue;
      }
      const end = Math.min(to, at + this.#remaining);
      const taken = end - at;
      if (this.#state === State.ssl2Body) this.#ssl2Content(bytes, at, end);
      else if (this.#reading) {
        if (this.#contentType === ContentType.handshake) this.#handshakeContent(bytes, at, end, timeUs);
        else this.#alertContent(bytes, at, end);
      }
      at = end;
      this.#remaining -= taken;
      if (this.#remaining === 0) this.#endRecord();
    }
    if (this.#sink.done || this.#state !== State.body || this.#reading) return 0;
    const skip = this.#remaining;
    this.#endRecord();
    return skip;
  }

  /** `length` bytes (0: unknown) are missing here. */
  gap(length: number): void {
    if (this.#state === State.dead) return;
    const inBody = this.#state === State.body && length > 0 && length <= this.#remaining;
    if (length > 0 && (!inBody || this.#reading)) this.#sink.lost(this);
    if (inBody && this.#reading && this.#contentType === ContentType.handshake) this.#loseMessageBytes(length);
    if (inBody) {
      if (this.#contentType === ContentType.alert) this.#reading = false;
      this.#remaining -= length;
      if (this.#remaining === 0) this.#endRecord();
      return;
    }
    this.flush();
    this.#messagesLost = true;
    this.#searching = true;
    this.#window = 0;
    this.#searched = 0;
    this.#state = State.header;
    this.#headerFill = 0;
  }

  /** Hands over what there is of an unfinished message: nothing more will come of it. */
  flush(): void {
    if (this.#state === State.ssl2Body) {
      const { bytes, length } = this.#buffer;
      if (bytes !== undefined) this.#sink.message(this, this.#messageType, bytes, 0, length, false, this.#messageStartUs);
    } else if (this.#messageFill === 4 && this.#messageKeep > 0 && this.#messageSkip === 0) {
      const bytes = this.#buffer.bytes ?? Buffer.alloc(0);
      this.#sink.message(this, this.#messageType, bytes, 0, this.#buffer.length, false, this.#messageStartUs);
    }
    this.#endMessage();
  }

  /** Gives its buffer back. */
  release(): void {
    this.#buffer.release();
  }

  #headerByte(byte: number, timeUs: number): void {
    switch (this.#headerFill++) {
      case 0:
        this.#contentType = byte;
        this.#recordStartUs = timeUs;
        if (byte >= ContentType.changeCipherSpec && byte <= ContentType.heartbeat) return;
        if (byte >= 0x80 && this.untouched) return;
        break;
      case 1:
        this.#versionHigh = byte;
        if (byte === 3 || this.#contentType >= 0x80) return;
        break;
      case 2:
        if (this.#contentType < 0x80) {
          if (byte <= 4) return;
        } else if (this.#beginSsl2(byte)) return;
        break;
      case 3:
        this.#remaining = byte << 8;
        return;
      default:
        this.#remaining |= byte;
        if (this.#remaining <= maxRecordLength) {
          this.#beginRecord();
          return;
        }
    }
    this.#state = State.dead;
    this.#sink.anomaly(tlsAnomalies.bad_record);
  }

  /**
   * Any five bytes in a row may be the header; in encrypted content chance makes one in some 10 million look so. The
   * search ends after the longest record: it must have met one by then.
   */
  #searchByte(byte: number, timeUs: number): void {
    this.#window = (this.#window % 0x1_0000_0000) * 256 + byte;
    if (++this.#searched >= 5) {
      const type = Math.floor(this.#window / 0x1_0000_0000);
      const rest = this.#window >>> 0;
      const length = rest & 0xffff;
      const version = rest >>> 16;
      if (version >= 0x300 && version <= 0x304 && length > 0 && length <= maxRecordLength && fitsType(type, length)) {
        this.#contentType = type;
        this.#remaining = length;
        this.#recordStartUs = timeUs;
        this.#beginRecord();
        return;
      }
    }
    if (this.#searched < maxRecordLength + 5) return;
    this.#state = State.dead;
    this.#sink.anomaly(tlsAnomalies.lost_sync);
  }

  #beginRecord(): void {
    this.untouched = false;
    this.#searching = false;
    this.#headerFill = 0;
    this.#state = State.body;
    this.#reading = false;
    switch (this.#contentType) {
      case ContentType.handshake:
        this.#reading = !this.encrypted;
        this.#atRecordStart = true;
        break;
      case ContentType.alert:
        if (this.encrypted) break;
        if (this.#remaining === 2) {
          this.#reading = true;
          this.#alertFill = 0;
        } else this.#sink.anomaly(tlsAnomalies.bad_alert);
        break;
      case ContentType.changeCipherSpec:
        this.#sink.changeCipherSpec(this);
        break;
      case ContentType.applicationData:
        this.#sink.applicationData(this, this.#remaining);
        break;
    }
    if (this.#remaining === 0) this.#endRecord();
  }

  #endRecord(): void {
    this.#state = State.header;
    this.#headerFill = 0;
    this.#remaining = 0;
  }

  /**
   * SSL 2 (RFC 6101 appendix E): two bytes of length with the top bit set, then the message type. Only as the first
   * record of a direction.
   */
  #beginSsl2(type: number): boolean {
    const length = ((this.#contentType & 0x7f) << 8) | this.#versionHigh;
    if ((type !== 1 && type !== 4) || length < 9) return false;
    this.untouched = false;
    this.#headerFill = 0;
    this.#state = State.ssl2Body;
    this.#messageType = type === 1 ? ssl2ClientHello : ssl2ServerHello;
    this.#messageStartUs = this.#recordStartUs;
    this.#remaining = length - 1;
    const typeByte = Buffer.of(type);
    this.#buffer.append(typeByte, 0, 1);
    return true;
  }

  #ssl2Content(bytes: Buffer, from: number, to: number): void {
    this.#buffer.append(bytes, from, to);
    if (to - from < this.#remaining) return;
    const { bytes: held, length } = this.#buffer;
    if (held !== undefined) this.#sink.message(this, this.#messageType, held, 0, length, true, this.#messageStartUs);
    this.#buffer.release();
  }

  #alertContent(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.#alertFill++ === 0) this.#alertLevel = bytes[at] as number;
      else this.#sink.alert(this, this.#alertLevel, bytes[at] as number);
    }
  }

  #handshakeContent(bytes: Buffer, from: number, to: number, timeUs: number): void {
    let at = from;
    while (at < to && this.#reading) {
      if (this.#messageFill < 4) {
        this.#messageHeaderByte(bytes[at++] as number, timeUs);
        continue;
      }
      const wanted = this.#messageKeep - this.#buffer.length;
      if (wanted > 0) {
        if (this.#buffer.length === 0 && to - at >= wanted) {
          this.#deliver(bytes, at, at + wanted);
          at += wanted;
        } else {
          const end = Math.min(to, at + wanted);
          this.#buffer.append(bytes, at, end);
          at = end;
          if (this.#buffer.length === this.#messageKeep) this.#deliver(this.#buffer.bytes as Buffer, 0, this.#messageKeep);
        }
        if (this.#sink.done) return;
        continue;
      }
      const end = Math.min(to, at + this.#messageSkip);
      this.#messageSkip -= end - at;
      at = end;
      if (this.#messageSkip === 0) this.#endMessage();
    }
  }

  #messageHeaderByte(byte: number, timeUs: number): void {
    switch (this.#messageFill++) {
      case 0:
        this.#messageType = byte;
        this.#messageStartUs = this.#atRecordStart ? this.#recordStartUs : timeUs;
        this.#atRecordStart = false;
        if (this.#messagesLost && !isReadType(byte)) this.#leaveRecord();
        else if (!isHandshakeType(byte)) {
          this.#sink.anomaly(tlsAnomalies.bad_handshake);
          this.#messagesLost = true;
          this.#leaveRecord();
        }
        return;
      case 1:
        this.#messageLength = byte << 16;
        return;
      case 2:
        this.#messageLength |= byte << 8;
        return;
      default:
        this.#messageLength |= byte;
        this.#beginMessage();
    }
  }

  #beginMessage(): void {
    const type = this.#messageType;
    const length = this.#messageLength;
    if (this.#messagesLost && length > this.#maxMessage) {
      this.#leaveRecord();
      return;
    }
    this.#messagesLost = false;
    let keep = 0;
    if (isReadType(type)) {
      keep = Math.min(length, this.#maxMessage);
      if (keep < length) this.#sink.anomaly(tlsAnomalies.oversized_handshake);
    } else if (type === HandshakeType.serverKeyExchange) keep = Math.min(length, keyExchangeHead);
    this.#messageKeep = keep;
    if (keep > 0) return;
    this.#sink.message(this, type, noBytes, 0, 0, length === 0, this.#messageStartUs);
    this.#messageSkip = length;
    if (length === 0) this.#endMessage();
  }

  /** The wanted part of the message is there. */
  #deliver(bytes: Buffer, from: number, to: number): void {
    const complete = this.#messageKeep === this.#messageLength || this.#messageType === HandshakeType.serverKeyExchange;
    this.#sink.message(this, this.#messageType, bytes, from, to, complete, this.#messageStartUs);
    this.#buffer.release();
    this.#messageSkip = this.#messageLength - this.#messageKeep;
    this.#messageKeep = 0;
    if (this.#messageSkip === 0) this.#endMessage();
  }

  #endMessage(): void {
    this.#messageFill = 0;
    this.#messageKeep = 0;
    this.#messageSkip = 0;
    this.#buffer.release();
  }

  /** Passes over the rest of this record; the next handshake record starts with a message or is passed over too. */
  #leaveRecord(): void {
    this.#messageFill = 0;
    this.#reading = false;
  }

  /** `length` bytes of this record’s content, all handshake, are missing. */
  #loseMessageBytes(length: number): void {
    if (this.#messageFill === 4) {
      const left = this.#messageSkip > 0 ? this.#messageSkip : this.#messageLength - this.#buffer.length;
      if (length <= left) {
        // The framing holds: hand over the start of the message, pass over its rest.
        const wasKept = this.#messageKeep > 0;
        if (wasKept) {
          const bytes = this.#buffer.bytes ?? noBytes;
          this.#sink.message(this, this.#messageType, bytes, 0, this.#buffer.length, false, this.#messageStartUs);
          this.#buffer.release();
          this.#messageKeep = 0;
        }
        this.#messageSkip = left - length;
        if (this.#messageSkip === 0) this.#endMessage();
        return;
      }
    }
    this.flush();
    this.#messagesLost = true;
    this.#leaveRecord();
  }
}

const noBytes = Buffer.alloc(0);

/** Messages whose bodies are read. */
function isReadType(type: number): boolean {
  return type === HandshakeType.clientHello || type === HandshakeType.serverHello || type === HandshakeType.certificate;
}

/** A ChangeCipherSpec is one byte, an alert two or, encrypted, at least a MAC long. */
function fitsType(type: number, length: number): boolean {
  switch (type) {
    case ContentType.changeCipherSpec:
      return length === 1;
    case ContentType.alert:
      return length === 2 || (length >= 16 && length <= 64);
    case ContentType.handshake:
      return length >= 4;
    default:
      return type === ContentType.applicationData;
  }
}

/** Types of the IANA registry "TLS HandshakeType", and 67 (next protocol negotiation), 254 (message hash). */
function isHandshakeType(type: number): boolean {
  return type <= 26 || type === 67 || type === 254;
}
