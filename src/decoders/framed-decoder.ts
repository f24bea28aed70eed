// The frame of decoders whose TCP streams are messages that say their length near the start: it finds each message, puts together
// what segments cut, and passes over what is longer than anybody reads. Extended by decoders; runs on packet workers. A message in
// one piece is read where it lies. Never throws; holds at most one unfinished message a direction, in memory that grows with what
// has come and not with what a header claims.

import type { Anomaly } from '../record/index.ts';
import { type Decoder, type DecoderContext, type Direction, DONE, type EndReason, HANDOVER } from './contract.ts';
import { enlarge, giveBack, noBytes } from './lent-buffers.ts';

/** Answers of `lengthAt` other than a length. */
export const needMoreBytes = 0;
export const noMessage = -1;

/** What to do where no message begins: give the session up (`stop`; after a hole too), or try at each next byte (`search`). */
export interface WhenLost {
  readonly action: 'stop' | 'search';
  /** Reported once until the next message. */
  readonly anomaly: Anomaly;
}

const firstHoldBytes = 512;
/** As much is taken at a time, at least, of a message whose length is not known yet; more when more of it is held. */
const firstBytes = 32;

/** An unfinished message of one direction. */
class Hold {
  bytes: Buffer = noBytes;
  used = 0;
  /** Whole length of the message; 0 while its header is not complete. */
  length = 0;
  /** How much of it is to be read. */
  wanted = 0;
  /** Nothing of this direction is read any more. */
  deaf = false;
  /** No message has begun since the last one. */
  lost = false;

  append(bytes: Buffer, from: number, to: number): void {
    const end = this.used + to - from;
    if (this.bytes.length < end) this.bytes = enlarge(this.bytes, this.used, end, firstHoldBytes);
    bytes.copy(this.bytes, this.used, from, to);
    this.used = end;
  }

  /** Forgets the first `count` bytes, and what was known of the message that began with them. */
  drop(count: number): void {
    this.bytes.copyWithin(0, count, this.used);
    this.used = Math.max(0, this.used - count);
    this.length = 0;
  }

  clear(): void {
    this.used = 0;
    this.length = 0;
    giveBack(this.bytes);
    this.bytes = noBytes;
  }
}

export abstract class FramedDecoder implements Decoder {
  protected readonly context: DecoderContext;
  readonly #maxBytes: number;
  readonly #whenLost: WhenLost | undefined;
  readonly #holds: readonly [Hold, Hold] = [new Hold(), new Hold()];

  /**
   * @param maxBytes most bytes of a message that are read; the rest is passed over
   * @param whenLost without it a direction is not read any further where no message begins, and after a hole
   */
  constructor(context: DecoderContext, maxBytes: number, whenLost?: WhenLost) {
    this.context = context;
    this.#maxBytes = maxBytes;
    this.#whenLost = whenLost;
  }

  /**
   * How many bytes the message has that begins at `at`, its header included; the same for any `to` that is enough to tell.
   * @returns `needMoreBytes` while `[at, to)` does not say; `noMessage` when no message begins like this
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
          hold.lost = false;
          const answer = this.message(direction, bytes, at, at + wanted, length, timeUs);
          at += length;
          if (answer !== 0) return this.#leave(answer, at, to);
          continue;
        }
        if (length === noMessage) {
          if (!this.#goesOn(direction, timeUs)) return DONE;
          at += 1;
          continue;
        }
      }
      if (hold.length === 0) {
        const taken = this.#begin(direction, hold, bytes, at, to, timeUs);
        if (taken < 0) return DONE;
        at += taken;
      }
      if (hold.length === 0) continue;
      const end = Math.min(to, at + Math.max(0, hold.wanted - hold.used));
      if (end > at) hold.append(bytes, at, end);
      at = end;
      if (hold.used < hold.wanted) continue;
      const { length, wanted } = hold;
      hold.lost = false;
      const answer = this.message(direction, hold.bytes, 0, wanted, length, timeUs);
      at += Math.max(0, length - hold.used);
      if (hold.used > length) hold.drop(length);
      else hold.clear();
      if (answer !== 0) return this.#leave(answer, at, to);
    }
    return at - to;
  }

  skipped(): void {}

  gap(direction: Direction, length: number, _timeUs: number): boolean {
    if (this.#whenLost !== undefined) {
      this.#holds[direction].clear();
      return this.#whenLost.action === 'search';
    }
    // A stream that was picked up in its middle was recognised by what it began with.
    if (length > 0 || this.#holds[direction].used > 0) this.ignore(direction);
    return !(this.#holds[0].deaf && this.#holds[1].deaf);
  }

  finished(_direction: Direction, _timeUs: number): void {}

  end(_reason: EndReason, timeUs: number): void {
    for (const direction of [0, 1] as const) {
      const hold = this.#holds[direction];
      if (!hold.deaf && hold.used > 0) this.unfinished(direction, hold.bytes, 0, hold.used, timeUs);
      hold.clear();
    }
  }

  /**
   * Adds to a held message whose length is not known, more at a time the more there is of it: its beginning is looked at a few
   * times and not once a byte. @returns how many bytes of `[from, to)` belong to it; -1: the session is given up
   */
  #begin(direction: Direction, hold: Hold, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const before = hold.used;
    const most = Math.min(Math.max(firstBytes, before), Math.max(1, this.#maxBytes - before));
    const end = Math.min(to, from + most);
    hold.append(bytes, from, end);
    const held = hold.bytes;
    const length = this.lengthAt(direction, held, 0, hold.used);
    if (length > 0) {
      hold.length = length;
      hold.wanted = this.#wanted(direction, held, 0, length);
      hold.used = Math.max(before, Math.min(hold.used, hold.wanted));
      return hold.used - before;
    }
    if (length === needMoreBytes && hold.used < this.#maxBytes) return end - from;
    if (!this.#goesOn(direction, timeUs)) return -1;
    if (hold.deaf) return 0;
    // The next byte with which a message may begin; without one among those held before the search goes on where they lie.
    let next = 1;
    while (next < before && this.lengthAt(direction, held, next, hold.used) === noMessage) next += 1;
    if (next < before) {
      hold.used = before;
      hold.drop(next);
    } else hold.clear();
    return before === 0 ? 1 : 0;
  }

  /** No message begins here: says so. @returns false when the session is given up; else the direction is deaf, or the next byte is to be tried */
  #goesOn(direction: Direction, timeUs: number): boolean {
    const whenLost = this.#whenLost;
    if (whenLost === undefined) {
      this.ignore(direction);
      return true;
    }
    const hold = this.#holds[direction];
    if (!hold.lost) this.context.anomaly(whenLost.anomaly, timeUs);
    hold.lost = true;
    return whenLost.action === 'search';
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
