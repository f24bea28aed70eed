// The frame of decoders whose streams are lines and nothing else: it finds the lines of each direction and hands them over one by
// one. Extended by decoders; runs on packet workers. What mixes lines with counted bytes (mail with literals or chunks, SIP)
// reads its lines itself.

import { type Decoder, type DecoderContext, type Direction, HANDOVER } from './contract.ts';
import { LineReader } from './line-reader.ts';

export abstract class LineDecoder implements Decoder {
  protected readonly context: DecoderContext;
  protected readonly lines: readonly [LineReader, LineReader];

  /** @param limit longest line in bytes, without its LF */
  constructor(context: DecoderContext, limit: number) {
    this.context = context;
    this.lines = [new LineReader(limit), new LineReader(limit)];
  }

  /**
   * A line, or as much of it as is read; `line` holds it until the call is over.
   * @returns 0 to go on; DONE; HANDOVER: what follows the line is of another protocol
   */
  protected abstract line(direction: Direction, line: LineReader, timeUs: number): number;

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const line = this.lines[direction];
    for (let at = from; at < to; ) {
      const end = line.read(bytes, at, to);
      if (end < 0) return 0;
      at = end;
      const answer = this.line(direction, line, timeUs);
      if (answer === HANDOVER) this.context.handoverAt = at;
      if (answer !== 0) return answer;
    }
    return 0;
  }

  skipped(): void {}

  /** Segments of a dialogue end where its lines do: what comes behind the hole begins one. */
  gap(direction: Direction): boolean {
    this.lines[direction].clear();
    return true;
  }

  finished(): void {}

  end(): void {}
}
