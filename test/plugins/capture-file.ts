// An independent reader of the capture files that the pcap output writes, for its tests: shares no code with the sensor. Reads the
// list of files, takes encryption and compression away by Node's own functions over the whole file, and walks the records.

import { createDecipheriv, createHash, pbkdf2Sync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { constants, gunzipSync, inflateRawSync, zstdDecompressSync } from 'node:zlib';

/** A line of `<node>.files.ndjson`. */
export interface ListedFile {
  readonly state: string;
  readonly number: number;
  readonly path: string;
  readonly positions: string;
  readonly compression?: 'gzip' | 'zstd';
  readonly uncompressedBits?: number;
  readonly encryption?: string;
  readonly iv?: string;
  readonly key?: string;
  readonly keyWrapping?: string;
  readonly keySalt?: string;
  readonly keyIv?: string;
  readonly keyTag?: string;
  readonly indexPath?: string;
  readonly bytes?: number;
  readonly packets?: number;
  readonly packetBytes?: number;
}

/** Files of a folder by number, as their last lines have them. */
export function listedFiles(folder: string): Map<number, ListedFile> {
  const files = new Map<number, ListedFile>();
  for (const name of readdirSync(folder)) {
    if (!name.endsWith('.files.ndjson')) continue;
    for (const line of readFileSync(join(folder, name), 'utf8').split('\n')) {
      if (line === '') continue;
      const file = JSON.parse(line) as ListedFile;
      if (file.state === 'deleted') files.delete(file.number);
      else files.set(file.number, file);
    }
  }
  return files;
}

/** Bytes of a file without its encryption; `secret`: the operator's key. */
export function decrypted(file: ListedFile, secret: string): Buffer {
  const bytes = readFileSync(file.path);
  if (file.encryption === undefined) return bytes;
  const hex = (text: string | undefined): Buffer => Buffer.from(text ?? '', 'hex');
  let key: Buffer;
  if (file.keyWrapping === 'aes-256-gcm') {
    const wrapping = pbkdf2Sync(secret, hex(file.keySalt), 350_000, 32, 'sha256');
    const decipher = createDecipheriv('aes-256-gcm', wrapping, hex(file.keyIv)).setAuthTag(hex(file.keyTag));
    key = Buffer.concat([decipher.update(hex(file.key)), decipher.final()]);
  } else {
    const first = createHash('md5').update(secret).digest();
    const second = createHash('md5').update(first).update(secret).digest();
    const third = createHash('md5').update(second).update(secret).digest();
    const all = Buffer.concat([first, second, third]);
    const decipher = createDecipheriv('aes-192-cbc', all.subarray(0, 24), all.subarray(24, 40));
    key = Buffer.concat([decipher.update(hex(file.key)), decipher.final()]);
  }
  if (file.encryption === 'xor-2048') return bytes.map((byte, index) => byte ^ (key[index % 256] as number)) as Buffer;
  const counter = Buffer.concat([hex(file.iv), Buffer.alloc(4)]);
  const decipher = createDecipheriv('aes-256-ctr', key, counter);
  return Buffer.concat([decipher.update(bytes), decipher.final()]);
}

/** The whole file as it was before compression. */
export function unpacked(file: ListedFile, bytes: Buffer): Buffer {
  if (file.compression === 'gzip') return gunzipSync(bytes);
  if (file.compression !== 'zstd') return bytes;
  const parts: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as {
      buffer: Buffer;
      engine: { bytesWritten: number };
    };
    parts.push(buffer);
    rest = rest.subarray(engine.bytesWritten);
  }
  return Buffer.concat(parts);
}

/** `seconds.micros hex` of the record at `at`, and where it ends; undefined at the end. */
export function recordAt(file: Buffer, bytes: Buffer, at: number): { text: string; end: number } | undefined {
  const short = file.readUInt32LE(0) === 0xa1b2c3d5;
  if (at + (short ? 6 : 16) > bytes.length) return undefined;
  if (short) {
    const time = bytes.readUInt32LE(at + 2);
    const end = at + 6 + bytes.readUInt16LE(at);
    const seconds = file.readUInt32LE(8) + Math.floor(time / 2 ** 20);
    return { text: `${seconds}.${time % 2 ** 20} ${bytes.subarray(at + 6, end).toString('hex')}`, end };
  }
  const end = at + 16 + bytes.readUInt32LE(at + 8);
  if (end > bytes.length) return undefined;
  return { text: `${bytes.readUInt32LE(at)}.${bytes.readUInt32LE(at + 4)} ${bytes.subarray(at + 16, end).toString('hex')}`, end };
}

/** All packets of an unpacked file. */
export function packetsOf(file: Buffer): string[] {
  const packets: string[] = [];
  for (let at = 24; ; ) {
    const record = recordAt(file, file, at);
    if (record === undefined) return packets;
    packets.push(record.text);
    at = record.end;
  }
}

/** The packet at a position: `bytes` is the file on disk without its encryption. */
export function packetAt(file: ListedFile, bytes: Buffer, position: number): string | undefined {
  if (file.compression === undefined) return recordAt(bytes, bytes, position)?.text;
  const unit = 2 ** (file.uncompressedBits ?? 16);
  const packed = bytes.subarray(Math.floor(position / unit), Math.floor(position / unit) + 131_072);
  const block =
    file.compression === 'zstd' ? zstdDecompressSync(packed) : inflateRawSync(packed, { finishFlush: constants.Z_SYNC_FLUSH });
  return recordAt(unpacked(file, bytes), block, position % unit)?.text;
}

/** Positions by file of `pcap.packet_pos`. */
export function positionsOf(packetPos: readonly number[], files: ReadonlyMap<number, ListedFile>): [ListedFile, number[]][] {
  const result: [ListedFile, number[]][] = [];
  for (let index = 0; index < packetPos.length; ) {
    const file = files.get(-(packetPos[index] as number)) as ListedFile;
    let end = index + 1;
    while (end < packetPos.length && (packetPos[end] as number) >= 0) end += 1;
    const values = packetPos.slice(index + 1, end);
    if (file.positions === 'localIndex') {
      const bytes = readFileSync(file.indexPath as string).subarray(values[0], (values[0] as number) + (values[1] as number));
      result.push([file, sums(varints(bytes))]);
    } else result.push([file, sums(values)]);
    index = end;
  }
  return result;
}

function varints(bytes: Buffer): number[] {
  const values: number[] = [];
  let value = 0;
  let shift = 0;
  for (const byte of bytes) {
    value += (byte % 128) * 2 ** shift;
    shift += 7;
    if (byte < 128) continue;
    values.push(value);
    value = 0;
    shift = 0;
  }
  return values;
}

function sums(gaps: readonly number[]): number[] {
  let last = 0;
  let gap = 0;
  return gaps.map((value) => {
    if (value !== 0) gap = value;
    last += gap;
    return last;
  });
}
