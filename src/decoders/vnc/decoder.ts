// VNC (RFB, RFC 6143) in one session: each side begins with the version that it speaks; what follows is not read. Runs on
// packet workers.

import { type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { vncFields } from './fields.ts';

/** RFC 6143 section 7.1.1; `d` stands for a digit. */
export const pattern = 'RFB ddd.ddd\n';

/** As far as there are bytes, they are those of a version message. */
export function isVersion(bytes: Buffer, from: number, to: number): boolean {
  const length = Math.min(pattern.length, to - from);
  for (let index = 0; index < length; index++) {
    const code = bytes[from + index] as number;
    const wanted = pattern.charCodeAt(index);
    const isDigit = code >= 0x30 && code <= 0x39;
    if (wanted === 0x64 ? !isDigit : code !== wanted) return false;
  }
  return true;
}

export class VncDecoder extends FramedDecoder {
  readonly #heard: [boolean, boolean] = [false, false];
  /** The server speaks first; a session that was taken the wrong way round has it as direction 0. */
  #server: Direction | undefined = undefined;

  constructor(context: DecoderContext) {
    super(context, pattern.length);
  }

  protected override lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (!isVersion(bytes, at, to)) return noMessage;
    return to - at < pattern.length ? needMoreBytes : pattern.length;
  }

  protected override message(direction: Direction, bytes: Buffer, from: number): number {
    this.#server ??= direction;
    const field = direction === this.#server ? vncFields.serverVersion : vncFields.clientVersion;
    this.context.note(field, bytes.toString('latin1', from + 4, from + 11));
    this.#heard[direction] = true;
    this.ignore(direction);
    return this.#heard[0] && this.#heard[1] ? DONE : 0;
  }
}
