// The lines of one IRC connection (RFC 2812, with the message tags of IRCv3): who joins what. Runs on packet workers.

import type { SessionField } from '../../record/index.ts';
import type { Decoder, DecoderContext, Direction } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { ircAnomalies } from './anomalies.ts';
import { ircFields } from './fields.ts';

const LF = 0x0a;
const CR = 0x0d;
const SP = 0x20;

/** Tags of 8191 bytes (IRCv3) before a message of 512 (RFC 2812 section 2.3). */
const lineMost = 8191 + 512;
/** As much of a line as is kept when a segment cuts it. */
const keptMost = 512;

const commands: readonly (readonly [word: Buffer, field: SessionField])[] = [
  [Buffer.from('NICK '), ircFields.nick],
  [Buffer.from('JOIN '), ircFields.channel],
];

class Side {
  /** The beginning of an unfinished line; made when first needed. */
  kept: Buffer | undefined = undefined;
  keptLength = 0;
  /** Length of the unfinished line so far. */
  length = 0;
}

export class IrcDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #sides: readonly [Side, Side] = [new Side(), new Side()];
  /** After a loss the rest of a line goes by. */
  readonly #passing: [boolean, boolean] = [false, false];

  constructor(context: DecoderContext) {
    this.#context = context;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    for (let at = from; at < to; ) {
      let end = at;
      while (end < to && bytes[end] !== LF) end++;
      if (end === to) {
        this.#keep(side, bytes, at, to);
        if (side.length > lineMost && !this.#passing[direction]) {
          this.#context.anomaly(ircAnomalies.line_too_long, timeUs);
          this.#passing[direction] = true;
        }
        return 0;
      }
      if (!this.#passing[direction]) {
        if (side.length === 0) this.#read(bytes, at, end);
        else {
          this.#keep(side, bytes, at, end);
          this.#read(side.kept as Buffer, 0, side.keptLength);
        }
      }
      side.length = 0;
      side.keptLength = 0;
      this.#passing[direction] = false;
      at = end + 1;
    }
    return 0;
  }

  skipped(): void {}

  gap(direction: Direction): boolean {
    const side = this.#sides[direction];
    side.length = 0;
    side.keptLength = 0;
    this.#passing[direction] = true;
    return true;
  }

  finished(): void {}

  end(): void {}

  #keep(side: Side, bytes: Buffer, from: number, to: number): void {
    side.length += to - from;
    const count = Math.min(to - from, keptMost - side.keptLength);
    if (side.kept === undefined) side.kept = Buffer.allocUnsafe(keptMost);
    bytes.copy(side.kept, side.keptLength, from, from + count);
    side.keptLength += count;
  }

  /** Reads the line `[from, to)`, which has no LF. */
  #read(bytes: Buffer, from: number, to: number): void {
    for (const [word, field] of commands) {
      if (to - from <= word.length || bytes.compare(word, 0, word.length, from, from + word.length) !== 0) continue;
      let start = from + word.length;
      while (start < to && bytes[start] === SP) start++;
      if (bytes[start] === 0x3a && start < to) start++;
      let end = start;
      const most = Math.min(to, from + keptMost);
      while (end < most && bytes[end] !== SP && bytes[end] !== CR) end++;
      if (end > start) this.#context.note(field, textOf(bytes, start, end));
    }
  }
}
