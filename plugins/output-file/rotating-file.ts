// One output file: gathers the records of a batch, compresses them, appends them, and rotates. A batch is written whole
// or, when writing fails, taken back whole (the file is cut to where it was), so that offering it again repeats nothing.
// Once a batch is written nothing may fail any more: what goes wrong with rotation is logged and tried again later.

import { constants } from 'node:fs';
import { type FileHandle, open, readdir, rename, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { getSystemErrorMessage, promisify } from 'node:util';
import { gzip, zstdCompress } from 'node:zlib';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { type Batch, makeFolder } from '../../src/plugin/index.ts';
import { WriteBehind, type WriteBehindCall } from './write-behind.ts';

export interface FileOptions {
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly append: boolean;
  readonly rotate_bytes: number;
  readonly rotate_secs: number;
  readonly keep_files: number;
  readonly cache_bytes: number;
  /** Permissions of a new file. */
  readonly mode: number;
}

export interface FileEvents {
  count(counter: 'rotated_files' | 'deleted_files'): void;
  warn(message: string): void;
  readonly writeBehind?: WriteBehindCall | undefined;
}

const suffixes = { none: '', gzip: '.gz', zstd: '.zst' } as const;
const firstBufferBytes = 65536;
/** Rotations within one second that sort right. */
const numberDigits = 6;
const rotatedPart = new RegExp(`^\\d{8}T\\d{6}Z-\\d{${numberDigits}}$`);

export class RotatingFile {
  readonly path: string;
  readonly #options: FileOptions;
  readonly #events: FileEvents;
  #handle: FileHandle | undefined;
  readonly #behind: WriteBehind | undefined;
  #size = 0;
  /** When the file was begun, in this run or an earlier one. */
  #begunMs = 0;
  #buffer = Buffer.allocUnsafe(firstBufferBytes);
  #length = 0;
  /** Bytes of the last `write`, until it is settled. */
  #unsettled = 0;
  /** An existing file is started anew at most once, when the run first opens it. */
  #truncate: boolean;

  constructor(path: string, options: FileOptions, events: FileEvents) {
    this.path = path + suffixes[options.compression];
    this.#options = options;
    this.#events = events;
    this.#truncate = !options.append;
    const { writeBehind } = events;
    this.#behind =
      writeBehind === undefined || options.cache_bytes === 0
        ? undefined
        : new WriteBehind(writeBehind, options.cache_bytes, ({ message }) =>
            events.warn(`${this.path} stays in the page cache: ${message}`),
          );
  }

  /** Whether records were added that are not written. */
  get pending(): boolean {
    return this.#length > 0;
  }

  async open(): Promise<void> {
    try {
      makeFolder(dirname(this.path));
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (this.#truncate ? constants.O_TRUNC : 0);
      this.#handle = await open(this.path, flags, this.#options.mode);
      const { size, birthtimeMs } = await this.#handle.stat();
      this.#truncate = false;
      this.#size = size;
      this.#behind?.begin(size);
      this.#begunMs = size === 0 || birthtimeMs === 0 ? Date.now() : birthtimeMs;
    } catch (cause) {
      throw new SensorError(errorCodes.output, `${this.path}: ${reasonOf(cause)}`, {
        cause,
        hint: 'choose another folder with -l DIR or another path in the [[output]]',
      });
    }
  }

  /** Takes a record of the batch to be written. */
  add(batch: Batch, index: number): void {
    this.#makeRoom(batch.length(index));
    this.#length = batch.copy(index, this.#buffer, this.#length);
  }

  /** Takes all records of the batch to be written. */
  addAll(batch: Batch): void {
    this.#makeRoom(batch.byteLength);
    this.#length = batch.copyAll(this.#buffer, this.#length);
  }

  #makeRoom(bytes: number): void {
    const end = this.#length + bytes;
    if (end <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
    this.#buffer.copy(larger, 0, 0, this.#length);
    this.#buffer = larger;
  }

  /** Writes what was added. On an error nothing of it stays in the file, and nothing stays added. */
  async write(): Promise<void> {
    const plain = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (this.#handle === undefined) await this.open();
    const handle = this.#handle as FileHandle;
    const bytes = await this.#compress(plain);
    try {
      while (this.#unsettled < bytes.length)
        this.#unsettled += (await handle.write(bytes, this.#unsettled, bytes.length - this.#unsettled)).bytesWritten;
    } catch (cause) {
      await this.takeBack();
      throw new SensorError(errorCodes.output, `${this.path}: ${reasonOf(cause)}`, { cause });
    }
  }

  /** Cuts off what the last `write` has appended. The length is asked for: the file may have been cut from outside. */
  async takeBack(): Promise<void> {
    const bytes = this.#unsettled;
    this.#unsettled = 0;
    if (bytes === 0 || this.#handle === undefined) return;
    try {
      const { size } = await this.#handle.stat();
      await this.#handle.truncate(Math.max(0, size - bytes));
    } catch (cause) {
      this.#events.warn(`${this.path}: records may be in it twice: ${reasonOf(cause)}`);
    }
  }

  /** The batch is written and stays. Rotates when that is due; never throws. */
  async settle(): Promise<void> {
    this.#size += this.#unsettled;
    this.#unsettled = 0;
    if (this.#handle !== undefined) this.#behind?.grown(this.#handle.fd, this.#size);
    const { rotate_bytes, rotate_secs } = this.#options;
    const large = rotate_bytes > 0 && this.#size >= rotate_bytes;
    const old = rotate_secs > 0 && Date.now() - this.#begunMs >= rotate_secs * 1000;
    if (this.#handle === undefined || this.#size === 0 || !(large || old)) return;
    try {
      await this.#rotate();
    } catch (cause) {
      this.#events.warn(`${this.path} could not be rotated: ${reasonOf(cause)}`);
    }
  }

  async #compress(plain: Buffer): Promise<Buffer> {
    // Members and frames stand one after another in both formats, so each batch is one of its own.
    if (this.#options.compression === 'gzip') return await promisify(gzip)(plain);
    if (this.#options.compression === 'zstd') return await promisify(zstdCompress)(plain);
    return plain;
  }

  /** The file is renamed while it is open: when that fails, writing goes on in it. */
  async #rotate(): Promise<void> {
    await rename(this.path, await this.#freeName());
    this.#events.count('rotated_files');
    // The next batch opens the file again where this cannot.
    await this.reopen();
    await this.#deleteOldest();
  }

  /** `<stem>-<UTC time>-<n><extension>`; sorting by name is sorting by time, also within a second. */
  async #freeName(): Promise<string> {
    const [stem, extension] = this.#stemAndExtension();
    const start = `${stem}-${new Date().toISOString().replace(/[-:]|\.\d+/g, '')}-`;
    const last = (await this.#rotatedNames()).findLast((name) => name.startsWith(start));
    const number = last === undefined ? 0 : Number.parseInt(last.slice(start.length), 10) + 1;
    return join(dirname(this.path), `${start}${String(number).padStart(numberDigits, '0')}${extension}`);
  }

  #stemAndExtension(): [string, string] {
    const suffix = suffixes[this.#options.compression];
    const plain = basename(this.path, suffix);
    const extension = extname(plain);
    return [basename(plain, extension), extension + suffix];
  }

  /** Names of the rotated files of this path, oldest first. */
  async #rotatedNames(): Promise<string[]> {
    const [stem, extension] = this.#stemAndExtension();
    return (await readdir(dirname(this.path)))
      .filter((name) => name.startsWith(`${stem}-`) && name.endsWith(extension))
      .filter((name) => rotatedPart.test(name.slice(stem.length + 1, name.length - extension.length)))
      .sort();
  }

  async #deleteOldest(): Promise<void> {
    const { keep_files } = this.#options;
    if (keep_files === 0) return;
    const names = await this.#rotatedNames();
    for (const name of names.slice(0, Math.max(0, names.length - keep_files))) {
      await unlink(join(dirname(this.path), name));
      this.#events.count('deleted_files');
    }
  }

  /** Closes the file and opens what now has its name. Throws when that fails; the next `write` tries again. */
  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await this.#behind?.idle();
    await handle?.close();
  }
}

/** What the system says, without the name of the call: `no space left on device`. */
function reasonOf(cause: unknown): string {
  const { errno, message } = cause as NodeJS.ErrnoException;
  return typeof errno === 'number' ? getSystemErrorMessage(errno) : message;
}
