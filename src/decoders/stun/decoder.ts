// STUN and TURN in one session. Over UDP every datagram is a message or belongs to what ICE has found a way for: DTLS gets
// the session, media and channels are left alone. Over TCP messages and channels' data follow one another (RFC 8656 §12.4),
// of which a message in pieces is kept until it is whole.

import { readU16 } from '../big-endian.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { hasCookie, headerBytes, readMessage } from './message.ts';

/** Head of a channel's data: its number, of which the first digit is 4, and the length (RFC 8656 §12.4). */
const channelHeadBytes = 4;
const nothing = Buffer.alloc(0);
const firstPieceBytes = 256;

/** What there is of an unfinished message of one direction: at most one, so at most 65 555 bytes. */
class Piece {
  bytes: Buffer = nothing;
  length = 0;

  append(bytes: Buffer, from: number, to: number): void {
    const length = this.length + to - from;
    if (this.bytes.length < length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstPieceBytes, length, this.bytes.length * 2));
      this.bytes.copy(larger, 0, 0, this.length);
      this.bytes = larger;
    }
    bytes.copy(this.bytes, this.length, from, to);
    this.length = length;
  }

  clear(): void {
    this.bytes = nothing;
    this.length = 0;
  }
}

export class StunDecoder implements Decoder {
  #context: DecoderContext;
  /** Over TCP, by direction. */
  readonly #pieces: readonly [Piece, Piece];

  constructor(context: DecoderContext) {
    this.#context = context;
    this.#pieces = [new Piece(), new Piece()];
  }

  get isIdle(): boolean {
    return this.#pieces[0].length === 0 && this.#pieces[1].length === 0;
  }

  recycle(context: DecoderContext): void {
    this.#context = context;
    for (const piece of this.#pieces) piece.clear();
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number): number {
    return this.#context.transport === 'udp'
      ? this.#datagram(direction, bytes, from, to)
      : this.#segment(direction, bytes, from, to);
  }

  skipped(): void {}

  /** Where the next message begins is not known behind a hole. */
  gap(): boolean {
    for (const piece of this.#pieces) piece.clear();
    return false;
  }

  finished(): void {}

  end(): void {
    for (const piece of this.#pieces) piece.clear();
  }

  /** What is what is told by the first byte (RFC 7983 §7). */
  #datagram(direction: Direction, bytes: Buffer, from: number, to: number): number {
    const first = bytes[from] as number;
    if (first >= 20 && first <= 26 && to - from > 13 && bytes[from + 1] === 0xfe) {
      this.#context.handoverAt = from;
      return HANDOVER;
    }
    if (first > 3 || to - from < headerBytes) return 0;
    const end = from + headerBytes + readU16(bytes, from + 2);
    readMessage(this.#context, direction, bytes, from, Math.min(end, to));
    return 0;
  }

  #segment(direction: Direction, bytes: Buffer, from: number, to: number): number {
    const piece = this.#pieces[direction];
    let at = from;
    // Only what the message still needs is taken to it, so that it never grows beyond.
    while (piece.length > 0 && at < to) {
      const taken = Math.min(to - at, neededOf(piece));
      piece.append(bytes, at, at + taken);
      at += taken;
      if (neededOf(piece) > 0) continue;
      const { bytes: whole, length } = piece;
      piece.clear();
      const answer = this.#messages(direction, whole, 0, length);
      if (answer < 0 || answer > to - at) return answer < 0 ? answer : answer - (to - at);
      at += answer;
    }
    return at < to ? this.#messages(direction, bytes, at, to) : 0;
  }

  /** Reads the messages from `from` on and keeps the start of the last. */
  #messages(direction: Direction, bytes: Buffer, from: number, to: number): number {
    for (let at = from; at < to; ) {
      const first = bytes[at] as number;
      const isChannel = first >> 4 === 4;
      if (first > 3 && !isChannel) return DONE;
      if (isChannel && to - at >= channelHeadBytes) {
        at += channelHeadBytes + ((readU16(bytes, at + 2) + 3) & ~3);
        if (at > to) return at - to;
        continue;
      }
      const end = to - at < headerBytes ? to + 1 : at + headerBytes + readU16(bytes, at + 2);
      if (end > to) {
        this.#pieces[direction].append(bytes, at, to);
        return 0;
      }
      if (!hasCookie(bytes, at)) return DONE;
      readMessage(this.#context, direction, bytes, at, end);
      at = end;
    }
    return 0;
  }
}

/** Bytes that are missing to a message, or first to its head; of a channel's data the head is enough. */
function neededOf({ bytes, length }: Piece): number {
  if ((bytes[0] as number) >= 0x40) return Math.max(0, channelHeadBytes - length);
  return length < headerBytes ? headerBytes - length : headerBytes + readU16(bytes, 2) - length;
}
