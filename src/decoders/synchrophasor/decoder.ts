// Frames of IEEE C37.118.2-2011: the common part (section 6.2) and commands; configurations are read beside. Called by the
// synchrophasor decoder, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { synchrophasorAnomalies } from './anomalies.ts';
import { readConfiguration } from './configuration.ts';
import { synchrophasorFields } from './fields.ts';
import type { SynchrophasorOptions } from './options.ts';

const syncByte = 0xaa;
const typeNames = ['data', 'header', 'cfg1', 'cfg2', 'command', 'cfg3'];
const Type = { cfg1: 2, cfg2: 3, command: 4, cfg3: 5 } as const;
/** Start, size, stream, second, fraction; then the body; then two bytes of checksum. */
const headLength = 14;
const checksumLength = 2;
export const leastLength = headLength + checksumLength;

/** Length of the frame at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function frameLength(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] !== syncByte) return noMessage;
  if (to - from < 2) return needMoreBytes;
  const second = bytes[from + 1] as number;
  const version = second & 0x0f;
  if (version < 1 || version > 2 || second >> 4 >= typeNames.length) return noMessage;
  if (to - from < 4) return needMoreBytes;
  const length = bytes.readUInt16BE(from + 2);
  return length < leastLength ? noMessage : length;
}

/** CRC-CCITT over the whole frame but the checksum (appendix B). */
export function hasChecksum(bytes: Buffer, from: number, to: number): boolean {
  let sum = 0xffff;
  for (let at = from; at < to - checksumLength; at += 1) {
    sum ^= (bytes[at] as number) << 8;
    for (let bit = 0; bit < 8; bit += 1) sum = ((sum & 0x8000) !== 0 ? (sum << 1) ^ 0x1021 : sum << 1) & 0xffff;
  }
  return sum === bytes.readUInt16BE(to - checksumLength);
}

function readFrame(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const type = (bytes[from + 1] as number) >> 4;
  context.note(synchrophasorFields.type, typeNames[type] as string);
  context.note(synchrophasorFields.stream, bytes.readUInt16BE(from + 4));
  const body = new ByteCursor(bytes, from + headLength, to - checksumLength);
  if (type === Type.command) {
    if (body.left >= 2) context.note(synchrophasorFields.command, body.u16());
  } else if (type === Type.cfg1 || type === Type.cfg2) readConfiguration(context, body, false);
  else if (type === Type.cfg3) readConfiguration(context, body, true);
}

export class SynchrophasorDecoder extends FramedDecoder {
  constructor(context: DecoderContext, options: SynchrophasorOptions) {
    super(context, options.max_frame_bytes, { action: 'search', anomaly: synchrophasorAnomalies.bad_start });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return frameLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (to - from >= leastLength) readFrame(this.context, bytes, from, to);
    return 0;
  }
}

/** A datagram holds whole frames. */
export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  for (let at = from; at < to; ) {
    const length = frameLength(bytes, at, to);
    if (length === noMessage || length === needMoreBytes || at + length > to) {
      context.anomaly(length === noMessage ? synchrophasorAnomalies.bad_start : synchrophasorAnomalies.cut_frame, timeUs);
      return;
    }
    readFrame(context, bytes, at, at + length);
    at += length;
  }
};
