// Oracle TNS of one session: the connect descriptor, "(DESCRIPTION=(ADDRESS=…)(CONNECT_DATA=…))" (Oracle Net Services
// Reference, "Local Naming Parameters"). Made by the definition; runs on packet workers. Behind it nothing is read.

import type { SessionField } from '../../record/index.ts';
import { type DecoderContext, type Direction, DONE } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { textOf } from '../wire-text.ts';
import { oracleFields } from './fields.ts';
import { connectAt, dataAt, headBytes, leastConnectBytes, PacketType } from './packet.ts';

const maxPacketBytes = 8192;
/** Packets of the client before the descriptor is given up on: it may be asked to send its connect packet again. */
const patience = 4;

/** The first of each name counts: an address comes before the client's own host. Blanks behind values are taken off later: a pattern that does would try all ways to share them out. */
const wanted: readonly (readonly [RegExp, SessionField])[] = [
  [/\(\s*HOST\s*=\s*([^()\s][^()]*)\)/i, oracleFields.host],
  [/\(\s*USER\s*=\s*([^()\s][^()]*)\)/i, oracleFields.user],
  [/\(\s*SERVICE_NAME\s*=\s*([^()\s][^()]*)\)/i, oracleFields.service],
];

export class OracleDecoder extends FramedDecoder {
  #left = patience;

  constructor(context: DecoderContext) {
    super(context, maxPacketBytes);
  }

  protected lengthAt(direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (direction === 1) return noMessage;
    if (to - at < headBytes) return needMoreBytes;
    const length = bytes.readUInt16BE(at);
    return length < headBytes ? noMessage : length;
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    const type = bytes[from + 4];
    // A descriptor that is too long for the connect packet comes in a data packet behind it.
    if (type === PacketType.data) return this.#descriptor(bytes, from + dataAt, to);
    if (type === PacketType.connect && to - from >= leastConnectBytes) {
      const start = from + bytes.readUInt16BE(from + connectAt.descriptorOffset);
      const end = Math.min(to, start + bytes.readUInt16BE(from + connectAt.descriptorBytes));
      if (start < end) return this.#descriptor(bytes, start, end);
    }
    this.#left -= 1;
    return this.#left === 0 ? DONE : 0;
  }

  #descriptor(bytes: Buffer, from: number, to: number): number {
    const text = from < to ? textOf(bytes, from, to) : '';
    for (const [pattern, field] of wanted) {
      const value = pattern.exec(text)?.[1]?.trimEnd();
      if (value !== undefined) this.context.note(field, value.toLowerCase());
    }
    return DONE;
  }
}
