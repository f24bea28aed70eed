// SMB over one TCP connection: finds the messages in the frames. Made by the definition; runs on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { FrameType, frameHeadBytes, frameLength, Magic, magicAt } from './frame.ts';
import { readSmb1, wantedOfSmb1 } from './smb1-message.ts';
import { readSmb2, wantedOfSmb2 } from './smb2-message.ts';
import { SmbState } from './state.ts';

/** Session setups with Kerberos tickets are the longest messages of which all is read. */
const maxFrameBytes = 16_384;
/** What every message gives, so that its kind is known: frame and the start of the header of SMB 1 or 2. */
const kindBytes = frameHeadBytes + 24;
/** Of data that go to or come from a file only the header is looked at. */
const leastWantedBytes = 128;

export class SmbDecoder extends FramedDecoder {
  readonly #state: SmbState;

  constructor(context: DecoderContext, deep: boolean) {
    super(context, maxFrameBytes);
    this.#state = new SmbState(context, deep);
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    const type = bytes[at] as number;
    if (type !== FrameType.message && !(type >= FrameType.request && type <= FrameType.keepAlive)) return noMessage;
    if (to - at < frameHeadBytes) return needMoreBytes;
    const length = frameLength(bytes, at);
    return to - at < Math.min(length, kindBytes) ? needMoreBytes : length;
  }

  protected override wantedBytes(_direction: Direction, bytes: Buffer, at: number, length: number): number {
    const header = at + frameHeadBytes;
    if (bytes[at] !== FrameType.message || length < kindBytes) return length;
    const magic = magicAt(bytes, header);
    if (magic === Magic.smb1) return Math.max(leastWantedBytes, wantedOfSmb1(bytes, header, this.#state));
    return magic === Magic.smb2 ? Math.max(leastWantedBytes, wantedOfSmb2(bytes, header, this.#state)) : leastWantedBytes;
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    const header = from + frameHeadBytes;
    if (bytes[from] !== FrameType.message || to - header < 4) return 0;
    const magic = magicAt(bytes, header);
    if (magic === Magic.smb1) readSmb1(this.#state, bytes, header, to);
    else if (magic === Magic.smb2) readSmb2(this.#state, bytes, header, to);
    return 0;
  }
}
