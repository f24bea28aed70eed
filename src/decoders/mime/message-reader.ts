// A mail message out of its lines: its header, the parts of multipart bodies (RFC 2046), forwarded messages in them, and
// the contents of parts in base64, which are hashed as they pass. Nothing of a body is kept. Called by SMTP for each
// message on a packet worker.

import { createHash, type Hash } from 'node:crypto';
import type { DecoderContext } from '../contract.ts';
import { lineEnd } from '../line-reader.ts';
import { mediaTypeBytes, mediaTypeOf } from '../media-type/index.ts';
import { Base64Stream } from './base64.ts';
import { mailFields } from './fields.ts';
import { HeaderBlock } from './header-block.ts';
import { MailHeaders, type MailSettings } from './mail-headers.ts';
import { fieldValue, parameter } from './parameters.ts';

/** Open multiparts, one in another. */
const depthMost = 16;
/** RFC 2046 section 5.1.1 has 70. */
const boundaryMost = 200;
/** Characters of a file's name. */
const nameMost = 4095;

const State = { header: 0, body: 1, partHeader: 2, content: 3, between: 4 } as const;
type State = (typeof State)[keyof typeof State];

const dash = 0x2d;
const dot = 0x2e;

/** A part in base64 as it passes. */
class Content {
  readonly #stream = new Base64Stream();
  readonly #md5: Hash = createHash('md5');
  readonly #sha256: Hash | undefined;
  readonly #start: Buffer | undefined;
  #length = 0;

  constructor(settings: MailSettings) {
    this.#sha256 = settings.sha256 ? createHash('sha256') : undefined;
    this.#start = settings.magic ? Buffer.allocUnsafe(mediaTypeBytes) : undefined;
  }

  /** The next bytes, cut wherever. */
  take(bytes: Buffer, from: number, to: number): void {
    if (pendingOf !== this || pending.length - pendingBytes < to - from + 3) {
      pendingOf?.hash();
      pendingOf = this;
      if (pending.length < to - from + 3) pending = Buffer.allocUnsafe(to - from + 3);
    }
    pendingBytes = this.#stream.decode(bytes, from, to, pending, pendingBytes);
  }

  /** Hashes what waits. */
  hash(): void {
    const length = pendingBytes;
    pendingBytes = 0;
    pendingOf = undefined;
    if (length === 0) return;
    const piece = pending.subarray(0, length);
    this.#md5.update(piece);
    this.#sha256?.update(piece);
    if (this.#start !== undefined && this.#length < this.#start.length) piece.copy(this.#start, this.#length);
    this.#length += length;
  }

  finish(context: DecoderContext): void {
    if (pendingOf === this) this.hash();
    if (this.#length === 0) return;
    context.note(mailFields.fileMd5, this.#md5.digest('hex'));
    if (this.#sha256 !== undefined) context.note(mailFields.fileSha256, this.#sha256.digest('hex'));
    if (this.#start === undefined) return;
    const type = mediaTypeOf(this.#start, 0, Math.min(this.#length, this.#start.length));
    if (type !== '') context.note(mailFields.fileMagic, type);
  }
}

/**
 * Decoded bytes that wait to be hashed, so that it is not done line by line: one place for the thread, since the lines of a
 * content mostly come many after each other.
 */
let pending = Buffer.allocUnsafe(8192);
let pendingBytes = 0;
let pendingOf: Content | undefined;

export class MessageReader {
  readonly #context: DecoderContext;
  readonly #settings: MailSettings;
  readonly #headers: MailHeaders;
  readonly #block: HeaderBlock;
  /** Boundaries of open multiparts, the innermost last. */
  #boundaries: Buffer[];
  #state: State;
  #content: Content | undefined;
  #partIsBase64: boolean;
  #partIsMessage: boolean;

  constructor(context: DecoderContext, settings: MailSettings) {
    this.#context = context;
    this.#settings = settings;
    this.#headers = new MailHeaders(context, settings);
    this.#block = new HeaderBlock(settings.maxHeaderBytes, settings.maxHeaders, (name, value) => this.#field(name, value));
    this.#boundaries = [];
    this.#state = State.header;
    this.#content = undefined;
    this.#partIsBase64 = false;
    this.#partIsMessage = false;
  }

  /** The next line of the message, without its end. */
  line(bytes: Buffer, from: number, to: number): void {
    if (this.#state === State.header) {
      if (this.#block.line(bytes, from, to)) this.#state = State.body;
      return;
    }
    if (this.#boundaries.length > 0 && bytes[from] === dash && bytes[from + 1] === dash && this.#isDelimiter(bytes, from, to))
      return;
    if (this.#state === State.partHeader) {
      if (this.#block.line(bytes, from, to)) this.#partBegins();
    } else if (this.#state === State.content) this.#content?.take(bytes, from, to);
  }

  /**
   * Takes the whole lines that `bytes[from, to)` begins with, as far as none of them can be more than content: one that begins
   * with a dot (SMTP's own) or a dash (a boundary), and one of over `limit` bytes, is left to be read by itself.
   * @returns where the next line begins
   */
  contentLines(bytes: Buffer, from: number, to: number, limit: number): number {
    if (this.#state === State.header || this.#state === State.partHeader) return from;
    let next = from;
    while (next < to && bytes[next] !== dash && bytes[next] !== dot) {
      const end = lineEnd(bytes, next, to);
      if (end === to || end - next > limit) break;
      next = end + 1;
    }
    // Line ends are passed over like all that is not base64.
    if (next > from && this.#state === State.content) this.#content?.take(bytes, from, next);
    return next;
  }

  /** The message is over; the next line begins another one. */
  finish(): void {
    this.#block.finish();
    this.#closePart();
    this.reset();
  }

  /** Bytes of the message were lost: of the content at hand nothing is said. */
  lost(): void {
    this.#content = undefined;
  }

  /** Forgets what was begun. */
  reset(): void {
    this.#block.reset();
    this.#boundaries = [];
    this.#state = State.header;
    this.#content = undefined;
  }

  #field(name: string, raw: string): void {
    if (this.#state === State.header) this.#headers.field(name, raw);
    if (name === 'content-type') this.#contentType(raw);
    else if (this.#state !== State.partHeader) return;
    else if (name === 'content-disposition') this.#fileName(parameter(raw, 'filename'));
    else if (name === 'content-transfer-encoding') this.#partIsBase64 = /^\s*base64\b/i.test(raw);
  }

  #contentType(raw: string): void {
    const boundary = parameter(raw, 'boundary');
    if (boundary !== undefined && boundary !== '' && boundary.length <= boundaryMost && this.#boundaries.length < depthMost)
      this.#boundaries.push(Buffer.from(boundary, 'latin1'));
    if (this.#state !== State.partHeader) return;
    const type = fieldValue(raw).toLowerCase();
    this.#partIsMessage = type === 'message/rfc822';
    const name = parameter(raw, 'name');
    if (name === undefined) return;
    this.#fileName(name);
    if (type !== '') this.#context.note(mailFields.fileType, type);
  }

  #fileName(name: string | undefined): void {
    if (name !== undefined && name !== '') this.#context.note(mailFields.fileName, name.slice(0, nameMost));
  }

  /** `--boundary`, `--boundary--` and blanks behind; an outer one ends the multiparts in it. */
  #isDelimiter(bytes: Buffer, from: number, to: number): boolean {
    for (let depth = this.#boundaries.length - 1; depth >= 0; depth -= 1) {
      const boundary = this.#boundaries[depth] as Buffer;
      let end = from + 2 + boundary.length;
      if (end > to || bytes.compare(boundary, 0, boundary.length, from + 2, end) !== 0) continue;
      const isLast = end + 2 <= to && bytes[end] === dash && bytes[end + 1] === dash;
      if (isLast) end += 2;
      while (end < to && (bytes[end] === 0x20 || bytes[end] === 0x09)) end += 1;
      if (end !== to) continue;
      this.#block.finish();
      this.#closePart();
      this.#boundaries.length = isLast ? depth : depth + 1;
      this.#state = isLast ? State.between : State.partHeader;
      this.#block.reset();
      this.#partIsBase64 = false;
      this.#partIsMessage = false;
      return true;
    }
    return false;
  }

  #partBegins(): void {
    if (this.#partIsMessage && !this.#partIsBase64) {
      // The header of the message that is forwarded: its parts are parts as well.
      this.#partIsMessage = false;
      this.#block.reset();
      return;
    }
    this.#state = State.content;
    this.#content = this.#partIsBase64 ? new Content(this.#settings) : undefined;
  }

  #closePart(): void {
    this.#content?.finish(this.#context);
    this.#content = undefined;
  }
}
