// Writes a pcap file (microseconds, little endian, Ethernet) in time order, in large writes.

import { closeSync, openSync, writeSync } from 'node:fs';

const flushBytes = 4 << 20;

export function pcapHeader(linkType = 1): Buffer {
  const header = Buffer.alloc(24);
  header.writeUInt32LE(0xa1b2c3d4, 0);
  header.writeUInt16LE(2, 4);
  header.writeUInt16LE(4, 6);
  header.writeUInt32LE(262144, 16);
  header.writeUInt32LE(linkType, 20);
  return header;
}

/** Record header and frame; `timeUs` since 1970. */
export function pcapRecord(timeUs: number, frame: Uint8Array): Buffer {
  const record = Buffer.alloc(16 + frame.length);
  record.writeUInt32LE(Math.floor(timeUs / 1e6), 0);
  record.writeUInt32LE(timeUs % 1e6, 4);
  record.writeUInt32LE(frame.length, 8);
  record.writeUInt32LE(frame.length, 12);
  record.set(frame, 16);
  return record;
}

export interface TimedFrame {
  readonly timeUs: number;
  readonly frame: Buffer;
}

/** A whole file in memory, for tests. */
export function pcapBytes(frames: readonly TimedFrame[], linkType = 1): Buffer {
  return Buffer.concat([pcapHeader(linkType), ...frames.map(({ timeUs, frame }) => pcapRecord(timeUs, frame))]);
}

/** Frames may be added in any order within the conversations of a trace; `close` sorts them by time and writes. */
export class PcapFile {
  readonly #path: string;
  #frames: TimedFrame[] = [];
  packets = 0;
  frameBytes = 0;

  constructor(path: string) {
    this.#path = path;
  }

  add(timeUs: number, frame: Buffer): void {
    this.#frames.push({ timeUs, frame });
    this.packets++;
    this.frameBytes += frame.length;
  }

  close(): void {
    // Stable: frames of the same microsecond stay in the order in which they were added.
    this.#frames.sort((a, b) => a.timeUs - b.timeUs);
    const fd = openSync(this.#path, 'w');
    let parts: Buffer[] = [pcapHeader()];
    let bytes = 0;
    for (const { timeUs, frame } of this.#frames) {
      const record = pcapRecord(timeUs, frame);
      parts.push(record);
      bytes += record.length;
      if (bytes < flushBytes) continue;
      writeSync(fd, Buffer.concat(parts));
      parts = [];
      bytes = 0;
    }
    writeSync(fd, Buffer.concat(parts));
    closeSync(fd);
    this.#frames = [];
  }
}
