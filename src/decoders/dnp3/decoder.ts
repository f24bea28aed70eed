// DNP3 link frames (IEEE 1815-2012 section 9.2): a header of ten bytes, then up to 250 of user data with a checksum for every
// sixteen. The first frame of an application message says its function. Called by the DNP3 decoder, on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { FramedDecoder, needMoreBytes, noMessage } from '../framed-decoder.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { dnp3Anomalies } from './anomalies.ts';
import { dnp3Fields } from './fields.ts';
import { functionNames } from './function-names.ts';

const start = 0x0564;
export const headerLength = 10;
/** Of user data, between checksums. */
const blockLength = 16;
const checksumLength = 2;
/** Control, destination and source, which the length counts. */
const leastLength = 5;
const mostUserData = 250;
/** Bit of the transport octet in the first frame of an application message. */
const isFirst = 0x40;

/** Length of the frame at `from`, of which `[from, to)` are there; `needMoreBytes` or `noMessage`. */
export function frameLength(bytes: Buffer, from: number, to: number): number {
  if (bytes[from] !== start >> 8 || (to - from > 1 && bytes[from + 1] !== (start & 0xff))) return noMessage;
  if (to - from < 3) return needMoreBytes;
  const userData = (bytes[from + 2] as number) - leastLength;
  if (userData < 0) return noMessage;
  return headerLength + userData + Math.ceil(userData / blockLength) * checksumLength;
}

/** The checksum of the header at `from`: CRC-16/DNP of its first eight bytes. */
export function hasChecksum(bytes: Buffer, from: number): boolean {
  let sum = 0;
  for (let at = from; at < from + 8; at += 1) {
    sum ^= bytes[at] as number;
    for (let bit = 0; bit < 8; bit += 1) sum = (sum & 1) !== 0 ? (sum >> 1) ^ 0xa6bc : sum >> 1;
  }
  return (~sum & 0xffff) === bytes.readUInt16LE(from + 8);
}

function readFrame(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  context.note(dnp3Fields.destination, bytes.readUInt16LE(from + 4));
  context.note(dnp3Fields.source, bytes.readUInt16LE(from + 6));
  // Transport octet, application control, function.
  const transport = from + headerLength;
  if (to - transport < 3 || ((bytes[transport] as number) & isFirst) === 0) return;
  const code = bytes[transport + 2] as number;
  context.note(dnp3Fields.function, code);
  const name = functionNames.get(code);
  if (name !== undefined) context.note(dnp3Fields.functionName, name);
}

export class Dnp3Decoder extends FramedDecoder {
  constructor(context: DecoderContext) {
    super(context, headerLength + mostUserData + Math.ceil(mostUserData / blockLength) * checksumLength, {
      action: 'search',
      anomaly: dnp3Anomalies.bad_start,
    });
  }

  protected lengthAt(_direction: Direction, bytes: Buffer, at: number, to: number): number {
    return frameLength(bytes, at, to);
  }

  protected message(_direction: Direction, bytes: Buffer, from: number, to: number): number {
    readFrame(this.context, bytes, from, to);
    return 0;
  }
}

/** A datagram holds whole frames. */
export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  for (let at = from; at < to; ) {
    const length = frameLength(bytes, at, to);
    if (length === noMessage || length === needMoreBytes || at + length > to) {
      context.anomaly(length === noMessage ? dnp3Anomalies.bad_start : dnp3Anomalies.cut_frame, timeUs);
      return;
    }
    readFrame(context, bytes, at, at + length);
    at += length;
  }
};
