// A decoder for protocols whose packets stand alone: each is read by a function, and nothing is kept between them. Made
// by definitions of transports `udp`, `ip` and `ethernet`; runs on packet workers.

import type { Decoder, DecoderContext, Direction } from './contract.ts';

/** Reads the packet `[from, to)` and notes what it says. */
export type PacketReader = (
  context: DecoderContext,
  direction: Direction,
  bytes: Buffer,
  from: number,
  to: number,
  timeUs: number,
) => void;

export class PacketDecoder implements Decoder {
  readonly isIdle = true;
  protected context: DecoderContext;
  readonly #read: PacketReader;

  constructor(context: DecoderContext, read: PacketReader) {
    this.context = context;
    this.#read = read;
  }

  recycle(context: DecoderContext): void {
    this.context = context;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    this.#read(this.context, direction, bytes, from, to, timeUs);
    return 0;
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(): void {}
}
