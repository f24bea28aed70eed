// Segment files on disk: their names, and the scan that finds what is whole and intact in one after a crash. Called by
// the queue only.

import { open } from 'node:fs/promises';
import { join } from 'node:path';
import { readAt } from './read-at.ts';
import { announcedLength, isIntact, maxHeaderBytes, parseHeader, recordHeadBytes } from './segment.ts';

/** A segment that holds at least a header. */
export interface Segment {
  readonly number: number;
  readonly path: string;
  readonly headerBytes: number;
  readonly types: readonly string[];
  /** Bytes of the header and the intact records. */
  size: number;
  /** Intact records in it, acknowledged or not. */
  records: number;
}

export interface Scan {
  /** Undefined when not even the header is whole. */
  readonly segment: Segment | undefined;
  /** Intact records from the given offset on. */
  readonly pendingRecords: number;
  /** Bytes behind the last intact record. */
  readonly tornBytes: number;
}

const scanBytes = 1 << 20;
const namePattern = /^segment-(\d{10})\.spill$/;

export function pathOf(directory: string, number: number): string {
  return join(directory, `segment-${String(number).padStart(10, '0')}.spill`);
}

/** Number of a segment by its file's name, 0 when it is none. */
export function segmentNumber(name: string): number {
  return Number(namePattern.exec(name)?.[1] ?? 0);
}

/** Walks a segment from its start; records from byte `pendingFrom` on count as pending. */
export async function scanSegment(path: string, number: number, pendingFrom: number): Promise<Scan> {
  const handle = await open(path, 'r');
  try {
    const { size: fileSize } = await handle.stat();
    const header = parseHeader(await readAt(handle, 0, Math.min(fileSize, maxHeaderBytes)));
    if (header === undefined) return { segment: undefined, pendingRecords: 0, tornBytes: fileSize };
    let position = header.bytes;
    let records = 0;
    let pendingRecords = 0;
    let bytes = Buffer.alloc(0);
    let at = 0;
    for (;;) {
      const room = fileSize - position;
      if (bytes.length - at < recordHeadBytes) {
        bytes = await readAt(handle, position, Math.min(room, scanBytes));
        at = 0;
      }
      const length = bytes.length - at < recordHeadBytes ? 0 : announcedLength(bytes, at, room);
      if (length > bytes.length - at) {
        bytes = await readAt(handle, position, Math.min(room, Math.max(length, scanBytes)));
        at = 0;
      }
      if (length === 0 || length > bytes.length - at || !isIntact(bytes, at, length, header.types.length)) break;
      if (position >= pendingFrom) pendingRecords += 1;
      records += 1;
      position += length;
      at += length;
    }
    const segment = { number, path, headerBytes: header.bytes, types: header.types, size: position, records };
    return { segment, pendingRecords, tornBytes: fileSize - position };
  } finally {
    await handle.close();
  }
}
