// A decoder for streams of messages that say their length near their start: finds each message, keeps what is there of
// an unfinished one, and hands whole ones to a reader. Made by definitions of protocols over TCP; runs on packet workers.
// A message in one piece is read where it lies; of a longer one than `mostBytes` only the beginning is read.

import type { Anomaly } from '../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, DONE } from './contract.ts';

/** Answers of `MessageFraming.length` that are no length. */
export const Framing = {
  /** Not enough bytes to tell. */
  more: 0,
  /** No message begins here. */
  lost: -1,
} as const;

export interface MessageFraming {
  /** Most bytes of a message that are kept for its reader; not less than `length` needs. */
  readonly mostBytes: number;
  /** What to do where no message begins: `stop` gives the session up, `search` tries at the next byte. */
  readonly whenLost: 'stop' | 'search';
  /** Reported where no message begins, once until the next one. */
  readonly lost: Anomaly;
  /** Length in bytes of the message that begins at `from`; or one of `Framing`. The same for any `to` that is enough to tell. */
  length(bytes: Buffer, from: number, to: number): number;
}

export interface MessageReader {
  /**
   * Reads a message `[from, to)`.
   * @param length what its header says; more than `to - from` when it is longer than `mostBytes`
   * @returns false when no more of the session is wanted
   */
  message(
    context: DecoderContext,
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    length: number,
    timeUs: number,
  ): boolean;
}

const firstRoom = 64;

class Side {
  /** What is there of an unfinished message. */
  held: Buffer | undefined = undefined;
  heldLength = 0;
  /** Length of that message; `Framing.more` while it cannot be told. */
  wholeLength: number = Framing.more;
  /** No message has begun since the last one. */
  isLost = false;
}

export class MessageDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #framing: MessageFraming;
  readonly #reader: MessageReader;
  readonly #sides: readonly [Side, Side];

  constructor(context: DecoderContext, framing: MessageFraming, reader: MessageReader) {
    this.#context = context;
    this.#framing = framing;
    this.#reader = reader;
    this.#sides = [new Side(), new Side()];
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    let at = from;
    while (at < to) {
      if (side.heldLength > 0) {
        at += this.#fill(side, bytes, at, to);
        const held = side.held as Buffer;
        const wanted = Math.min(side.wholeLength, this.#framing.mostBytes);
        if (side.wholeLength === Framing.lost) {
          if (!this.#searches(side, timeUs)) return DONE;
          this.#shift(side);
        } else if (side.wholeLength !== Framing.more && side.heldLength === wanted) {
          const length = side.wholeLength;
          this.#drop(side);
          side.isLost = false;
          if (!this.#reader.message(this.#context, direction, held, 0, wanted, length, timeUs)) return DONE;
          at += length - wanted;
        }
        continue;
      }
      const length = this.#framing.length(bytes, at, to);
      if (length === Framing.lost) {
        if (!this.#searches(side, timeUs)) return DONE;
        at += 1;
        continue;
      }
      const wanted = Math.min(length, this.#framing.mostBytes);
      if (length === Framing.more || to - at < wanted) {
        this.#hold(side, bytes, at, to, length);
        return 0;
      }
      side.isLost = false;
      if (!this.#reader.message(this.#context, direction, bytes, at, at + wanted, length, timeUs)) return DONE;
      at += length;
    }
    return at - to;
  }

  /** No message begins here: says so. @returns whether the next byte is to be tried */
  #searches(side: Side, timeUs: number): boolean {
    if (!side.isLost) this.#context.anomaly(this.#framing.lost, timeUs);
    side.isLost = true;
    return this.#framing.whenLost === 'search';
  }

  /** Adds to what is held, up to what tells the length, then up to the message's end. @returns bytes taken */
  #fill(side: Side, bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (side.wholeLength === Framing.more && at < to) {
      this.#append(side, bytes, at, at + 1);
      at += 1;
      side.wholeLength = this.#measure(side);
    }
    if (side.wholeLength > 0) {
      const left = Math.min(side.wholeLength, this.#framing.mostBytes) - side.heldLength;
      const length = Math.min(left, to - at);
      this.#append(side, bytes, at, at + length);
      at += length;
    }
    return at - from;
  }

  /** The length of what is held; never `more` when `mostBytes` do not tell it. */
  #measure(side: Side): number {
    const length = this.#framing.length(side.held as Buffer, 0, side.heldLength);
    return length === Framing.more && side.heldLength >= this.#framing.mostBytes ? Framing.lost : length;
  }

  #append(side: Side, bytes: Buffer, from: number, to: number): void {
    const length = side.heldLength + to - from;
    if (side.held === undefined || side.held.length < length) {
      const wanted = side.wholeLength > 0 ? Math.min(side.wholeLength, this.#framing.mostBytes) : firstRoom;
      // A length is only believed as bytes come: a lie costs no memory.
      const room = Buffer.allocUnsafeSlow(Math.max(length, Math.min(wanted, length * 2 + firstRoom)));
      if (side.held !== undefined) room.set(side.held.subarray(0, side.heldLength));
      side.held = room;
    }
    side.held.set(bytes.subarray(from, to), side.heldLength);
    side.heldLength = length;
  }

  #hold(side: Side, bytes: Buffer, from: number, to: number, length: number): void {
    side.wholeLength = length;
    this.#append(side, bytes, from, to);
    if (length === Framing.more) side.wholeLength = this.#measure(side);
  }

  /** No message began where it seemed: goes on with the next byte that is held. */
  #shift(side: Side): void {
    const held = side.held as Buffer;
    do {
      held.copyWithin(0, 1, side.heldLength);
      side.heldLength -= 1;
      side.wholeLength = side.heldLength > 0 ? this.#measure(side) : Framing.more;
    } while (side.wholeLength === Framing.lost);
  }

  #drop(side: Side): void {
    side.held = undefined;
    side.heldLength = 0;
    side.wholeLength = Framing.more;
  }

  skipped(): void {}

  gap(direction: Direction): boolean {
    this.#drop(this.#sides[direction]);
    return this.#framing.whenLost === 'search';
  }

  finished(direction: Direction): void {
    this.#drop(this.#sides[direction]);
  }

  end(): void {}
}
