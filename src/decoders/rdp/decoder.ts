// The Remote Desktop decoder of one session: TPKT packets (RFC 1006) up to the client’s settings, or up to where TLS takes
// the stream over. Runs on a packet worker, made by the session room. Never throws.

import { readU16 } from '../big-endian.ts';
import { type DecoderContext, type Direction, DONE, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { Code, headerBytes, noteConfirm, noteRequest, noteSettings } from './connection.ts';

const maxPacketBytes = 8192;
/** Packets after which the settings are not waited for any more. */
const maxPackets = 16;
export const shortestPacket = 7;

export class RdpDecoder extends FramedDecoder {
  #packets: number;

  constructor(context: DecoderContext) {
    super(context, maxPacketBytes);
    this.#packets = 0;
  }

  protected override lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (bytes[at] !== 3) return noMessage;
    if (to - at < 4) return needMoreBytes;
    const length = readU16(bytes, at + 2);
    return length < shortestPacket ? noMessage : length;
  }

  protected override message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    const variable = Math.min(from + headerBytes, to);
    switch ((bytes[from + 5] as number) & 0xf0) {
      case Code.request:
        noteRequest(this.context, bytes, variable, to);
        break;
      case Code.confirm:
        if (noteConfirm(this.context, bytes, variable, to)) return HANDOVER;
        break;
      case Code.data:
        if (noteSettings(this.context, bytes, from, to)) return DONE;
        break;
    }
    return ++this.#packets < maxPackets ? 0 : DONE;
  }
}
