// STUN and TURN in one session. Over UDP every datagram is a message or belongs to what ICE has found a way for: DTLS gets
// the session, media and channels are left alone. Over TCP messages and channels' data follow one another (RFC 8656 §12.4).

import { readU16 } from '../big-endian.ts';
import { type DecoderContext, type Direction, HANDOVER } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { hasCookie, headerBytes, readMessage } from './message.ts';

/** Head of a channel's data: its number, of which the first digit is 4, and the length (RFC 8656 §12.4). */
const channelHeadBytes = 4;
/** As far as the cookie. */
const cookieEnd = 8;
const longestMessage = headerBytes + 0xffff;

export class StunDatagramDecoder extends PacketDecoder {
  constructor(context: DecoderContext) {
    super(context, readDatagram);
  }

  /** What is what is told by the first byte (RFC 7983 §7). */
  override data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const first = bytes[from] as number;
    if (first < 20 || first > 26 || to - from <= 13 || bytes[from + 1] !== 0xfe) {
      return super.data(direction, bytes, from, to, timeUs);
    }
    this.context.handoverAt = from;
    return HANDOVER;
  }
}

function readDatagram(context: DecoderContext, direction: Direction, bytes: Buffer, from: number, to: number): void {
  if ((bytes[from] as number) > 3 || to - from < headerBytes) return;
  const end = from + headerBytes + readU16(bytes, from + 2);
  readMessage(context, direction, bytes, from, Math.min(end, to));
}

export class StunStreamDecoder extends FramedDecoder {
  constructor(context: DecoderContext) {
    super(context, longestMessage);
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    if (isChannel(bytes, at)) {
      return to - at < channelHeadBytes ? needMoreBytes : channelHeadBytes + ((readU16(bytes, at + 2) + 3) & ~3);
    }
    if ((bytes[at] as number) > 3) return noMessage;
    if (to - at < cookieEnd) return needMoreBytes;
    return hasCookie(bytes, at) ? headerBytes + readU16(bytes, at + 2) : noMessage;
  }

  /** A channel's data are its parties'. */
  protected override wantedBytes(_direction: Direction, bytes: Buffer, at: number, length: number): number {
    return isChannel(bytes, at) ? channelHeadBytes : length;
  }

  protected message(direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (!isChannel(bytes, from)) readMessage(this.context, direction, bytes, from, to);
    return 0;
  }
}

function isChannel(bytes: Buffer, at: number): boolean {
  return (bytes[at] as number) >> 4 === 4;
}
