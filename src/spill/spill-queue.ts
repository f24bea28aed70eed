// The bounded disk queue of an output with `policy = "spill"`: what the output cannot take now goes to segment files and
// comes back in order, also in a later run. Used by one output worker; calls may overlap, they run one after the other.
//
//   directory/  segment-0000000007.spill   segment-0000000008.spill   position   owner
//                  acknowledged │ pending     pending │ append here     7 48212
//
// When `append` settles its records are in the page cache: they survive the death of this process at any byte, not a power cut. A segment
// is synced to disk when it is complete and at `close`. Acknowledgements are written, not synced: after a power cut
// records may come twice, never in another order. Every run writes to new segments; whole acknowledged segments are deleted.

import { type FileHandle, open, readdir, rm, truncate } from 'node:fs/promises';
import { errorCodes, SensorError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';
import { giveUpOwnership, takeOwnership } from './owner.ts';
import { comparePositions, readPosition, type SpillPosition, writePosition } from './position.ts';
import { readAt } from './read-at.ts';
import {
  announcedLength,
  decodeRecord,
  encodeHeader,
  encodeRecord,
  isIntact,
  recordHeadBytes,
  type SpilledRecord,
  type SpillRecord,
  spilledBytes,
} from './segment.ts';
import { pathOf, type Segment, scanSegment, segmentNumber } from './segment-file.ts';

export interface SpillOptions {
  /** Made when it does not exist. One queue a directory. */
  readonly directory: string;
  /** Most bytes on disk, at least twice `segmentBytes`. */
  readonly maxBytes: number;
  /** Bytes after which a new segment is begun, at least 64 KiB; also the bound of one record. */
  readonly segmentBytes: number;
  /** Names of the record types by the indexes that `append` gets. */
  readonly types: readonly string[];
}

/** Records read together; acknowledged together. */
export interface SpillBatch {
  readonly records: readonly SpilledRecord[];
  /** Position after the last record. */
  readonly end: SpillPosition;
  /** Records given before and with this batch since `open`: what `acknowledge` counts by. */
  readonly endCount: number;
}

export interface SpillStats {
  /** Records not acknowledged. */
  readonly pendingRecords: number;
  /** Bytes on disk, headers and acknowledged records of unfinished segments included. */
  readonly usedBytes: number;
  /** Bytes cut off or passed over because they were not whole, intact records: torn by a crash, or damaged on disk. */
  readonly tornBytes: number;
  /** Times the file system was full before `maxBytes` was. */
  readonly diskFull: number;
}

export const minSegmentBytes = 64 << 10;

const stagingBytes = 256 << 10;

export class SpillQueue {
  readonly directory: string;
  readonly maxBytes: number;
  readonly segmentBytes: number;
  readonly #types: readonly string[];
  readonly #header: Buffer;
  #segments: Segment[];
  #nextNumber: number;
  #writer: FileHandle | undefined;
  #reader: { readonly segment: number; readonly handle: FileHandle } | undefined;
  /** The acknowledged position is further than the one on disk. */
  #isUnsaved: boolean;
  #readAt: SpillPosition;
  #readCount: number;
  #acknowledged: SpillPosition;
  #acknowledgedCount: number;
  #staging: Buffer;
  #pendingRecords: number;
  #tornBytes: number;
  #diskFull: number;
  #last: Promise<unknown>;
  #closed: boolean;

  private constructor(options: SpillOptions) {
    this.directory = options.directory;
    this.maxBytes = options.maxBytes;
    this.segmentBytes = options.segmentBytes;
    this.#types = options.types;
    this.#header = encodeHeader(options.types);
    this.#segments = [];
    this.#nextNumber = 1;
    this.#writer = undefined;
    this.#reader = undefined;
    this.#isUnsaved = false;
    this.#readAt = { segment: 0, offset: 0 };
    this.#readCount = 0;
    this.#acknowledged = { segment: 0, offset: 0 };
    this.#acknowledgedCount = 0;
    this.#staging = Buffer.allocUnsafe(stagingBytes);
    this.#pendingRecords = 0;
    this.#tornBytes = 0;
    this.#diskFull = 0;
    this.#last = Promise.resolve();
    this.#closed = false;
  }

  /** Opens the queue with what an earlier run left in it. Throws `RT_SPILL`. */
  static async open(options: SpillOptions): Promise<SpillQueue> {
    const { maxBytes, segmentBytes } = options;
    if (!(segmentBytes >= minSegmentBytes) || !(maxBytes >= 2 * segmentBytes))
      throw new SensorError(
        errorCodes.spill,
        `a spill queue of ${maxBytes} bytes in segments of ${segmentBytes} is not possible`,
        {
          hint: `segments have at least ${minSegmentBytes} bytes, the queue at least two segments`,
        },
      );
    const queue = new SpillQueue(options);
    await queue.#guard('open', () => queue.#recover());
    return queue;
  }

  get stats(): SpillStats {
    return {
      pendingRecords: this.#pendingRecords,
      usedBytes: this.#usedBytes(),
      tornBytes: this.#tornBytes,
      diskFull: this.#diskFull,
    };
  }

  /** True when every record has been acknowledged: the output may take from its ring again. */
  get isEmpty(): boolean {
    return this.#pendingRecords === 0;
  }

  /**
   * Appends records in order and returns how many; the others are the caller's to count as dropped. A record larger than
   * a segment is passed over; the first one for which queue or disk has no space is refused with all that follow. The
   * records' bytes may be reused once the promise settles. Throws `RT_SPILL` when none could be written for another
   * reason than space.
   */
  append(records: readonly SpillRecord[]): Promise<number> {
    return this.#exclusive('write to', () => this.#append(records));
  }

  /**
   * The next records, in order, each given once per run (see `rewind`): at most `maxRecords`, and about `maxBytes` of
   * memory unless a single record is larger. Undefined when there is none now.
   */
  read(maxRecords: number, maxBytes: number): Promise<SpillBatch | undefined> {
    return this.#exclusive('read from', () => this.#read(maxRecords, maxBytes));
  }

  /** Everything up to the end of `batch` is safe at its destination and will not be given again, in this run or later. */
  acknowledge(batch: SpillBatch): Promise<void> {
    return this.#exclusive('acknowledge in', () => this.#acknowledge(batch));
  }

  /** Reading starts again after the last acknowledged record. */
  rewind(): Promise<void> {
    return this.#exclusive('read from', async () => {
      this.#readAt = this.#acknowledged;
      this.#readCount = this.#acknowledgedCount;
    });
  }

  /** Syncs and closes all files. What is pending stays on disk for the next run. */
  close(): Promise<void> {
    if (this.#closed) return this.#last.then(() => {});
    return this.#exclusive('close', async () => {
      await this.#finishSegment();
      await this.#closeReader();
      if (this.#isUnsaved) await this.#savePosition(this.#acknowledged);
      await giveUpOwnership(this.directory);
      this.#closed = true;
    });
  }

  async #recover(): Promise<void> {
    makeFolder(this.directory);
    await takeOwnership(this.directory);
    const acknowledged = await readPosition(this.directory);
    this.#acknowledged = acknowledged;
    this.#readAt = acknowledged;
    const numbers = (await readdir(this.directory)).map(segmentNumber).filter((number) => number > 0);
    numbers.sort((a, b) => a - b);
    this.#nextNumber = Math.max(acknowledged.segment, numbers.at(-1) ?? 0) + 1;
    for (const number of numbers) {
      const path = pathOf(this.directory, number);
      const from = number === acknowledged.segment ? acknowledged.offset : 0;
      const scan = number < acknowledged.segment ? undefined : await scanSegment(path, number, from);
      this.#tornBytes += scan?.tornBytes ?? 0;
      if (scan?.segment === undefined || scan.pendingRecords === 0) {
        await rm(path, { force: true });
        continue;
      }
      if (scan.tornBytes > 0) await truncate(path, scan.segment.size);
      this.#segments.push(scan.segment);
      this.#pendingRecords += scan.pendingRecords;
    }
  }

  async #append(records: readonly SpillRecord[]): Promise<number> {
    let accepted = 0;
    let staged = 0;
    let stagedRecords = 0;
    const write = async (): Promise<void> => {
      if (stagedRecords === 0) return;
      await this.#writeStaged(staged, stagedRecords);
      accepted += stagedRecords;
      staged = 0;
      stagedRecords = 0;
    };
    try {
      for (const record of records) {
        const bytes = spilledBytes(record);
        const active = this.#activeSegment();
        const rolls = active === undefined || active.size + staged + bytes > this.segmentBytes;
        const cost = rolls ? this.#header.length + bytes : bytes;
        if (this.#header.length + bytes > this.segmentBytes) continue;
        if (this.#usedBytes() + staged + cost > this.maxBytes) break;
        if (rolls || staged + bytes > this.#staging.length) await write();
        if (rolls) await this.#beginSegment();
        if (bytes > this.#staging.length) this.#staging = Buffer.allocUnsafe(bytes);
        staged = encodeRecord(this.#staging, staged, record);
        stagedRecords += 1;
      }
      await write();
    } catch (error) {
      if (isDiskFull(error)) this.#diskFull += 1;
      else if (accepted === 0) throw error;
    }
    if (this.#staging.length > stagingBytes) this.#staging = Buffer.allocUnsafe(stagingBytes);
    return accepted;
  }

  async #writeStaged(bytes: number, records: number): Promise<void> {
    const writer = this.#writer as FileHandle;
    const segment = this.#activeSegment() as Segment;
    try {
      let done = 0;
      while (done < bytes) {
        const { bytesWritten } = await writer.write(this.#staging, done, bytes - done, segment.size + done);
        done += bytesWritten;
      }
    } catch (error) {
      // A part may be in the file. It ends here: the next records go to a new segment, behind the last whole one.
      this.#writer = undefined;
      await writer.truncate(segment.size).catch(() => {});
      await writer.close().catch(() => {});
      if (segment.size === segment.headerBytes) {
        this.#segments.pop();
        await rm(segment.path, { force: true }).catch(() => {});
      }
      throw error;
    }
    segment.size += bytes;
    segment.records += records;
    this.#pendingRecords += records;
  }

  async #beginSegment(): Promise<void> {
    await this.#finishSegment();
    const number = this.#nextNumber;
    const path = pathOf(this.directory, number);
    const writer = await open(path, 'wx');
    this.#nextNumber += 1;
    try {
      await writer.writeFile(this.#header);
    } catch (error) {
      await writer.close().catch(() => {});
      await rm(path, { force: true }).catch(() => {});
      throw error;
    }
    this.#writer = writer;
    const headerBytes = this.#header.length;
    this.#segments.push({ number, path, headerBytes, types: this.#types, size: headerBytes, records: 0 });
  }

  async #finishSegment(): Promise<void> {
    const writer = this.#writer;
    if (writer === undefined) return;
    this.#writer = undefined;
    try {
      await writer.sync();
    } finally {
      await writer.close();
    }
    const directory = await open(this.directory, 'r');
    try {
      await directory.sync();
    } finally {
      await directory.close();
    }
  }

  async #read(maxRecords: number, maxBytes: number): Promise<SpillBatch | undefined> {
    for (;;) {
      const { segment: number, offset } = this.#readAt;
      const segment = this.#segments.find((each) => each.number > number || (each.number === number && each.size > offset));
      if (segment === undefined) return undefined;
      const from = segment.number === number ? Math.max(offset, segment.headerBytes) : segment.headerBytes;
      const records = await this.#readSegment(segment, from, Math.max(1, maxRecords), maxBytes);
      if (records.length > 0) return { records, end: this.#readAt, endCount: this.#readCount };
    }
  }

  /** Whole records from byte `from` of a segment; moves the read position. None only when all that is left is damaged. */
  async #readSegment(segment: Segment, from: number, maxRecords: number, maxBytes: number): Promise<SpilledRecord[]> {
    const handle = await this.#readerOf(segment);
    const room = segment.size - from;
    let bytes = await readAt(handle, from, Math.min(room, Math.max(maxBytes, recordHeadBytes)));
    const first = bytes.length < recordHeadBytes ? 0 : announcedLength(bytes, 0, room);
    if (first > bytes.length) bytes = await readAt(handle, from, first);
    const records: SpilledRecord[] = [];
    let at = 0;
    let isDamaged = false;
    while (at < room && records.length < maxRecords) {
      const present = bytes.length - at;
      const length = present < recordHeadBytes ? 0 : announcedLength(bytes, at, room - at);
      const isCut = present < recordHeadBytes || length > present;
      // Cut by this read's size, not by the file's end: the next read starts here and asks for all of it.
      if (isCut && at > 0) break;
      isDamaged = isCut || length === 0 || !isIntact(bytes, at, length, segment.types.length);
      if (isDamaged) break;
      records.push(decodeRecord(bytes, at, length, segment.types));
      at += length;
    }
    if (isDamaged) await this.#cutDamaged(segment);
    this.#readAt = { segment: segment.number, offset: from + at };
    this.#readCount += records.length;
    return records;
  }

  /** Damage that came after `open` has checked the file: what follows it there cannot be found any more. */
  async #cutDamaged(segment: Segment): Promise<void> {
    if (segment === this.#activeSegment()) await this.#finishSegment();
    const scan = await scanSegment(segment.path, segment.number, 0);
    const size = scan.segment?.size ?? segment.headerBytes;
    const records = scan.segment?.records ?? 0;
    this.#tornBytes += segment.size - size;
    this.#pendingRecords -= segment.records - records;
    segment.size = size;
    segment.records = records;
  }

  async #acknowledge(batch: SpillBatch): Promise<void> {
    const { end } = batch;
    if (comparePositions(end, this.#acknowledged) <= 0) return;
    await this.#savePosition(end);
    this.#acknowledged = end;
    this.#pendingRecords = Math.max(0, this.#pendingRecords - (batch.endCount - this.#acknowledgedCount));
    this.#acknowledgedCount = batch.endCount;
    if (comparePositions(this.#readAt, end) < 0) {
      this.#readAt = end;
      this.#readCount = batch.endCount;
    }
    // A short active segment stays although it is used up: a queue that is nearly empty would make a file for each batch.
    const active = this.#activeSegment();
    if (active !== undefined && isDone(active, end) && active.size > this.segmentBytes / 2) {
      await this.#writer?.close();
      this.#writer = undefined;
    }
    const done = this.#segments.filter((segment) => isDone(segment, end) && segment !== this.#activeSegment());
    this.#segments = this.#segments.filter((segment) => !done.includes(segment));
    for (const segment of done) await this.#removeSegment(segment);
    if (this.#isUnsaved) await this.#savePosition(end);
  }

  /**
   * A full disk is no reason to stop: only going on frees it. Until there is room for the position, records that were
   * acknowledged since the last one saved would be given again by the next run.
   */
  async #savePosition(position: SpillPosition): Promise<void> {
    try {
      await writePosition(this.directory, position);
      this.#isUnsaved = false;
    } catch (error) {
      if (!isDiskFull(error)) throw error;
      this.#isUnsaved = true;
    }
  }

  async #removeSegment(segment: Segment): Promise<void> {
    if (this.#reader?.segment === segment.number) await this.#closeReader();
    await rm(segment.path, { force: true });
  }

  async #readerOf(segment: Segment): Promise<FileHandle> {
    if (this.#reader?.segment === segment.number) return this.#reader.handle;
    await this.#closeReader();
    const handle = await open(segment.path, 'r');
    this.#reader = { segment: segment.number, handle };
    return handle;
  }

  async #closeReader(): Promise<void> {
    const reader = this.#reader;
    this.#reader = undefined;
    await reader?.handle.close();
  }

  #activeSegment(): Segment | undefined {
    return this.#writer === undefined ? undefined : this.#segments.at(-1);
  }

  #usedBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  #exclusive<T>(what: string, work: () => Promise<T>): Promise<T> {
    const run = this.#last.then(() => {
      if (this.#closed) throw new Error('the spill queue is closed');
      return this.#guard(what, work);
    });
    this.#last = run.catch(() => {});
    return run;
  }

  async #guard<T>(what: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work();
    } catch (cause) {
      if (cause instanceof SensorError) throw cause;
      const { code, message } = cause as NodeJS.ErrnoException;
      throw new SensorError(errorCodes.spill, `cannot ${what} the spill queue in ${this.directory}: ${code ?? message}`, {
        cause,
        hint: `see that ${this.directory} exists, can be written and lies on a disk that works`,
      });
    }
  }
}

function isDiskFull(error: unknown): boolean {
  const { code } = error as NodeJS.ErrnoException;
  return code === 'ENOSPC' || code === 'EDQUOT';
}

function isDone(segment: Segment, end: SpillPosition): boolean {
  return segment.number < end.segment || (segment.number === end.segment && segment.size <= end.offset);
}
