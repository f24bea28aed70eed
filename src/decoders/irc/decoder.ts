// The lines of one IRC connection (RFC 2812, with the message tags of IRCv3): who joins what. Runs on packet workers.

import type { SessionField } from '../../record/index.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { LineDecoder } from '../line-decoder.ts';
import type { LineReader } from '../line-reader.ts';
import { textOf } from '../wire-text.ts';
import { ircAnomalies } from './anomalies.ts';
import { ircFields } from './fields.ts';

const CR = 0x0d;
const SP = 0x20;
const COLON = 0x3a;

/** Tags of 8191 bytes (IRCv3) before a message of 512 (RFC 2812 section 2.3). */
const lineMost = 8191 + 512;
/** A message of 512 bytes names no more. */
const nameMost = 512;

const commands: readonly (readonly [word: Buffer, field: SessionField])[] = [
  [Buffer.from('NICK '), ircFields.nick],
  [Buffer.from('JOIN '), ircFields.channel],
];

export class IrcDecoder extends LineDecoder {
  constructor(context: DecoderContext) {
    super(context, lineMost);
  }

  protected line(_direction: Direction, { bytes, from, to, tooLong }: LineReader, timeUs: number): number {
    if (tooLong) this.context.anomaly(ircAnomalies.line_too_long, timeUs);
    else this.#read(bytes, from, to);
    return 0;
  }

  /** Many lines in a segment are usual here, and a segment may end anywhere: the rest of a line goes by. */
  override gap(direction: Direction): boolean {
    this.lines[direction].pass();
    return true;
  }

  #read(bytes: Buffer, from: number, to: number): void {
    for (const [word, field] of commands) {
      if (to - from <= word.length || bytes.compare(word, 0, word.length, from, from + word.length) !== 0) continue;
      let start = from + word.length;
      while (start < to && bytes[start] === SP) start++;
      if (start < to && bytes[start] === COLON) start++;
      let end = start;
      const most = Math.min(to, start + nameMost);
      while (end < most && bytes[end] !== SP && bytes[end] !== CR) end++;
      if (end > start) this.context.note(field, textOf(bytes, start, end));
    }
  }
}
