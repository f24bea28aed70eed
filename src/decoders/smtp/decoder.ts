// SMTP (RFC 5321) and LMTP (RFC 2033) in one session: commands, replies, messages by DATA and BDAT (RFC 3030), until
// STARTTLS (RFC 3207) hands the stream over. Made for each session by the definition; runs on packet workers.

import { tagsField } from '../../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { LineReader } from '../line-reader.ts';
import { MessageReader, mailFields, mailPath } from '../mime/index.ts';
import { SaslExchange } from '../sasl/index.ts';
import { textOf } from '../wire-text.ts';
import { smtpAnomalies } from './anomalies.ts';
import { mailSettingsOf, smtpFields } from './fields.ts';
import type { SmtpOptions } from './options.ts';

const Phase = { command: 0, message: 1, chunk: 2 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

const hyphen = 0x2d;
const dot = 0x2e;
const tlsHandshake = 0x16;

export class SmtpDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #lines: [LineReader, LineReader];
  /** Lines of messages in chunks, which may be cut between chunks. */
  readonly #chunkLines: LineReader;
  readonly #message: MessageReader;
  readonly #sasl: SaslExchange;
  /** Who sends commands; undefined until a line tells. */
  #client: Direction | undefined;
  #isNamed: boolean;
  #phase: Phase;
  /** Bytes of the chunk that are still to come, and whether it ends the message. */
  #chunkLeft: number;
  #chunkIsLast: boolean;
  #startTls: boolean;
  /** Lines of the client that were answered or are to be, and replies that came; only for DATA and the message's end. */
  #asked: number;
  #answered: number;
  /** After a hole, and in LMTP with its replies for each recipient, counting does not tell which reply is whose. */
  #counts: boolean;
  /** Number of the DATA command whose message has not begun, and of the last message's end; 0: none waits. */
  #dataAsked: number;
  #endAsked: number;

  constructor(context: DecoderContext, options: SmtpOptions) {
    this.#context = context;
    this.#lines = [new LineReader(options.max_line_bytes), new LineReader(options.max_line_bytes)];
    this.#chunkLines = new LineReader(options.max_line_bytes);
    this.#message = new MessageReader(context, mailSettingsOf(options));
    this.#sasl = new SaslExchange(context, 'smtp:auth');
    this.#client = undefined;
    this.#isNamed = false;
    this.#phase = Phase.command;
    this.#chunkLeft = 0;
    this.#chunkIsLast = false;
    this.#startTls = false;
    this.#asked = 0;
    this.#answered = 0;
    this.#counts = true;
    this.#dataAsked = 0;
    this.#endAsked = 0;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const lines = this.#lines[direction];
    for (let at = from; at < to; ) {
      if (this.#phase === Phase.chunk && direction === this.#client) {
        at = this.#chunk(bytes, at, to);
        continue;
      }
      // The server's answer to STARTTLS was not seen.
      if (this.#startTls && lines.isEmpty && bytes[at] === tlsHandshake) return this.#handOver(at);
      if (this.#phase === Phase.message && direction === this.#client && lines.isAtStart) {
        const passed = this.#message.contentLines(bytes, at, to, lines.limit);
        if (passed > at) {
          this.#dataAsked = 0;
          at = passed;
          continue;
        }
      }
      const end = lines.read(bytes, at, to);
      if (end < 0) return 0;
      at = end;
      if (lines.tooLong) {
        this.#context.anomaly(smtpAnomalies.line_too_long, timeUs);
        if (direction === this.#client && this.#phase === Phase.message) this.#message.lost();
      }
      this.#client ??= isReply(lines.bytes, lines.from, lines.to) ? (direction === 0 ? 1 : 0) : direction;
      if (direction !== this.#client) {
        if (this.#reply(lines.bytes, lines.from, lines.to)) return this.#handOver(at);
      } else if (!this.#clientLine(lines)) this.#context.anomaly(smtpAnomalies.bad_chunk_size, timeUs);
    }
    return 0;
  }

  skipped(): void {}

  /** Text can be taken up at the next line. A message whose part is lost is read on: its parts tell themselves. */
  gap(direction: Direction, length: number): boolean {
    this.#counts = false;
    this.#lines[direction].clear();
    if (direction === this.#client && this.#phase !== Phase.command) this.#message.lost();
    if (direction === this.#client && this.#phase === Phase.chunk) {
      if (length === 0 || length > this.#chunkLeft) return false;
      this.#chunkLines.clear();
      this.#chunkLeft -= length;
      if (this.#chunkLeft === 0) this.#chunkEnds();
    }
    return true;
  }

  /** The verdict on a message is for a client that still listens, as Arkime has it. */
  finished(direction: Direction): void {
    if (direction === this.#client) this.#endAsked = 0;
  }

  end(): void {
    if (!this.#isNamed) this.#context.protocol('smtp');
  }

  #handOver(at: number): number {
    this.#context.handoverAt = at;
    return HANDOVER;
  }

  /** @returns false for the size of a chunk that is none */
  #clientLine(lines: LineReader): boolean {
    const { bytes, from, to } = lines;
    if (this.#phase === Phase.message) {
      this.#messageLine(bytes, from, to);
      return true;
    }
    this.#asked += 1;
    if (this.#sasl.isOpen) {
      this.#sasl.answer(bytes, from, to);
      return true;
    }
    return this.#command(bytes, from, to);
  }

  #messageLine(bytes: Buffer, from: number, to: number): void {
    this.#dataAsked = 0;
    const isDot = from < to && bytes[from] === dot;
    if (!isDot || to - from > 1) {
      // RFC 5321 section 4.5.2: a dot in front was added.
      this.#message.line(bytes, isDot ? from + 1 : from, to);
      return;
    }
    this.#message.finish();
    this.#phase = Phase.command;
    this.#asked += 1;
    this.#endAsked = this.#asked;
  }

  #command(bytes: Buffer, from: number, to: number): boolean {
    let end = from;
    while (end < to && end - from < 12 && isLetter(bytes[end] as number)) end += 1;
    const context = this.#context;
    switch (bytes.toString('latin1', from, end).toUpperCase()) {
      case 'LHLO':
        this.#name('lmtp');
        this.#counts = false;
        this.#hello(bytes, end, to);
        return true;
      case 'HELO':
      case 'EHLO':
        this.#name('smtp');
        this.#hello(bytes, end, to);
        return true;
      case 'MAIL':
      case 'RCPT': {
        const path = /^\s+(FROM|TO)\s*:\s*(.*)$/is.exec(textOf(bytes, end, to));
        if (path === null) return true;
        const isFrom = (path[1] as string).length === 4;
        context.note(isFrom ? mailFields.from : mailFields.to, mailPath(path[2] as string).toLowerCase());
        return true;
      }
      case 'DATA':
        this.#message.reset();
        this.#phase = Phase.message;
        this.#dataAsked = this.#asked;
        return true;
      case 'BDAT':
        return this.#chunkBegins(bytes.toString('latin1', end, Math.min(to, end + 40)));
      case 'RSET':
        this.#message.reset();
        this.#chunkLines.clear();
        return true;
      case 'STARTTLS':
        context.note(tagsField, 'smtp:starttls');
        this.#startTls = true;
        return true;
      case 'AUTH': {
        const [mechanism = ''] = /[^\s]+/.exec(bytes.toString('latin1', end, Math.min(to, end + 40))) ?? [];
        if (mechanism === '') return true;
        const at = bytes.indexOf(mechanism, end, 'latin1') + mechanism.length;
        this.#sasl.begin(mechanism, bytes, Math.min(to, at + 1), to);
        return true;
      }
      default:
        return true;
    }
  }

  #hello(bytes: Buffer, from: number, to: number): void {
    const name = textOf(bytes, from, to).trim().toLowerCase();
    if (name !== '') this.#context.note(smtpFields.hello, name);
  }

  #chunkBegins(text: string): boolean {
    const words = /^\s+(\d{1,10})(\s+LAST)?\s*$/i.exec(text);
    if (words === null) return false;
    this.#chunkLeft = Number(words[1]);
    this.#chunkIsLast = words[2] !== undefined;
    this.#phase = Phase.chunk;
    if (this.#chunkLeft === 0) this.#chunkEnds();
    return true;
  }

  #chunk(bytes: Buffer, from: number, to: number): number {
    const stop = Math.min(to, from + this.#chunkLeft);
    this.#chunkLeft -= stop - from;
    const lines = this.#chunkLines;
    for (let at = from; at < stop; ) {
      const end = lines.read(bytes, at, stop);
      if (end < 0) break;
      at = end;
      this.#message.line(lines.bytes, lines.from, lines.to);
      if (lines.tooLong) this.#message.lost();
    }
    if (this.#chunkLeft === 0) this.#chunkEnds();
    return stop;
  }

  #chunkEnds(): void {
    this.#phase = Phase.command;
    if (!this.#chunkIsLast) return;
    const lines = this.#chunkLines;
    if (lines.rest()) this.#message.line(lines.bytes, lines.from, lines.to);
    this.#message.finish();
  }

  /** @returns true when TLS begins behind it */
  #reply(bytes: Buffer, from: number, to: number): boolean {
    if (!isReply(bytes, from, to)) return false;
    const code = Number(bytes.toString('latin1', from, from + 3));
    if (!this.#isNamed) this.#name(/\bLMTP\b/.test(bytes.toString('latin1', from, Math.min(to, from + 256))) ? 'lmtp' : 'smtp');
    // More lines follow.
    if (to > from + 3 && bytes[from + 3] === hyphen) return false;
    if (this.#startTls) {
      if (code === 220) return true;
      if (code >= 400) this.#startTls = false;
    }
    if (this.#sasl.isOpen) {
      if (code === 334) this.#sasl.challenge(bytes, Math.min(to, from + 4), to);
      else this.#sasl.close();
    }
    if (code === 220) return false;
    this.#answered += 1;
    const isFor = (asked: number): boolean => asked > 0 && (this.#counts ? this.#answered >= asked : true);
    if (isFor(this.#endAsked)) {
      this.#endAsked = 0;
      this.#context.note(tagsField, `smtp:statuscode:${code}`);
    } else if (isFor(this.#dataAsked)) {
      this.#dataAsked = 0;
      if (code >= 400) this.#phase = Phase.command;
    }
    return false;
  }

  #name(protocol: string): void {
    if (this.#isNamed) return;
    this.#isNamed = true;
    this.#context.protocol(protocol);
  }
}

function isLetter(byte: number): boolean {
  return (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a;
}

/** `250`, `250 text`, `250-text`. */
function isReply(bytes: Buffer, from: number, to: number): boolean {
  for (let at = from; at < from + 3; at += 1) {
    if (at >= to || (bytes[at] as number) < 0x30 || (bytes[at] as number) > 0x39) return false;
  }
  return to === from + 3 || bytes[from + 3] === 0x20 || bytes[from + 3] === hyphen;
}
