// SIP (RFC 3261) in one session, over streams and in datagrams: methods, statuses, parties. Bodies are passed over. Made
// for each session by the definition; runs on packet workers.

import type { SessionField } from '../../record/index.ts';
import type { Decoder, DecoderContext, Direction } from '../contract.ts';
import { LineReader } from '../line-reader.ts';
import { HeaderBlock } from '../mime/index.ts';
import { textOf } from '../wire-text.ts';
import { sipAnomalies } from './anomalies.ts';
import { sipFields } from './fields.ts';
import type { SipOptions } from './options.ts';

/** Fields by header, in lower case, with the compact forms of section 7.3.3. */
const headers: ReadonlyMap<string, SessionField> = new Map([
  ['from', sipFields.from],
  ['f', sipFields.from],
  ['to', sipFields.to],
  ['t', sipFields.to],
  ['call-id', sipFields.callId],
  ['i', sipFields.callId],
  ['via', sipFields.via],
  ['v', sipFields.via],
  ['contact', sipFields.contact],
  ['m', sipFields.contact],
  ['user-agent', sipFields.userAgent],
]);

const requestLine = /^([A-Za-z][A-Za-z0-9.!%*_+`'~-]{0,39}) [A-Za-z][A-Za-z0-9+.-]*:\S+ SIP\/\d\.\d$/;
const statusLine = /^SIP\/\d\.\d (\d{3})(?: |$)/;
/** User part of a SIP URI before its password, or the number of a tel URI. */
const userPart = /\bsips?:([^@:;>?\s]+)(?::[^@\s]{0,128})?@|\btel:([^;>\s]+)/i;

/** A message of one direction as its lines come. */
class Side {
  readonly lines: LineReader;
  readonly block: HeaderBlock;
  inHeader: boolean;
  /** Bytes of the body; -1: a length that is none. */
  bodyLength: number;

  constructor(options: SipOptions, field: (side: Side, name: string, raw: string) => void) {
    this.lines = new LineReader(options.max_line_bytes);
    this.block = new HeaderBlock(options.max_line_bytes, options.max_headers, (name, raw) => field(this, name, raw));
    this.inHeader = false;
    this.bodyLength = 0;
  }

  reset(): void {
    this.lines.clear();
    this.block.reset();
    this.inHeader = false;
    this.bodyLength = 0;
  }
}

export class SipDecoder implements Decoder {
  #context: DecoderContext;
  readonly #sides: [Side, Side];

  constructor(context: DecoderContext, options: SipOptions) {
    this.#context = context;
    const field = (side: Side, name: string, raw: string): void => this.#field(side, name, raw);
    this.#sides = [new Side(options, field), new Side(options, field)];
  }

  /** A datagram is a whole message. */
  get isIdle(): boolean {
    return this.#context.transport !== 'tcp';
  }

  recycle(context: DecoderContext): void {
    this.#context = context;
    for (const side of this.#sides) side.reset();
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    const { lines } = side;
    const isStream = this.#context.transport === 'tcp';
    let at = from;
    while (at < to) {
      const end = lines.read(bytes, at, to);
      if (end < 0) break;
      at = end;
      if (lines.tooLong) this.#context.anomaly(sipAnomalies.line_too_long, timeUs);
      if (!this.#line(side, lines)) continue;
      if (side.bodyLength < 0) this.#context.anomaly(sipAnomalies.bad_length, timeUs);
      if (!isStream) break;
      at += Math.max(0, side.bodyLength);
      side.bodyLength = 0;
    }
    if (!isStream) {
      if (lines.rest() && side.inHeader) this.#line(side, lines);
      side.block.finish();
      side.reset();
      return 0;
    }
    return Math.max(0, at - to);
  }

  skipped(): void {}

  gap(direction: Direction): boolean {
    this.#sides[direction].reset();
    return true;
  }

  finished(): void {}

  end(): void {}

  /** @returns true when it was the empty one behind the header */
  #line(side: Side, lines: LineReader): boolean {
    const { bytes, from, to } = lines;
    if (side.inHeader) {
      if (!side.block.line(bytes, from, to)) return false;
      side.inHeader = false;
      return true;
    }
    // Empty lines between messages keep connections alive, RFC 5626 section 3.5.1; others are what a hole left.
    const line = bytes.toString('latin1', from, to);
    const method = requestLine.exec(line);
    const status = method === null ? statusLine.exec(line) : null;
    if (method !== null) this.#context.note(sipFields.method, method[1] as string);
    else if (status !== null) this.#context.note(sipFields.status, Number(status[1]));
    else return false;
    side.inHeader = true;
    side.block.reset();
    side.bodyLength = 0;
    return false;
  }

  #field(side: Side, name: string, raw: string): void {
    const value = raw.trim();
    if (name === 'content-length' || name === 'l') {
      side.bodyLength = /^\d{1,9}$/.test(value) ? Number(value) : -1;
      return;
    }
    const field = headers.get(name);
    if (field === undefined || value === '') return;
    const text = Buffer.from(value, 'latin1');
    this.#context.note(field, textOf(text, 0, text.length));
    if (field !== sipFields.from && field !== sipFields.to) return;
    const [, sip, tel] = userPart.exec(value) ?? [];
    const user = sip ?? tel;
    if (user !== undefined) this.#context.note(sipFields.user, user);
  }
}
