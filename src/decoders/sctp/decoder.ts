// Walks the chunks of SCTP packets (RFC 9260 section 3) and hands user messages on: whole ones where they lie, others once all
// their fragments are there. Made for each session by the definition; runs on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { Decoder, DecoderContext, Direction } from '../contract.ts';
import { sctpAnomalies } from './anomalies.ts';
import { sctpFields } from './fields.ts';
import { FragmentStore } from './fragment-store.ts';
import type { SctpOptions } from './options.ts';
import { readUserMessage } from './user-message.ts';

const Chunk = { data: 0, interleavedData: 64 } as const;
const chunkHeader = 4;
const Flag = { end: 0x01, begin: 0x02, unordered: 0x04 } as const;

export class SctpDecoder implements Decoder {
  #context: DecoderContext;
  readonly #options: SctpOptions;
  /** Fragments of unfinished messages; made for the first one. */
  #fragments: FragmentStore | undefined = undefined;

  constructor(context: DecoderContext, options: SctpOptions) {
    this.#context = context;
    this.#options = options;
  }

  get isIdle(): boolean {
    return this.#fragments === undefined || this.#fragments.isEmpty;
  }

  recycle(context: DecoderContext): void {
    this.#context = context;
    this.#fragments = undefined;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    for (let at = from; to - at >= chunkHeader; ) {
      const length = bytes.readUInt16BE(at + 2);
      if (length < chunkHeader || length > to - at) {
        this.#context.anomaly(sctpAnomalies.bad_chunk, timeUs);
        return 0;
      }
      const type = bytes[at] as number;
      const flags = bytes[at + 1] as number;
      const body = new ByteCursor(bytes, at + chunkHeader, at + length);
      if (type === Chunk.data) this.#data(direction, flags, body, timeUs);
      else if (type === Chunk.interleavedData) this.#interleavedData(direction, flags, body, timeUs);
      at += (length + 3) & ~3;
    }
    return 0;
  }

  /** RFC 9260 section 3.3.1: fragments of a message have sequence numbers one after the other. */
  #data(direction: Direction, flags: number, body: ByteCursor, timeUs: number): void {
    const sequence = body.u32();
    body.skip(4);
    const protocol = body.u32();
    if (!body.failed) this.#fragment(flags, `${direction}`, sequence, protocol, body, timeUs);
  }

  /** RFC 8260 section 2.1: fragments have numbers of their own within a message of a stream. */
  #interleavedData(direction: Direction, flags: number, body: ByteCursor, timeUs: number): void {
    body.skip(4);
    const stream = body.u16();
    body.skip(2);
    const message = body.u32();
    const word = body.u32();
    if (body.failed) return;
    const isFirst = (flags & Flag.begin) !== 0;
    const key = `${direction}:${flags & Flag.unordered}:${stream}:${message}`;
    // The first fragment has the protocol in the place of its number, 0.
    this.#fragment(flags, key, isFirst ? 0 : word, isFirst ? word : 0, body, timeUs);
  }

  #fragment(flags: number, key: string, number: number, protocol: number, body: ByteCursor, timeUs: number): void {
    const isFirst = (flags & Flag.begin) !== 0;
    const isLast = (flags & Flag.end) !== 0;
    if (isFirst && isLast) {
      this.#message(body.bytes, body.position, body.end, protocol, timeUs);
      return;
    }
    this.#fragments ??= new FragmentStore(this.#options.max_message_bytes, this.#options.max_fragments);
    const store = this.#fragments;
    if (!store.add(key, number, isFirst, isLast, protocol, body.bytes, body.position, body.end)) {
      this.#context.anomaly(sctpAnomalies.too_many_fragments, timeUs);
    }
    const message = store.take(key, number);
    if (message !== undefined) this.#message(message.bytes, 0, message.bytes.length, message.protocol, timeUs);
  }

  #message(bytes: Buffer, from: number, to: number, protocol: number, timeUs: number): void {
    this.#context.note(sctpFields.protocol, protocol);
    readUserMessage(this.#context, protocol, bytes, from, to, timeUs);
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(): void {}
}
