// Reads packets of a capture file by their positions: plain, packed in blocks, encrypted, with short heads, in either byte
// order. What the sensor wrote, and any other classic pcap file. Used by `ringtap packets`; synchronous, on the main thread.

import { closeSync, openSync, readSync } from 'node:fs';
import { constants, gunzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';
import { errorCodes, SensorError } from '../errors.ts';
import type { CaptureFile } from '../record/index.ts';
import { type FileKey, fileCipher } from './file-keys.ts';
import { fileHeadBytes, Magic, recordHeadBytes, shortHeadBytes, snapLength } from './pcap-format.ts';

export interface StoredPacket {
  readonly linkType: number;
  readonly seconds: number;
  readonly nanos: number;
  /** Bytes on the wire, where the file tells. */
  readonly wire: number;
  readonly frame: Buffer;
}

/** Of the facts of a file, what reading it needs. */
export type ReadableFile = Pick<CaptureFile, 'path' | 'compression' | 'uncompressedBits'>;

/** Packed bytes of a block that are read at first, and at most. */
const firstRead = 32_768;
const mostRead = 1 << 23;
/** Unpacked bytes of a read at most: Deflate makes a thousand of one. */
const mostUnpacked = 1 << 28;
/** Unpacked blocks that are kept: packets of a session stand close together. */
const keptBlocks = 8;

export class PacketReader {
  readonly #file: ReadableFile;
  readonly #key: FileKey | undefined;
  readonly #fd: number;
  readonly #blockSize: number;
  readonly #blocks = new Map<number, Buffer>();
  readonly #little: boolean;
  readonly #magic: number;
  readonly #zone: number;
  readonly linkType: number;

  /** Opens the file. Throws `RT_SOURCE_OPEN` or `RT_SOURCE_FORMAT`. */
  constructor(file: ReadableFile, key?: FileKey) {
    this.#file = file;
    this.#key = key;
    this.#blockSize = file.compression === undefined ? 0 : 2 ** (file.uncompressedBits ?? 16);
    try {
      this.#fd = openSync(file.path, 'r');
    } catch (cause) {
      throw new SensorError(errorCodes.sourceOpen, (cause as Error).message, {
        cause,
        hint: 'it may have been deleted to make room, or moved; --folder names where the files are now',
      });
    }
    const head = this.#head();
    const big = head.readUInt32BE(0);
    const magics: readonly number[] = Object.values(Magic);
    this.#little = magics.includes(head.readUInt32LE(0));
    if (!this.#little && !magics.includes(big)) {
      this.close();
      throw new SensorError(errorCodes.sourceFormat, `${file.path}: no capture file, or encrypted with another key`);
    }
    this.#magic = this.#little ? head.readUInt32LE(0) : big;
    this.#zone = this.#u32(head, 8);
    this.linkType = this.#u32(head, 20) & 0xffff;
  }

  /** The packet whose record begins at a position; undefined where there is none. */
  read(position: number): StoredPacket | undefined {
    const short = this.#magic === Magic.short;
    const headBytes = short ? shortHeadBytes : recordHeadBytes;
    const head = this.#bytes(position, headBytes);
    if (head === undefined) return undefined;
    const captured = short ? this.#u16(head, 0) : this.#u32(head, 8);
    if (captured > snapLength) return undefined;
    const frame = this.#bytes(position + headBytes, captured);
    if (frame === undefined) return undefined;
    if (short) {
      const time = this.#u32(head, 2);
      return {
        linkType: this.linkType,
        seconds: this.#zone + Math.floor(time / 2 ** 20),
        nanos: (time % 2 ** 20) * 1000,
        wire: captured,
        frame,
      };
    }
    const fraction = this.#u32(head, 4);
    return {
      linkType: this.linkType,
      seconds: this.#u32(head, 0),
      nanos: this.#magic === Magic.nanoseconds ? fraction : fraction * 1000,
      wire: this.#u32(head, 12),
      frame,
    };
  }

  close(): void {
    closeSync(this.#fd);
  }

  #u32(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at);
  }

  #u16(bytes: Buffer, at: number): number {
    return this.#little ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at);
  }

  #head(): Buffer {
    const { compression, path } = this.#file;
    const start = this.#disk(0, compression === undefined ? fileHeadBytes : firstRead);
    const options = { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostUnpacked };
    let head: Buffer | undefined;
    try {
      if (compression === 'gzip') head = gunzipSync(start, options);
      else if (compression === 'zstd') head = zstdDecompressSync(start, { maxOutputLength: mostUnpacked });
      else head = start;
    } catch {
      // Told below.
    }
    if (head !== undefined && head.length >= fileHeadBytes) return head;
    this.close();
    throw new SensorError(errorCodes.sourceFormat, `${path}: too short, or encrypted with another key`);
  }

  /** `length` bytes of the unpacked file from a position on; within a block. */
  #bytes(position: number, length: number): Buffer | undefined {
    if (this.#blockSize === 0) {
      const bytes = this.#disk(position, length);
      return bytes.length === length ? bytes : undefined;
    }
    const at = position % this.#blockSize;
    const block = this.#block(Math.floor(position / this.#blockSize), at + length);
    return block === undefined ? undefined : block.subarray(at, at + length);
  }

  /** The block that begins at `offset`, unpacked at least up to byte `end`; undefined where it does not go so far. */
  #block(offset: number, end: number): Buffer | undefined {
    const known = this.#blocks.get(offset);
    if (known !== undefined && known.length >= end) return known;
    for (let most = firstRead; most <= mostRead; most *= 4) {
      const packed = this.#disk(offset, most);
      const block = unpack(this.#file.compression, packed);
      if (block === undefined || block.length < end) {
        if (packed.length < most) return undefined;
        continue;
      }
      if (this.#blocks.size === keptBlocks) this.#blocks.delete(this.#blocks.keys().next().value as number);
      this.#blocks.set(offset, block);
      return block;
    }
    return undefined;
  }

  /** Bytes of the file as they would stand there without encryption; fewer at its end. */
  #disk(offset: number, length: number): Buffer {
    const bytes = Buffer.allocUnsafe(length);
    let have = 0;
    while (have < length) {
      const read = readSync(this.#fd, bytes, have, length - have, offset + have);
      if (read === 0) break;
      have += read;
    }
    const part = bytes.subarray(0, have);
    return this.#key === undefined ? part : fileCipher(this.#key, offset).update(part);
  }
}

/** What stands in the packed block at the start of `packed`; undefined when more of it is needed, or it is damaged. */
function unpack(compression: ReadableFile['compression'], packed: Buffer): Buffer | undefined {
  try {
    if (compression === 'zstd') return zstdDecompressSync(packed, { maxOutputLength: mostUnpacked });
    return inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH, maxOutputLength: mostUnpacked });
  } catch {
    return undefined;
  }
}
