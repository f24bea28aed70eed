// `ringtap packets SESSION`: the packets of one session out of stored capture files, as a capture file. The session's record says
// in which files and where (`pcap.packet_pos` of ECS records, `packetPos` of Arkime's documents); the list in the folder of stored
// files says how to read them.

import { closeSync, createReadStream, openSync, readSync, statSync, writeSync } from 'node:fs';
import { resolve } from 'node:path';
import { createInterface } from 'node:readline';
import { isatty } from 'node:tty';
import { loadConfig } from '../config/index.ts';
import { decoderDefinitions } from '../decoders/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import {
  FileCatalog,
  fileHeadBytes,
  interfaceBlock,
  Magic,
  openFileKey,
  PacketReader,
  packetBlockLength,
  readIndex,
  readKeys,
  recordHeadBytes,
  type StoredPacket,
  sectionBlock,
  snapLength,
  splitPositions,
  writeFileHead,
  writePacketBlock,
  writeRecordHead,
} from '../pcap/index.ts';
import { type CaptureFile, RecordRegistry } from '../record/index.ts';
import { findPlugin, shippedKinds } from './plugin-loader.ts';

export interface PacketsOptions {
  readonly documents?: readonly string[];
  readonly pcapDir?: readonly string[];
  readonly config?: string;
  readonly logDir?: string;
  readonly write?: string;
}

/** What of a session's record is needed. */
interface Placed {
  readonly node: string | undefined;
  readonly packetPos: readonly number[];
  /** ECS records have differences always; Arkime's documents as the file says. */
  readonly isEcs: boolean;
}

interface Place {
  readonly file: CaptureFile;
  readonly positions: readonly number[];
}

const standardOutput = 1;
/** Bytes of a session in an index file. */
const indexMost = 1 << 28;
const defaultFolder = 'pcap';

export async function packetsCommand(session: string, options: PacketsOptions): Promise<number> {
  const store = await storeOf(options);
  const records = await recordsOf(session, options.documents ?? []);
  if (records.length === 0)
    throw new SensorError(errorCodes.usage, `there is no session ${session} in the records given`, {
      hint: 'ids are session.id of ECS records, _id and rootId of Arkime documents (format "arkime_bulk"), and community ids',
    });
  const places = records.flatMap((record) => placesOf(record, store.catalogs));
  if (places.length === 0)
    throw new SensorError(errorCodes.usage, `session ${session} has no stored packets`, {
      hint: 'records say where packets are when an output of kind "pcap" without a path stores them',
    });
  const path = options.write ?? '-';
  if (path === '-' && isatty(standardOutput))
    throw new SensorError(errorCodes.usage, 'a capture file is nothing for a terminal', {
      hint: 'give -w FILE, or pipe it: ringtap packets … | tcpdump -nr -',
    });
  const { written, missing } = copyPackets(places, store.keys, path, session);
  process.stderr.write(`ringtap: ${written} packets${missing > 0 ? `, ${missing} could not be read` : ''}\n`);
  return missing > 0 ? 1 : 0;
}

/** Lists of files and keys, from the config or the folders given. */
async function storeOf(options: PacketsOptions): Promise<{ catalogs: FileCatalog[]; keys: ReadonlyMap<string, string> }> {
  const directory = options.logDir ?? process.cwd();
  const folders = [...(options.pcapDir ?? [])];
  let keys = new Map<string, string>();
  if (options.config !== undefined) {
    const config = await loadConfig({
      file: options.config,
      settings: [],
      overlay: () => {},
      decoders: decoderDefinitions,
      outputs: async (kind) => (await findPlugin(kind))?.plugin,
      outputKinds: shippedKinds(),
      recordTypesOf: () => new RecordRegistry(decoderDefinitions).types.map(({ name }) => name),
    });
    for (const { common, own } of config.outputs) {
      if (common.kind !== 'pcap' || own.path !== '') continue;
      if (folders.length === 0) folders.push(...(own.directories as string[]).map((path) => resolve(directory, path)));
      if (own.key_file !== '') keys = readKeys(resolve(directory, own.key_file as string));
    }
  }
  if (folders.length === 0) folders.push(resolve(directory, defaultFolder));
  const catalogs = folders.flatMap((folder) => FileCatalog.all(folder));
  if (catalogs.length === 0)
    throw new SensorError(errorCodes.usage, `there is no list of stored files (*.files.ndjson) in ${folders.join(', ')}`, {
      hint: 'give the folder with -p FOLDER, or the config with -c FILE',
    });
  return { catalogs, keys };
}

/** The records of a session, in the order of its parts. */
async function recordsOf(session: string, files: readonly string[]): Promise<Placed[]> {
  const found: Placed[] = [];
  for (const file of files.length === 0 ? ['-'] : files) {
    const input = file === '-' ? process.stdin : createReadStream(openable(file));
    /** `_id` of the line before, in files for bulk requests. */
    let bulkId: string | undefined;
    for await (const line of createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })) {
      const document = parsed(line);
      if (document === undefined) continue;
      const action = valueAt(document, 'index._id');
      if (action !== undefined && valueAt(document, 'packetPos') === undefined) {
        bulkId = String(action);
        continue;
      }
      const placed = placedOf(document, bulkId, session);
      if (placed !== undefined) found.push(placed);
      bulkId = undefined;
    }
  }
  return found;
}

function openable(file: string): string {
  try {
    statSync(file);
    return file;
  } catch (cause) {
    throw new SensorError(errorCodes.usage, `-d ${file}: ${(cause as Error).message}`, { cause });
  }
}

function parsed(line: string): unknown {
  if (!line.startsWith('{')) return undefined;
  try {
    return JSON.parse(line);
  } catch {
    return undefined;
  }
}

function placedOf(document: unknown, bulkId: string | undefined, session: string): Placed | undefined {
  // Documents that were fetched from a search lie in `_source`.
  const source = valueAt(document, '_source') ?? document;
  const ids = [
    bulkId,
    valueAt(document, '_id'),
    ...['session.id', 'rootId', 'network.community_id', 'communityId'].map((path) => valueAt(source, path)),
  ];
  // As the viewer shows them, ids have what precedes them: `3@261120-…`.
  const wanted = session.replace(/^3@(\d{6}:)?/, '');
  if (!ids.some((id) => id === session || id === wanted)) return undefined;
  const ecs = valueAt(source, 'pcap.packet_pos');
  const packetPos = ecs ?? valueAt(source, 'packetPos');
  if (!Array.isArray(packetPos) || !packetPos.every(Number.isSafeInteger)) return undefined;
  const node = valueAt(source, 'node');
  return { node: typeof node === 'string' ? node : undefined, packetPos: packetPos as number[], isEcs: ecs !== undefined };
}

function valueAt(document: unknown, path: string): unknown {
  let value = document;
  for (const name of path.split('.')) {
    if (typeof value !== 'object' || value === null) return undefined;
    value = (value as Record<string, unknown>)[name];
  }
  return value;
}

/** Files and positions of a record. Throws where a file is not in the lists. */
function placesOf({ node, packetPos, isEcs }: Placed, catalogs: readonly FileCatalog[]): Place[] {
  const fileOf = (number: number): CaptureFile => {
    for (const catalog of catalogs) {
      const file = catalog.get(number);
      if (file !== undefined && (node === undefined || file.node === node)) return file;
    }
    throw new SensorError(
      errorCodes.usage,
      `capture file ${number}${node === undefined ? '' : ` of ${node}`} is not in the list`,
      {
        hint: 'it may have been deleted to make room; -p FOLDER names the first folder of the sensor that wrote it',
      },
    );
  };
  return splitPositions(packetPos, (number) => {
    const { positions } = fileOf(number);
    return positions === 'gap0' || (isEcs && positions !== 'localIndex');
  }).map(({ file: number, positions }) => {
    const file = fileOf(number);
    return { file, positions: file.positions === 'localIndex' ? indexed(file, positions) : positions };
  });
}

/** Positions that an index file has at (offset, length). */
function indexed({ indexPath = '' }: CaptureFile, [offset = 0, length = 0]: readonly number[]): number[] {
  const bytes = Buffer.alloc(Math.min(length, indexMost));
  try {
    const fd = openSync(indexPath, 'r');
    const read = readSync(fd, bytes, 0, bytes.length, offset);
    closeSync(fd);
    return readIndex(bytes.subarray(0, read));
  } catch (cause) {
    throw new SensorError(errorCodes.sourceOpen, (cause as Error).message, { cause });
  }
}

/** As pcapng with the session as comment where the name says so or link types differ, else as pcap; parts and files follow each other in time. */
function copyPackets(
  places: readonly Place[],
  keys: ReadonlyMap<string, string>,
  path: string,
  session: string,
): { written: number; missing: number } {
  const readers = new Map<CaptureFile, PacketReader>();
  for (const { file } of places) {
    if (readers.has(file)) continue;
    readers.set(file, new PacketReader(file, file.encryption === undefined ? undefined : openFileKey(file, keys)));
  }
  const types = [...new Set([...readers.values()].map(({ linkType }) => linkType))];
  const isNg = path.endsWith('.pcapng') || types.length > 1;
  const fd = path === '-' ? standardOutput : openForWriting(path);
  writeAll(fd, isNg ? sectionHead(types, session) : fileHead(types[0] ?? 1));
  let written = 0;
  let missing = 0;
  for (const { file, positions } of places) {
    const reader = readers.get(file) as PacketReader;
    for (const position of positions) {
      const packet = reader.read(position);
      if (packet === undefined) missing++;
      else {
        writeAll(fd, isNg ? blockOf(packet, types.indexOf(packet.linkType)) : recordOf(packet));
        written++;
      }
    }
  }
  for (const reader of readers.values()) reader.close();
  if (fd !== standardOutput) closeSync(fd);
  return { written, missing };
}

function openForWriting(path: string): number {
  try {
    return openSync(path, 'w', 0o640);
  } catch (cause) {
    throw new SensorError(errorCodes.output, (cause as Error).message, { cause, hint: '-w FILE names another file' });
  }
}

function fileHead(linkType: number): Buffer {
  const head = Buffer.alloc(fileHeadBytes);
  writeFileHead(head, 0, Magic.microseconds, linkType);
  return head;
}

function sectionHead(types: readonly number[], session: string): Buffer {
  return Buffer.concat([
    sectionBlock('Ringtap', [`session ${session}`]),
    ...types.map((type) => interfaceBlock(type, '', snapLength)),
  ]);
}

function recordOf({ seconds, nanos, wire, frame }: StoredPacket): Buffer {
  const bytes = Buffer.alloc(recordHeadBytes + frame.length);
  writeRecordHead(bytes, 0, seconds, Math.floor(nanos / 1000), frame.length, wire);
  frame.copy(bytes, recordHeadBytes);
  return bytes;
}

function blockOf({ seconds, nanos, wire, frame }: StoredPacket, interfaceId: number): Buffer {
  const bytes = Buffer.alloc(packetBlockLength(frame.length, false));
  const timeUs = seconds * 1e6 + Math.floor(nanos / 1000);
  frame.copy(bytes, writePacketBlock(bytes, 0, interfaceId, timeUs, nanos % 1000, frame.length, wire, 0));
  return bytes;
}

function writeAll(fd: number, bytes: Buffer): void {
  for (let from = 0; from < bytes.length; ) {
    try {
      from += writeSync(fd, bytes, from);
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new SensorError(errorCodes.outputClosed, 'standard output was closed');
      if (code !== 'EAGAIN') throw new SensorError(errorCodes.output, (error as Error).message, { cause: error });
    }
  }
}
