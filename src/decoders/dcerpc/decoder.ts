// DCE/RPC over one TCP connection: a stream of PDUs in each direction. Made by the definition; runs on packet workers.
// Source: C706 chapter 12.

import { tagsField } from '../../record/index.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { isPdu, notePdu, pduLength } from '../dcerpc-pdu/index.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';

/** Binds and the tokens in them are read, of calls the head: fragments are seldom over 5840 bytes. */
const maxPduBytes = 16_384;
/** The shortest fragment is a header. */
const leastPduBytes = 16;

export class DcerpcDecoder extends FramedDecoder {
  constructor(context: DecoderContext) {
    super(context, maxPduBytes);
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (to - at < leastPduBytes) return needMoreBytes;
    const length = pduLength(bytes, at, to);
    if (length < leastPduBytes) this.context.note(tagsField, 'dcerpc:bad-fraglen');
    return isPdu(bytes, at, to) ? length : noMessage;
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    notePdu(this.context, bytes, from, to);
    return 0;
  }
}
