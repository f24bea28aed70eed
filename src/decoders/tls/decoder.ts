// The TLS decoder of one session. It borrows a handshake reader from the pool and holds nothing once the record is
// out. Runs on a packet worker, made by the session room. Never throws.

import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason } from '../contract.ts';
import { HandshakeReader } from '../tls-handshake/handshake-reader.ts';
import type { TlsOptions } from '../tls-handshake/options.ts';
import { TransactionPool } from '../transaction-pool.ts';

const readers = new TransactionPool(() => new HandshakeReader());

export class TlsDecoder implements Decoder {
  readonly #options: TlsOptions;
  /** undefined once the handshake is over. */
  #reader: HandshakeReader | undefined;

  constructor(context: DecoderContext, options: TlsOptions) {
    this.#options = options;
    this.#reader = undefined;
    this.recycle(context);
  }

  get isIdle(): boolean {
    return this.#reader === undefined;
  }

  recycle(context: DecoderContext): void {
    this.#reader ??= readers.take();
    this.#reader.begin(context, this.#options);
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const reader = this.#reader;
    if (reader === undefined) return DONE;
    const skip = reader.read(direction, bytes, from, to, timeUs);
    return reader.done ? this.#giveBack(reader) : skip;
  }

  skipped(): void {}

  gap(direction: Direction, length: number, timeUs: number): boolean {
    const reader = this.#reader;
    if (reader === undefined) return false;
    reader.gap(direction, length, timeUs);
    if (reader.done) this.#giveBack(reader);
    return this.#reader !== undefined;
  }

  finished(): void {}

  end(reason: EndReason, timeUs: number): void {
    const reader = this.#reader;
    if (reader === undefined) return;
    reader.end(reason === 'reset', timeUs);
    this.#giveBack(reader);
  }

  #giveBack(reader: HandshakeReader): typeof DONE {
    this.#reader = undefined;
    readers.giveBack(reader);
    return DONE;
  }
}
