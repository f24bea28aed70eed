// The frame of decoders whose TCP streams are messages that say their length at the start: it puts messages together
// that segments cut and passes over what is longer than anybody reads. For protocols whose decoder has a state of its
// own (directions, handover, what an end cut off); `message-decoder.ts` does for those without. Extended by decoders;
// runs on packet workers. Never throws; holds at most one unfinished message a direction.

import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason, HANDOVER } from './contract.ts';

/** Answers of `lengthAt` other than a length. */
export const needMoreBytes = 0;
export const noMessage = -1;

const firstHoldBytes = 512;

/** An unfinished message of one direction. */
class Hold {
  bytes: Buffer | undefined = undefined;
  used = 0;
  /** Whole length of the message; 0 while its header is not complete. */
  length = 0;
  /** How much of it is to be read. */
  wanted = 0;
  /** Nothing of this direction is read any more. */
  deaf = false;

  append(bytes: Buffer, from: number, to: number): void {
    const end = this.used + to - from;
    let held = this.bytes;
    if (held === undefined || held.length < end) {
      const larger = Buffer.allocUnsafeSlow(Math.max(firstHoldBytes, end, (held?.length ?? 0) * 2));
      held?.copy(larger, 0, 0, this.used);
      held = larger;
      this.bytes = larger;
    }
    bytes.copy(held, this.used, from, to);
    this.used = end;
  }

  clear(): void {
    this.used = 0;
    this.length = 0;
    if (this.bytes !== undefined && this.bytes.length > 4096) this.bytes = undefined;
  }
}

export abstract class FramedDecoder implements Decoder {
  protected readonly context: DecoderContext;
  readonly #maxBytes: number;
  readonly #holds: readonly [Hold, Hold] = [new Hold(), new Hold()];

  /** `maxBytes`: most bytes of a message that are read; the rest is passed over. */
  constructor(context: DecoderContext, maxBytes: number) {
    this.context = context;
    this.#maxBytes = maxBytes;
  }

  /**
   * How many bytes the message has that begins at `at`, its header included.
   * @returns `needMoreBytes` while `[at, to)` does not say; `noMessage` when no message begins like this: the direction is
   *   not read any further
   */
  protected abstract lengthAt(direction: Direction, bytes: Buffer, at: number, to: number): number;

  /** How much of the message at `at` is worth reading, by the bytes that `lengthAt` needed; at most `maxBytes` are. */
  protected wantedBytes(_direction: Direction, _bytes: Buffer, _at: number, length: number): number {
    return length;
  }

  /**
   * A message `[from, to)`: all of it, or what is wanted of it when `length` is more.
   * @returns 0 to go on; DONE; HANDOVER: what follows the message is of another protocol
   */
  protected abstract message(
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    length: number,
    timeUs: number,
  ): number;

  /** What came of a message that will never be complete: the stream ended in it. */
  protected unfinished(_direction: Direction, _bytes: Buffer, _from: number, _to: number, _timeUs: number): void {}

  /** Reads no more of this direction. */
  protected ignore(direction: Direction): void {
    this.#holds[direction].deaf = true;
    this.#holds[direction].clear();
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const hold = this.#holds[direction];
    let at = from;
    while (at < to) {
      if (hold.deaf) return this.#afterDeaf();
      if (hold.used === 0) {
        const length = this.lengthAt(direction, bytes, at, to);
        const wanted = length > 0 ? this.#wanted(direction, bytes, at, length) : 0;
        if (length > 0 && to - at >= wanted) {
          const answer = this.message(direction, bytes, at, at + wanted, length, timeUs);
          at += length;
          if (answer !== 0) return this.#leave(answer, at, to);
          continue;
        }
        if (length === noMessage) {
          this.ignore(direction);
          continue;
        }
      }
      at = this.#hold(direction, hold, bytes, at, to);
      if (hold.deaf || hold.length === 0 || hold.used < hold.wanted) continue;
      const { length, used } = hold;
      const held = hold.bytes as Buffer;
      const answer = this.message(direction, held, 0, used, length, timeUs);
      hold.clear();
      at += length - used;
      if (answer !== 0) return this.#leave(answer, at, to);
    }
    return at - to;
  }

  skipped(): void {}

  gap(direction: Direction, length: number, _timeUs: number): boolean {
    // A stream that was picked up in its middle was recognised by what it began with.
    if (length > 0 || this.#holds[direction].used > 0) this.ignore(direction);
    return !(this.#holds[0].deaf && this.#holds[1].deaf);
  }

  finished(_direction: Direction, _timeUs: number): void {}

  end(_reason: EndReason, timeUs: number): void {
    for (const direction of [0, 1] as const) {
      const hold = this.#holds[direction];
      if (!hold.deaf && hold.used > 0) this.unfinished(direction, hold.bytes as Buffer, 0, hold.used, timeUs);
    }
  }

  /** Copies what belongs to the message in hand. @returns how far it has read */
  #hold(direction: Direction, hold: Hold, bytes: Buffer, from: number, to: number): number {
    let at = from;
    while (hold.length === 0 && at < to) {
      hold.append(bytes, at, at + 1);
      at += 1;
      const length = this.lengthAt(direction, hold.bytes as Buffer, 0, hold.used);
      if (length === noMessage || (length === needMoreBytes && hold.used >= this.#maxBytes)) {
        this.ignore(direction);
        return at;
      }
      hold.length = length;
      if (length > 0) hold.wanted = this.#wanted(direction, hold.bytes as Buffer, 0, length);
    }
    if (hold.length === 0) return at;
    const end = Math.min(to, at + Math.max(0, hold.wanted - hold.used));
    if (end > at) hold.append(bytes, at, end);
    return end;
  }

  /** The same for every cut of the stream, as long as `wantedBytes` is not less than `lengthAt` needs. */
  #wanted(direction: Direction, bytes: Buffer, at: number, length: number): number {
    return Math.min(length, this.#maxBytes, this.wantedBytes(direction, bytes, at, length));
  }

  #afterDeaf(): number {
    return this.#holds[0].deaf && this.#holds[1].deaf ? DONE : 0;
  }

  /** A handover has its place in the bytes just given; one behind a part that was passed over is too late to be told. */
  #leave(answer: number, at: number, to: number): number {
    if (answer !== HANDOVER || at > to) return DONE;
    this.context.handoverAt = at;
    return HANDOVER;
  }
}
