// The OpenVPN decoder of one session, over UDP (a packet a datagram) and TCP (each behind its length): finds out how
// the packets look, and gives those of the control channel to it while its TLS handshake goes on. Runs on a packet worker,
// made by the session room. Never throws.

import { readU16 } from '../big-endian.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { ControlChannel } from './control-channel.ts';
import type { OpenvpnOptions } from './options.ts';
import { controlBody, Format, formatOf, Opcode } from './packet-format.ts';

/** Packets after which the handshake is not waited for any more. */
const maxPackets = 256;
const maxPacketBytes = 4096;

class Conversation {
  readonly #channel: ControlChannel;
  #format: number;
  #packets: number;

  constructor(context: DecoderContext, options: OpenvpnOptions) {
    this.#channel = new ControlChannel(context, options);
    this.#format = Format.unknown;
    this.#packets = 0;
  }

  /** A packet `[from, to)`. @returns 0 or DONE */
  packet(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    if (from === to) return 0;
    const first = bytes[from] as number;
    if (this.#format === Format.unknown) this.#format = formatOf(bytes, from, to);
    // Of the first key only: with the others the same goes on later.
    else if (first === Opcode.control << 3 && this.#format >= 0) {
      const read = controlBody(bytes, from, to, this.#format);
      if (read !== undefined) this.#channel.message(direction, read.messageId, bytes, read.payloadFrom, to, timeUs);
    }
    const isOver = this.#channel.done || this.#format === Format.encrypted || ++this.#packets >= maxPackets;
    return isOver ? DONE : 0;
  }

  end(timeUs: number): void {
    this.#channel.end(timeUs);
  }
}

export class OpenvpnDatagramDecoder implements Decoder {
  readonly #conversation: Conversation;

  constructor(context: DecoderContext, options: OpenvpnOptions) {
    this.#conversation = new Conversation(context, options);
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    return this.#conversation.packet(direction, bytes, from, to, timeUs);
  }

  skipped(): void {}

  gap(): boolean {
    return true;
  }

  finished(): void {}

  end(_reason: EndReason, timeUs: number): void {
    this.#conversation.end(timeUs);
  }
}

/** Packets behind their length in two bytes. */
export class OpenvpnStreamDecoder extends FramedDecoder {
  readonly #conversation: Conversation;

  constructor(context: DecoderContext, options: OpenvpnOptions) {
    super(context, maxPacketBytes);
    this.#conversation = new Conversation(context, options);
  }

  protected override lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (to - at < 2) return needMoreBytes;
    const length = readU16(bytes, at);
    return length === 0 ? noMessage : 2 + length;
  }

  protected override message(
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    _length: number,
    timeUs: number,
  ): number {
    return this.#conversation.packet(direction, bytes, from + 2, to, timeUs);
  }

  override end(_reason: EndReason, timeUs: number): void {
    this.#conversation.end(timeUs);
  }
}
