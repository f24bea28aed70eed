// The bytes of a segment file of the spill queue: how a header and a record are written, and how they are recognised
// again after a crash that may have cut the file at any byte. Called by the queue only; does no I/O.
//
//   segment │ "RTSPILL1" │ u32 header bytes │ u32 CRC of the rest │ JSON list of record types │ record │ record │ …
//
//   record  │ u32 length │ u32 CRC-32 │ f64 order time │ u32 order packet │ u32 order index │ u32 type │ u32 0 │ bytes │
//             all of it    of what follows                                                   in the header's list
//
// All little endian, nothing padded. Types are names in the header because their indexes are only those of one run.

import { crc32 } from 'node:zlib';

/** What is kept of an encoded record: the keys of `--ordered` and its bytes. */
export interface SpillRecord {
  /** Index in the list of types that the queue was opened with. */
  readonly type: number;
  readonly orderTimeUs: number;
  readonly orderPacket: number;
  readonly orderIndex: number;
  readonly bytes: Uint8Array;
}

/** A record as it comes back, maybe in a later run. */
export interface SpilledRecord {
  /** Name of the record type. */
  readonly type: string;
  readonly orderTimeUs: number;
  readonly orderPacket: number;
  readonly orderIndex: number;
  readonly bytes: Buffer;
}

export interface SegmentHeader {
  readonly types: readonly string[];
  readonly bytes: number;
}

export const recordHeadBytes = 32;
/** A type list longer than this is no segment of ours. */
export const maxHeaderBytes = 64 << 10;

const magic = Buffer.from('RTSPILL1', 'latin1');
const fixedHeaderBytes = 16;

export function encodeHeader(types: readonly string[]): Buffer {
  const list = Buffer.from(JSON.stringify(types));
  const header = Buffer.alloc(fixedHeaderBytes + list.length);
  magic.copy(header);
  header.writeUInt32LE(header.length, 8);
  header.writeUInt32LE(crc32(list), 12);
  list.copy(header, fixedHeaderBytes);
  return header;
}

/** The header at the start of `bytes`, or undefined when it is not whole or not one. */
export function parseHeader(bytes: Buffer): SegmentHeader | undefined {
  if (bytes.length < fixedHeaderBytes || !bytes.subarray(0, magic.length).equals(magic)) return undefined;
  const size = bytes.readUInt32LE(8);
  if (size < fixedHeaderBytes || size > maxHeaderBytes || size > bytes.length) return undefined;
  const list = bytes.subarray(fixedHeaderBytes, size);
  if (crc32(list) !== bytes.readUInt32LE(12)) return undefined;
  // The checksum holds, so this is what `encodeHeader` wrote.
  return { types: JSON.parse(list.toString()) as string[], bytes: size };
}

/** Bytes that a record takes in a segment. */
export function spilledBytes(record: SpillRecord): number {
  return recordHeadBytes + record.bytes.length;
}

/** Writes a record at `at` of `target`, which has the room. Returns the offset after it. */
export function encodeRecord(target: Buffer, at: number, record: SpillRecord): number {
  const end = at + spilledBytes(record);
  target.writeUInt32LE(end - at, at);
  target.writeDoubleLE(record.orderTimeUs, at + 8);
  target.writeUInt32LE(record.orderPacket, at + 16);
  target.writeUInt32LE(record.orderIndex, at + 20);
  target.writeUInt32LE(record.type, at + 24);
  target.writeUInt32LE(0, at + 28);
  target.set(record.bytes, at + recordHeadBytes);
  target.writeUInt32LE(crc32(target.subarray(at + 8, end)), at + 4);
  return end;
}

/** Length of the record at `at` by its own word; 0 when that cannot be a record within `room` bytes of file. */
export function announcedLength(bytes: Buffer, at: number, room: number): number {
  if (room < recordHeadBytes) return 0;
  const length = bytes.readUInt32LE(at);
  return length >= recordHeadBytes && length <= room ? length : 0;
}

/** Whether the `length` bytes at `at` are a whole and undamaged record. */
export function isIntact(bytes: Buffer, at: number, length: number, typeCount: number): boolean {
  if (crc32(bytes.subarray(at + 8, at + length)) !== bytes.readUInt32LE(at + 4)) return false;
  return bytes.readUInt32LE(at + 24) < typeCount;
}

/** The intact record at `at`; its bytes are a view of `bytes`. */
export function decodeRecord(bytes: Buffer, at: number, length: number, types: readonly string[]): SpilledRecord {
  return {
    type: types[bytes.readUInt32LE(at + 24)] as string,
    orderTimeUs: bytes.readDoubleLE(at + 8),
    orderPacket: bytes.readUInt32LE(at + 16),
    orderIndex: bytes.readUInt32LE(at + 20),
    bytes: bytes.subarray(at + recordHeadBytes, at + length),
  };
}
