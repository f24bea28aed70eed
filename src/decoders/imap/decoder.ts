// IMAP (RFC 3501, RFC 9051) in one session: which mailboxes are opened and by whom, and the headers of the messages that
// are fetched, until STARTTLS or COMPRESS changes the stream. Literals are counted off. Made for each session by the
// definition; runs on packet workers.

import { userField } from '../../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { LineReader } from '../line-reader.ts';
import { HeaderBlock, noteMailHeader } from '../mime/index.ts';
import { SaslExchange } from '../sasl/index.ts';
import { textOf } from '../wire-text.ts';
import { imapAnomalies } from './anomalies.ts';
import { imapFields } from './fields.ts';
import type { ImapOptions } from './options.ts';

/** Literals of commands up to this length are arguments, longer ones contents. */
const argumentMost = 1024;
/** Longest command that is put together from lines and literals. */
const commandMost = 8192;

/** Words of a command that are read: tag, name, and arguments. */
const wordsMost = 8;

/** `{n}` or `{n+}` at the end of a line: n bytes follow behind the line (RFC 9051 section 4.3). */
const literalMark = /\{(\d{1,10})\+?\}$/;
/** Longest such mark. */
const markMost = 13;
/** What a literal of FETCH brings that begins with a header. */
const headerItem = /(?:BODY\[(?:HEADER[^\]]*)?\](?:<\d+>)?|RFC822(?:\.HEADER)?)\s*$/i;

const noted = new Set(['from', 'to', 'cc', 'bcc', 'subject']);

const asterisk = 0x2a;
const plus = 0x2b;

class Side {
  readonly lines: LineReader;
  /** Bytes of the literal that are still to come. */
  literal = 0;
  constructor(limit: number) {
    this.lines = new LineReader(limit);
  }
}

export class ImapDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #sides: [Side, Side];
  readonly #headerLines: LineReader;
  readonly #header: HeaderBlock;
  readonly #sasl: SaslExchange;
  #client: Direction | undefined;
  /** The client's command as far as it came. */
  #command: string;
  /** The client's literal that is an argument, as far as it came. */
  #argument: string | undefined;
  /** The server's literal has a header, whose end has not come. */
  #readsHeader: boolean;
  /** Tag of the command whose success changes the stream, and whether to TLS. */
  #switchTag: string;
  #switchToTls: boolean;

  constructor(context: DecoderContext, options: ImapOptions) {
    this.#context = context;
    this.#sides = [new Side(options.max_line_bytes), new Side(options.max_line_bytes)];
    this.#headerLines = new LineReader(options.max_line_bytes);
    this.#header = new HeaderBlock(options.max_line_bytes, options.max_headers, (name, raw) => {
      if (noted.has(name)) noteMailHeader(context, name, raw);
    });
    this.#sasl = new SaslExchange(context, '');
    this.#client = undefined;
    this.#command = '';
    this.#argument = undefined;
    this.#readsHeader = false;
    this.#switchTag = '';
    this.#switchToTls = false;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    const { lines } = side;
    for (let at = from; at < to; ) {
      if (side.literal > 0) {
        if (!this.#wantsLiteral(direction)) {
          const passed = side.literal;
          side.literal = 0;
          at += passed;
          if (at > to) return at - to;
          continue;
        }
        at = this.#literal(direction, side, bytes, at, to);
        continue;
      }
      const end = lines.read(bytes, at, to);
      if (end < 0) return 0;
      at = end;
      if (lines.tooLong) this.#context.anomaly(imapAnomalies.line_too_long, timeUs);
      this.#client ??= isResponse(lines.bytes, lines.from, lines.to) ? (direction === 0 ? 1 : 0) : direction;
      if (direction === this.#client) this.#clientLine(side);
      else {
        const change = this.#serverLine(side);
        if (change === DONE) return DONE;
        if (change === HANDOVER) {
          this.#context.handoverAt = at;
          return HANDOVER;
        }
      }
    }
    return 0;
  }

  skipped(): void {}

  gap(direction: Direction): boolean {
    const side = this.#sides[direction];
    side.lines.clear();
    side.literal = 0;
    if (direction === this.#client) {
      this.#command = '';
      this.#argument = undefined;
    } else this.#endHeader();
    return true;
  }

  finished(): void {}

  end(): void {}

  #wantsLiteral(direction: Direction): boolean {
    return direction === this.#client ? this.#argument !== undefined : this.#readsHeader;
  }

  /** Reads on in a literal. @returns the offset behind what was read */
  #literal(direction: Direction, side: Side, bytes: Buffer, at: number, to: number): number {
    const stop = Math.min(to, at + side.literal);
    if (direction === this.#client) {
      this.#argument = `${this.#argument ?? ''}${bytes.toString('latin1', at, stop)}`;
      side.literal -= stop - at;
      if (side.literal === 0) {
        this.#addToCommand(`"${this.#argument.replace(/["\\]/g, '\\$&')}"`);
        this.#argument = undefined;
      }
      return stop;
    }
    const lines = this.#headerLines;
    let position = at;
    while (position < stop && this.#readsHeader) {
      const end = lines.read(bytes, position, stop);
      position = end < 0 ? stop : end;
      if (end >= 0 && this.#header.line(lines.bytes, lines.from, lines.to)) this.#endHeader();
    }
    side.literal -= position - at;
    if (side.literal === 0 && this.#readsHeader) {
      if (lines.rest()) this.#header.line(lines.bytes, lines.from, lines.to);
      this.#endHeader();
    }
    return position;
  }

  #endHeader(): void {
    this.#readsHeader = false;
    this.#header.finish();
    this.#header.reset();
    this.#headerLines.clear();
  }

  #clientLine(side: Side): void {
    const { bytes, from, to } = side.lines;
    if (this.#command === '' && this.#sasl.isOpen) {
      this.#sasl.answer(bytes, from, to);
      return;
    }
    const mark = markOf(bytes, from, to);
    if (mark === undefined) {
      this.#addToCommand(bytes.toString('latin1', from, to));
      const command = this.#command;
      this.#command = '';
      this.#run(command);
      return;
    }
    this.#addToCommand(bytes.toString('latin1', from, to - mark[0].length));
    side.literal = Number(mark[1]);
    if (side.literal === 0) this.#addToCommand('""');
    else if (side.literal <= argumentMost) this.#argument = '';
  }

  #addToCommand(text: string): void {
    if (this.#command.length < commandMost) this.#command += text;
  }

  #run(command: string): void {
    const [tag = '', name = '', ...rest] = wordsOf(command);
    switch (name.toUpperCase()) {
      case 'LOGIN':
        if (rest[0] !== undefined && rest[0] !== '') this.#context.note(userField, asText(rest[0]).toLowerCase());
        return;
      case 'AUTHENTICATE': {
        if (rest[0] === undefined) return;
        const response = Buffer.from(rest[1] ?? '', 'latin1');
        this.#sasl.begin(rest[0], response, 0, response.length);
        return;
      }
      case 'SELECT':
      case 'EXAMINE':
        if (rest[0] !== undefined && rest[0] !== '') this.#context.note(imapFields.folder, asText(rest[0]));
        return;
      case 'STARTTLS':
      case 'COMPRESS':
        this.#switchTag = tag;
        this.#switchToTls = name.length === 8 && name.toUpperCase() === 'STARTTLS';
        return;
    }
  }

  /** @returns HANDOVER when TLS begins behind it, DONE when it is compressed from here on, else 0 */
  #serverLine(side: Side): number {
    const { bytes, from, to } = side.lines;
    if (from === to) return 0;
    if (bytes[from] === plus) {
      if (this.#sasl.isOpen) this.#sasl.challenge(bytes, Math.min(to, from + 2), to);
      return 0;
    }
    const mark = markOf(bytes, from, to);
    if (mark !== undefined) {
      side.literal = Number(mark[1]);
      const end = to - mark[0].length;
      this.#readsHeader = side.literal > 0 && headerItem.test(bytes.toString('latin1', Math.max(from, end - 1024), end));
      return 0;
    }
    if (bytes[from] === asterisk || (!this.#sasl.isOpen && this.#switchTag === '')) return 0;
    const [, tag, status] = /^(\S+) (OK|NO|BAD)\b/i.exec(bytes.toString('latin1', from, Math.min(to, from + 256))) ?? [];
    if (tag === undefined || status === undefined) return 0;
    this.#sasl.close();
    if (tag !== this.#switchTag) return 0;
    this.#switchTag = '';
    if (status.toUpperCase() !== 'OK') return 0;
    return this.#switchToTls ? HANDOVER : DONE;
  }
}

function markOf(bytes: Buffer, from: number, to: number): RegExpExecArray | undefined {
  if (from === to || bytes[to - 1] !== 0x7d) return undefined;
  return literalMark.exec(bytes.toString('latin1', Math.max(from, to - markMost - 1), to)) ?? undefined;
}

/** `* …`, `+ …`: only servers begin lines like that. */
function isResponse(bytes: Buffer, from: number, to: number): boolean {
  return from < to && (bytes[from] === asterisk || bytes[from] === plus);
}

function asText(latin1: string): string {
  const bytes = Buffer.from(latin1, 'latin1');
  return textOf(bytes, 0, bytes.length);
}

/** The first atoms and quoted strings of a command, a character each byte. Further ones are not looked for: quotes that stay open cost a search each. */
function wordsOf(command: string): string[] {
  const words: string[] = [];
  for (const [whole, quoted] of command.matchAll(/"((?:[^"\\]|\\.)*)"|[^\s()"]+/g)) {
    words.push(quoted === undefined ? whole : quoted.replace(/\\(.)/g, '$1'));
    if (words.length === wordsMost) break;
  }
  return words;
}
