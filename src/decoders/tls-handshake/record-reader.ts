// The record layer of one direction (RFC 8446 section 5.1). Takes the stream in any pieces, gives the content of
// handshake records to the message reader, tells a sink about alerts, ChangeCipherSpec and application data, passes
// over the bytes of everything else by count, and finds the next record after a loss. Called by the TLS decoder on a
// packet worker. Never throws.

import { tlsAnomalies } from './anomalies.ts';
import { MessageReader, type MessageSink } from './message-reader.ts';

export const ContentType = { changeCipherSpec: 20, alert: 21, handshake: 22, applicationData: 23, heartbeat: 24 } as const;

/** Largest record: 2^14 of content and 2048 of expansion (RFC 5246 section 6.2.3). */
export const maxRecordLength = 16384 + 2048;
export interface RecordSink extends MessageSink {
  changeCipherSpec(reader: RecordReader): void;
  alert(reader: RecordReader, level: number, description: number): void;
  applicationData(reader: RecordReader, length: number): void;
  /** Bytes were lost where they may have held handshake messages. */
  lost(reader: RecordReader): void;
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
  readonly #messages: MessageReader;
  #state: State;
  /** Bytes were lost and with them the framing: the next thing that looks like a record header is taken for one. */
  #searching: boolean;
  /** While searching: the last four bytes as a number, and how many bytes were searched. */
  #window: number;
  #searched: number;
  #headerFill: number;
  #contentType: number;
  #versionHigh: number;
  /** Content bytes of the record still to come. */
  #remaining: number;
  /** The content of this record is read, not passed over. */
  #reading: boolean;
  #recordStartUs: number;
  #atRecordStart: boolean;
  #alertFill: number;
  #alertLevel: number;

  constructor(sink: RecordSink, direction: 0 | 1) {
    this.direction = direction;
    this.encrypted = false;
    this.untouched = true;
    this.#sink = sink;
    this.#messages = new MessageReader(sink, direction);
    this.#state = State.header;
    this.#searching = false;
    this.#window = 0;
    this.#searched = 0;
    this.#headerFill = 0;
    this.#contentType = 0;
    this.#versionHigh = 0;
    this.#remaining = 0;
    this.#reading = false;
    this.#recordStartUs = 0;
    this.#atRecordStart = false;
    this.#alertFill = 0;
    this.#alertLevel = 0;
  }

  /** Before the first byte. */
  begin(maxMessageBytes: number): void {
    this.#messages.begin(maxMessageBytes);
  }

  /** Back to what the constructor made, for another session. */
  clear(): void {
    this.encrypted = false;
    this.untouched = true;
    this.#messages.clear();
    this.#state = State.header;
    this.#searching = false;
    this.#headerFill = 0;
    this.#remaining = 0;
    this.#reading = false;
    this.#atRecordStart = false;
  }

  /** Takes the next bytes. @returns bytes after `to` that nobody wants, or 0. */
  read(bytes: Buffer, from: number, to: number, timeUs: number): number {
    let at = from;
    while (at < to && !this.#sink.done) {
      if (this.#state === State.dead) return 0;
      if (this.#state === State.header) {
        if (this.#headerFill === 0 && to - at >= 5 && !this.#searching && this.#wholeHeader(bytes, at, timeUs)) at += 5;
        else if (this.#searching) at = this.#search(bytes, at, to, timeUs);
        else this.#headerByte(bytes[at++] as number, timeUs);
        continue;
      }
      const end = to - at < this.#remaining ? to : at + this.#remaining;
      const taken = end - at;
      if (this.#state === State.ssl2Body) this.#messages.readSsl2(bytes, at, end);
      else if (this.#reading) {
        if (this.#contentType === ContentType.alert) this.#alertContent(bytes, at, end);
        else {
          const startUs = this.#atRecordStart ? this.#recordStartUs : timeUs;
          this.#atRecordStart = false;
          this.#reading = this.#messages.read(bytes, at, end, startUs, timeUs);
        }
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
    if (inBody) {
      if (this.#reading) this.#reading = this.#contentType === ContentType.handshake && this.#messages.lose(length);
      this.#remaining -= length;
      if (this.#remaining === 0) this.#endRecord();
      return;
    }
    this.#messages.loseFraming();
    this.#searching = true;
    this.#window = 0;
    this.#searched = 0;
    this.#state = State.header;
    this.#headerFill = 0;
  }

  /** Hands over what there is of an unfinished message: nothing more will come of it. */
  flush(): void {
    this.#messages.flush();
  }

  /** Gives its buffer back. */
  release(): void {
    this.#messages.release();
  }

  /** Takes a whole header at once. @returns false when it is not an ordinary one: then it is taken byte by byte. */
  #wholeHeader(bytes: Buffer, at: number, timeUs: number): boolean {
    const type = bytes[at] as number;
    if (type < ContentType.changeCipherSpec || type > ContentType.heartbeat) return false;
    if (bytes[at + 1] !== 3 || (bytes[at + 2] as number) > 4) return false;
    const length = ((bytes[at + 3] as number) << 8) | (bytes[at + 4] as number);
    if (length > maxRecordLength) return false;
    this.#contentType = type;
    this.#recordStartUs = timeUs;
    this.#remaining = length;
    this.#beginRecord();
    return true;
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
   * @returns how far it came
   */
  #search(bytes: Buffer, from: number, to: number, timeUs: number): number {
    let window = this.#window;
    let searched = this.#searched;
    let at = from;
    while (at < to) {
      const type = window >>> 24;
      window = (window << 8) | (bytes[at++] as number);
      searched++;
      // Version 3.0 to 3.4, then the length.
      if (window >>> 24 === 3 && ((window >>> 16) & 0xff) <= 4 && searched >= 5) {
        const length = window & 0xffff;
        if (length > 0 && length <= maxRecordLength && fitsType(type, length)) {
          this.#contentType = type;
          this.#remaining = length;
          this.#recordStartUs = timeUs;
          this.#beginRecord();
          return at;
        }
      }
      if (searched >= maxRecordLength + 5) {
        this.#state = State.dead;
        this.#sink.anomaly(tlsAnomalies.lost_sync);
        return at;
      }
    }
    this.#window = window;
    this.#searched = searched;
    return at;
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
    this.#remaining = length - 1;
    this.#messages.beginSsl2(type, length, this.#recordStartUs);
    return true;
  }

  #alertContent(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to; at++) {
      if (this.#alertFill++ === 0) this.#alertLevel = bytes[at] as number;
      else this.#sink.alert(this, this.#alertLevel, bytes[at] as number);
    }
  }
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
