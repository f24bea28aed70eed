// DNP3 link frames (IEEE 1815-2012 section 9.2): a header of ten bytes, then up to 250 of user data with a checksum for every
// sixteen. The first frame of an application message says its function. Called by the DNP3 decoder, on packet workers.

import { defineAnomalies } from '../../record/index.ts';
import { collected } from '../collected-field.ts';
import type { DecoderContext } from '../contract.ts';
import { Framing, type MessageFraming, type MessageReader } from '../message-decoder.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { functionNames } from './function-names.ts';

const sourceField = collected('long', 'dnp3.source', 'Addresses of stations that sent frames.', { path: 'dnp3.src' });
const destinationField = collected('long', 'dnp3.destination', 'Addresses of stations that frames were for.', {
  path: 'dnp3.dst',
});
const functionField = collected('long', 'dnp3.function_code', 'Functions of application messages.', { path: 'dnp3.func' });
const functionNameField = collected('keyword', 'dnp3.function', 'Names of the functions: Read, DirectOperate, …', {
  path: 'dnp3.funcName',
});
export const sessionFields = [sourceField, destinationField, functionField, functionNameField];

export const anomalies = defineAnomalies('dnp3', {
  bad_start: 'Where a frame must begin there are no start bytes, or its length is less than 5; the next start is searched.',
  cut_frame: 'A datagram ends within a frame.',
});

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

export const frames: MessageFraming = {
  mostBytes: headerLength + mostUserData + Math.ceil(mostUserData / blockLength) * checksumLength,
  whenLost: 'search',
  lost: anomalies.bad_start,
  length(bytes, from, to) {
    if (bytes[from] !== start >> 8 || (to - from > 1 && bytes[from + 1] !== (start & 0xff))) return Framing.lost;
    if (to - from < 3) return Framing.more;
    const userData = (bytes[from + 2] as number) - leastLength;
    if (userData < 0) return Framing.lost;
    return headerLength + userData + Math.ceil(userData / blockLength) * checksumLength;
  },
};

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
  context.note(destinationField, bytes.readUInt16LE(from + 4));
  context.note(sourceField, bytes.readUInt16LE(from + 6));
  // Transport octet, application control, function.
  const transport = from + headerLength;
  if (to - transport < 3 || ((bytes[transport] as number) & isFirst) === 0) return;
  const code = bytes[transport + 2] as number;
  context.note(functionField, code);
  const name = functionNames.get(code);
  if (name !== undefined) context.note(functionNameField, name);
}

export const frameReader: MessageReader = {
  message(context, _direction, bytes, from, to) {
    readFrame(context, bytes, from, to);
    return true;
  },
};

/** A datagram holds whole frames. */
export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  for (let at = from; at < to; ) {
    const length = frames.length(bytes, at, to);
    if (length === Framing.lost || length === Framing.more || at + length > to) {
      context.anomaly(length === Framing.lost ? anomalies.bad_start : anomalies.cut_frame, timeUs);
      return;
    }
    readFrame(context, bytes, at, at + length);
    at += length;
  }
};
