// What Arkime's document says of a body: its hashes, its media type, the body itself when it is a short text. Fed piece by piece
// with the bytes as transferred (content codings left on, chunk framing off), on a packet worker. Keeps the first bytes only.

import { isUtf8 } from 'node:buffer';
import { createHash, type Hash } from 'node:crypto';
import { tagsField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { mediaTypeBytes, mediaTypeOf } from '../media-type/index.ts';
import { bodyMagicField, md5Field, requestBodyField, sha256Field } from './fields.ts';

export interface BodySettings {
  /** Longest request body that is noted, in bytes. */
  readonly maxRequestBody: number;
  readonly sha256: boolean;
  readonly bodyTypes: boolean;
}

/** Bytes of a body that are searched for a password. */
const searchedBytes = 2048;
const password = /pass(?:word|wd)?=/i;

export class BodyDigest {
  readonly #settings: BodySettings;
  readonly #context: DecoderContext;
  #isRequest = false;
  #md5: Hash | undefined = undefined;
  #sha256: Hash | undefined = undefined;
  #length = 0;
  /** Its first bytes. */
  #first: Buffer | undefined = undefined;
  #firstLength = 0;
  /** A part of it was lost. */
  #holed = false;

  constructor(context: DecoderContext, settings: BodySettings) {
    this.#context = context;
    this.#settings = settings;
  }

  /** The next bytes of the body of a request, or of a response. */
  add(isRequest: boolean, bytes: Buffer, from: number, to: number): void {
    if (from >= to) return;
    if (this.#md5 === undefined) {
      this.#isRequest = isRequest;
      this.#md5 = createHash('md5');
      if (this.#settings.sha256) this.#sha256 = createHash('sha256');
    }
    this.#length += to - from;
    const piece = bytes.subarray(from, to);
    this.#md5.update(piece);
    this.#sha256?.update(piece);
    this.#keepFirst(bytes, from, to);
  }

  /** Some bytes of the body were lost: what comes after them is no longer hashed as if it were the body. */
  addHole(): void {
    this.#holed = true;
  }

  /** The body has ended, or (not `whole`) what was seen of it. */
  end(whole: boolean): void {
    if (this.#md5 !== undefined) {
      if (whole && !this.#holed) {
        this.#context.note(md5Field, this.#md5.digest('hex'));
        if (this.#sha256 !== undefined) this.#context.note(sha256Field, this.#sha256.digest('hex'));
      }
      this.#noteFirst();
    }
    this.#md5 = undefined;
    this.#sha256 = undefined;
    this.#length = 0;
    this.#firstLength = 0;
    this.#holed = false;
  }

  #keepFirst(bytes: Buffer, from: number, to: number): void {
    const most = Math.max(mediaTypeBytes, searchedBytes, this.#settings.maxRequestBody);
    const wanted = Math.min(to - from, most - this.#firstLength);
    if (wanted <= 0 || this.#holed) return;
    const needed = this.#firstLength + wanted;
    if (this.#first === undefined || this.#first.length < needed) {
      const larger = Buffer.allocUnsafe(Math.min(most, Math.max(needed, 1024)));
      this.#first?.copy(larger, 0, 0, this.#firstLength);
      this.#first = larger;
    }
    bytes.copy(this.#first, this.#firstLength, from, from + wanted);
    this.#firstLength = needed;
  }

  #noteFirst(): void {
    const first = this.#first;
    const length = this.#firstLength;
    if (first === undefined || length === 0) return;
    if (this.#settings.bodyTypes) {
      const type = mediaTypeOf(first, 0, Math.min(length, mediaTypeBytes));
      if (type !== '') this.#context.note(bodyMagicField, type);
    }
    if (password.test(first.toString('latin1', 0, Math.min(length, searchedBytes))))
      this.#context.note(tagsField, 'http:password');
    if (!this.#isRequest || this.#holed || this.#length > this.#settings.maxRequestBody) return;
    const body = first.subarray(0, length);
    if (isUtf8(body) && !body.includes(0)) this.#context.note(requestBodyField, body.toString('utf8'));
  }
}
