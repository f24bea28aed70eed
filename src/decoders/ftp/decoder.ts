// The control connection of FTP (RFC 959, RFC 4217) in one session: commands, files, replies, until AUTH TLS hands the
// stream over. Made for each session by the definition; runs on packet workers.

import { tagsField, userField } from '../../record/index.ts';
import { type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { LineDecoder } from '../line-decoder.ts';
import type { LineReader } from '../line-reader.ts';
import { textOf } from '../wire-text.ts';
import { ftpAnomalies } from './anomalies.ts';
import { ftpFields } from './fields.ts';
import type { FtpOptions } from './options.ts';

const withFile = new Set(['RETR', 'STOR', 'APPE', 'STOU', 'DELE', 'RNFR', 'RNTO']);
const userMost = 320;
const hyphen = 0x2d;

export class FtpDecoder extends LineDecoder {
  #client: Direction | undefined;
  /** Code of the reply of several lines that is under way; 0: none. */
  #openCode: number;
  #greeted: boolean;
  #authTls: boolean;

  constructor(context: DecoderContext, options: FtpOptions) {
    super(context, options.max_line_bytes);
    this.#client = undefined;
    this.#openCode = 0;
    this.#greeted = false;
    this.#authTls = false;
  }

  protected line(direction: Direction, { bytes, from, to, tooLong }: LineReader, timeUs: number): number {
    if (tooLong) this.context.anomaly(ftpAnomalies.line_too_long, timeUs);
    this.#client ??= codeOf(bytes, from, to) > 0 ? (direction === 0 ? 1 : 0) : direction;
    if (direction !== this.#client) return this.#reply(bytes, from, to) ? HANDOVER : 0;
    this.#command(bytes, from, to);
    return 0;
  }

  override gap(direction: Direction): boolean {
    if (direction !== this.#client) this.#openCode = 0;
    return super.gap(direction);
  }

  #command(bytes: Buffer, from: number, to: number): void {
    let start = from;
    // Telnet's interrupt signals in front of ABOR, RFC 959 section 4.1.3.
    while (start < to && (bytes[start] as number) >= 0xf0) start += 1;
    const words = /^([A-Za-z]{3,4})(?: +(.*))?$/s.exec(textOf(bytes, start, to));
    if (words === null) return;
    const context = this.context;
    const command = (words[1] as string).toUpperCase();
    const argument = words[2] ?? '';
    context.note(ftpFields.command, command);
    if (command === 'USER') {
      if (argument !== '' && argument.length <= userMost) context.note(userField, argument.trim().toLowerCase());
    } else if (command === 'PASS') context.note(tagsField, 'ftp:password');
    else if (command === 'AUTH') this.#authTls = /^(?:TLS|SSL)/i.test(argument);
    else if (argument !== '' && withFile.has(command)) context.note(ftpFields.file, argument);
  }

  /** @returns true when TLS begins behind it */
  #reply(bytes: Buffer, from: number, to: number): boolean {
    const code = codeOf(bytes, from, to);
    const goesOn = to > from + 3 && bytes[from + 3] === hyphen;
    // Lines between the first and the last of a reply may begin with anything.
    if (code === 0 || (this.#openCode > 0 && (code !== this.#openCode || goesOn))) return false;
    const isLast = this.#openCode > 0;
    this.#openCode = goesOn ? code : 0;
    if (!isLast) {
      this.context.note(ftpFields.code, code);
      if (code === 220 && !this.#greeted && to > from + 4) {
        this.#greeted = true;
        this.context.note(ftpFields.banner, textOf(bytes, from + 4, to));
      }
    }
    if (goesOn || !this.#authTls) return false;
    // RFC 4217 section 4.
    if (code === 234 || code === 334) return true;
    if (code >= 400) this.#authTls = false;
    return false;
  }
}

/** Code of `220 text`, `220-text` or `220`; 0 for other lines. */
function codeOf(bytes: Buffer, from: number, to: number): number {
  const [, code] = /^([1-6]\d\d)(?:[ -]|$)/.exec(bytes.toString('latin1', from, Math.min(to, from + 4))) ?? [];
  return code === undefined ? 0 : Number(code);
}
