// POP3 (RFC 1939) in one session: who signs in and how (USER, APOP, AUTH of RFC 5034), until STLS (RFC 2595) hands the
// stream over. Messages pass unread. Made for each session by the definition; runs on packet workers.

import { userField } from '../../record/index.ts';
import { type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { LineDecoder } from '../line-decoder.ts';
import type { LineReader } from '../line-reader.ts';
import { SaslExchange } from '../sasl/index.ts';
import { textOf } from '../wire-text.ts';
import { pop3Anomalies } from './anomalies.ts';
import type { Pop3Options } from './options.ts';

const userMost = 320;
const plus = 0x2b;

export class Pop3Decoder extends LineDecoder {
  readonly #sasl: SaslExchange;
  #client: Direction | undefined;
  #startTls: boolean;

  constructor(context: DecoderContext, options: Pop3Options) {
    super(context, options.max_line_bytes);
    this.#sasl = new SaslExchange(context, 'pop3:auth');
    this.#client = undefined;
    this.#startTls = false;
  }

  protected line(direction: Direction, { bytes, from, to, tooLong }: LineReader, timeUs: number): number {
    this.#client ??= isStatus(bytes, from, to) ? (direction === 0 ? 1 : 0) : direction;
    if (direction !== this.#client) return this.#serverLine(bytes, from, to) ? HANDOVER : 0;
    if (tooLong) this.context.anomaly(pop3Anomalies.line_too_long, timeUs);
    this.#clientLine(bytes, from, to);
    return 0;
  }

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
    if (name !== '' && name.length <= userMost) this.context.note(userField, name.toLowerCase());
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
