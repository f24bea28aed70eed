// PostgreSQL of one session: who starts it, with which database and program. Made by the definition; runs on packet
// workers. Source: PostgreSQL documentation, "Frontend/Backend Protocol", Start-up and Message Formats. Once the client
// has started, nothing more is read.

import type { SessionField } from '../../record/index.ts';
import { type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { postgresqlFields } from './fields.ts';
import { headBytes, maxStartBytes, StartCode, startLength } from './start-message.ts';

/** The server's answer to a request for encryption is one byte: S or G for yes, N for no. */
const yesToTls = 0x53;
const yesToGss = 0x47;

const fieldByName: ReadonlyMap<string, SessionField> = new Map([
  ['user', postgresqlFields.user],
  ['database', postgresqlFields.database],
  ['application_name', postgresqlFields.application],
]);

export class PostgresqlDecoder extends FramedDecoder {
  #asked = false;

  constructor(context: DecoderContext) {
    super(context, maxStartBytes);
  }

  protected lengthAt(direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (direction === 1) return this.#asked ? 1 : noMessage;
    const length = startLength(bytes, at, to);
    if (length < 0) return noMessage;
    return length === 0 ? needMoreBytes : length;
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (direction === 1) {
      this.#asked = false;
      if (bytes[from] === yesToTls) return HANDOVER;
      return bytes[from] === yesToGss ? DONE : 0;
    }
    const code = bytes.readUInt32BE(from + 4);
    if (code === StartCode.tls || code === StartCode.gssEncryption) {
      this.#asked = true;
      return 0;
    }
    if (code !== StartCode.cancel) this.#parameters(bytes, from + headBytes, to);
    return DONE;
  }

  /** Pairs of texts that end with NUL; an empty name ends them. */
  #parameters(bytes: Buffer, from: number, to: number): void {
    for (let at = from; at < to && bytes[at] !== 0; ) {
      const nameEnd = textEnd(bytes, at, to);
      const valueEnd = textEnd(bytes, nameEnd + 1, to);
      if (valueEnd >= to) return;
      const field = fieldByName.get(textOf(bytes, at, nameEnd));
      if (field !== undefined && valueEnd > nameEnd + 1) this.context.note(field, textOf(bytes, nameEnd + 1, valueEnd));
      at = valueEnd + 1;
    }
  }
}

function textEnd(bytes: Buffer, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== 0) at += 1;
  return at;
}
