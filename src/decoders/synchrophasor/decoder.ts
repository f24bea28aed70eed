// Frames of IEEE C37.118.2-2011: the common part (section 6.2) and commands; configurations are read beside. Called by the
// synchrophasor decoder, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { synchrophasorAnomalies } from './anomalies.ts';
import { readConfiguration } from './configuration.ts';
import { synchrophasorFields } from './fields.ts';

const syncByte = 0xaa;
const typeNames = ['data', 'header', 'cfg1', 'cfg2', 'command', 'cfg3'];
const Type = { cfg1: 2, cfg2: 3, command: 4, cfg3: 5 } as const;
/** Start, size, stream, second, fraction; then the body; then two bytes of checksum. */
const headLength = 14;
const checksumLength = 2;
export const leastLength = headLength + checksumLength;

/** How frames are found in a stream, `mostBytes` of each. */
export const frames = (mostBytes: number): MessageFraming => ({
  mostBytes,
  whenLost: 'search',
  lost: synchrophasorAnomalies.bad_start,
  length(bytes, from, to) {
    if (bytes[from] !== syncByte) return Framing.lost;
    if (to - from < 2) return Framing.more;
    const second = bytes[from + 1] as number;
    const version = second & 0x0f;
    if (version < 1 || version > 2 || second >> 4 >= typeNames.length) return Framing.lost;
    if (to - from < 4) return Framing.more;
    const length = bytes.readUInt16BE(from + 2);
    return length < leastLength ? Framing.lost : length;
  },
});

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

export const frameReader: MessageReader = {
  message(context, _direction, bytes, from, to) {
    if (to - from >= leastLength) readFrame(context, bytes, from, to);
    return true;
  },
};

const datagramFrames = frames(leastLength);

/** A datagram holds whole frames. */
export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  for (let at = from; at < to; ) {
    const length = datagramFrames.length(bytes, at, to);
    if (length === Framing.lost || length === Framing.more || at + length > to) {
      context.anomaly(length === Framing.lost ? synchrophasorAnomalies.bad_start : synchrophasorAnomalies.cut_frame, timeUs);
      return;
    }
    readFrame(context, bytes, at, at + length);
    at += length;
  }
};
