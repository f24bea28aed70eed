// POP3 (RFC 1939) in one session: who signs in and how (USER, APOP, AUTH of RFC 5034), until STLS (RFC 2595) hands the
// stream over. Messages pass unread. Made for each session by the definition; runs on packet workers.

import { userField } from '../../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { LineReader } from '../line-reader.ts';
import { SaslExchange } from '../sasl/index.ts';
import { textOf } from '../wire-text.ts';
import { pop3Anomalies } from './anomalies.ts';
import type { Pop3Options } from './options.ts';

const userMost = 320;
const plus = 0x2b;

export class Pop3Decoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #lines: [LineReader, LineReader];
  readonly #sasl: SaslExchange;
  #client: Direction | undefined;
  #startTls: boolean;

  constructor(context: DecoderContext, options: Pop3Options) {
    this.#context = context;
    this.#lines = [new LineReader(options.max_line_bytes), new LineReader(options.max_line_bytes)];
    this.#sasl = new SaslExchange(context, 'pop3:auth');
    this.#client = undefined;
    this.#startTls = false;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const lines = this.#lines[direction];
    for (let at = from; at < to; ) {
      const end = lines.read(bytes, at, to);
      if (end < 0) return 0;
      at = end;
      this.#client ??= isStatus(lines.bytes, lines.from, lines.to) ? (direction === 0 ? 1 : 0) : direction;
      if (direction === this.#client) {
        if (lines.tooLong) this.#context.anomaly(pop3Anomalies.line_too_long, timeUs);
        this.#clientLine(lines.bytes, lines.from, lines.to);
      } else if (this.#serverLine(lines.bytes, lines.from, lines.to)) {
        this.#context.handoverAt = at;
        return HANDOVER;
      }
    }
    return 0;
  }

  skipped(): void {}

  gap(direction: Direction): boolean {
    this.#lines[direction].clear();
    return true;
  }

  finished(): void {}

  end(): void {}

  #clientLine(bytes: Buffer, from: number, to: number): void {
    if (this.#sasl.isOpen) {
      this.#sasl.answer(bytes, from, to);
      return;
    }
    const line = textOf(bytes, from, Math.min(to, from + userMost + 40));
    const [command = '', first = '', second = ''] = line.trim().split(/\s+/, 3);
    switch (command.toUpperCase()) {
      case 'USER':
        this.#user(line.trim().slice(4).trim());
        return;
      case 'APOP':
        if (second !== '') this.#user(first);
        return;
      case 'STLS':
        this.#startTls = true;
        return;
      case 'AUTH':
        if (first !== '') this.#sasl.begin(first, bytes, Math.min(to, responseAt(bytes, from, to)), to);
        return;
    }
  }

  #user(name: string): void {
    if (name !== '' && name.length <= userMost) this.#context.note(userField, name.toLowerCase());
  }

  /** @returns true when TLS begins behind it */
  #serverLine(bytes: Buffer, from: number, to: number): boolean {
    if (from === to || (!this.#startTls && !this.#sasl.isOpen)) return false;
    if (bytes[from] === plus && (to === from + 1 || bytes[from + 1] === 0x20)) {
      this.#sasl.challenge(bytes, Math.min(to, from + 2), to);
      return false;
    }
    if (!isStatus(bytes, from, to)) return false;
    this.#sasl.close();
    const switches = this.#startTls && bytes[from] === plus;
    this.#startTls = false;
    return switches;
  }
}

/** Behind the second word: where the initial response of `AUTH mechanism response` stands. */
function responseAt(bytes: Buffer, from: number, to: number): number {
  const words = /^\s*\S+\s+\S+\s*/.exec(bytes.toString('latin1', from, Math.min(to, from + 80)));
  return from + (words?.[0].length ?? to - from);
}

/** `+OK`, `-ERR`. */
function isStatus(bytes: Buffer, from: number, to: number): boolean {
  return /^(?:\+OK|-ERR)/.test(bytes.toString('latin1', from, Math.min(to, from + 4)));
}
