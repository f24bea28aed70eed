// SASL exchanges (RFC 4422) in the base64 lines of SMTP (RFC 4954), IMAP (RFC 9051 section 6.2.2) and POP3 (RFC 5034):
// who signs in, by which mechanism. Secrets are passed over; NTLM messages of both sides go to their reader. One for each session,
// used by its decoder on a packet worker.

import { tagsField, userField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { noteSecurityTokenBase64 } from '../ntlm/index.ts';

/** Mechanisms that are told by a tag: `smtp:authlogin`. */
const tagged = new Set(['LOGIN', 'PLAIN', 'NTLM']);

/** Mechanisms whose lines are tokens of security packages, on both sides. */
const withTokens = new Set(['NTLM', 'GSS-SPNEGO']);

/** Longest user name, and longest answer that is read for one. */
const userMost = 320;
const answerMost = 16_384;

const asterisk = 0x2a;

export class SaslExchange {
  readonly #context: DecoderContext;
  readonly #tag: string;
  #mechanism: string;
  #step: number;

  /** @param tag what tags for mechanisms begin with, `smtp:auth`; '' for none */
  constructor(context: DecoderContext, tag: string) {
    this.#context = context;
    this.#tag = tag;
    this.#mechanism = '';
    this.#step = 0;
  }

  /** An exchange is under way: the client's next line is an answer, no command. */
  get isOpen(): boolean {
    return this.#mechanism !== '';
  }

  /** The client asks for a mechanism; its initial response, if it has one, is `bytes[from, to)`. */
  begin(mechanism: string, bytes: Buffer, from: number, to: number): void {
    this.#mechanism = mechanism.toUpperCase();
    this.#step = 0;
    if (this.#tag !== '' && tagged.has(this.#mechanism)) {
      this.#context.note(tagsField, `${this.#tag}${this.#mechanism.toLowerCase()}`);
    }
    if (from < to) this.answer(bytes, from, to);
  }

  /** The server has said how it ended, or that it does not begin. */
  close(): void {
    this.#mechanism = '';
  }

  /** A line of the client: base64, or `*`, which gives up. */
  answer(bytes: Buffer, from: number, to: number): void {
    if (to - from === 1 && bytes[from] === asterisk) {
      this.close();
      return;
    }
    if (withTokens.has(this.#mechanism)) {
      noteSecurityTokenBase64(this.#context, bytes, from, to);
      return;
    }
    const step = this.#step;
    this.#step += 1;
    if (step > 0 || to - from > answerMost) return;
    this.#user(Buffer.from(bytes.toString('latin1', from, to), 'base64').toString());
  }

  /** A challenge of the server, its base64 alone. */
  challenge(bytes: Buffer, from: number, to: number): void {
    if (withTokens.has(this.#mechanism)) noteSecurityTokenBase64(this.#context, bytes, from, to);
  }

  /** Of the first answer. */
  #user(answer: string): void {
    let name = '';
    if (this.#mechanism === 'LOGIN') name = answer;
    // authorization identity NUL authentication identity NUL password, RFC 4616.
    else if (this.#mechanism === 'PLAIN') name = answer.split('\0', 2)[1] ?? '';
    // RFC 2195: the name, a blank, the digest in hex.
    else if (this.#mechanism === 'CRAM-MD5') name = answer.slice(0, Math.max(0, answer.lastIndexOf(' ')));
    else if (this.#mechanism === 'XOAUTH2' && answer.startsWith('user=')) name = answer.slice(5).split('\u0001', 1)[0] ?? '';
    if (name !== '' && name.length <= userMost) this.#context.note(userField, name.toLowerCase());
  }
}
