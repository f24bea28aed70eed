// One output file: gathers the records of a batch, compresses them, appends them, and rotates. A batch is written whole
// or, when writing fails, taken back whole (the file is cut to where it was), so that offering it again repeats nothing.

import { constants } from 'node:fs';
import { type FileHandle, mkdir, open, readdir, rename, stat, unlink } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { promisify } from 'node:util';
import { gzip as gzipCallback, zstdCompress as zstdCallback } from 'node:zlib';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch } from '../../src/plugin/index.ts';

const gzip = promisify(gzipCallback);
const zstd = promisify(zstdCallback);

export interface FileOptions {
  readonly compression: 'none' | 'gzip' | 'zstd';
  readonly append: boolean;
  readonly rotate_bytes: number;
  readonly rotate_secs: number;
  readonly keep_files: number;
  /** Permissions of a new file. */
  readonly mode: number;
}

const suffixes = { none: '', gzip: '.gz', zstd: '.zst' } as const;
const firstBufferBytes = 65536;

export class RotatingFile {
  readonly path: string;
  readonly #options: FileOptions;
  readonly #count: (counter: 'rotated_files' | 'deleted_files') => void;
  #handle: FileHandle | undefined;
  #size = 0;
  #openedMs = 0;
  #buffer = Buffer.allocUnsafe(firstBufferBytes);
  #length = 0;
  /** An existing file is started anew at most once, when the run first opens it. */
  #truncate: boolean;

  constructor(path: string, options: FileOptions, count: (counter: 'rotated_files' | 'deleted_files') => void) {
    this.path = path + suffixes[options.compression];
    this.#options = options;
    this.#count = count;
    this.#truncate = !options.append;
  }

  async open(): Promise<void> {
    try {
      await mkdir(dirname(this.path), { recursive: true });
      const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_APPEND | (this.#truncate ? constants.O_TRUNC : 0);
      this.#handle = await open(this.path, flags, this.#options.mode);
      this.#truncate = false;
      this.#size = (await this.#handle.stat()).size;
      this.#openedMs = Date.now();
    } catch (cause) {
      throw new SensorError(errorCodes.output, `${this.path}: ${(cause as Error).message}`, {
        cause,
        hint: 'choose another folder with -l DIR or the path of the output',
      });
    }
  }

  /** Takes a record of the batch to be committed. */
  add(batch: Batch, index: number): void {
    const end = this.#length + batch.length(index);
    if (end > this.#buffer.length) {
      const larger = Buffer.allocUnsafe(Math.max(end, this.#buffer.length * 2));
      this.#buffer.copy(larger, 0, 0, this.#length);
      this.#buffer = larger;
    }
    this.#length = batch.copy(index, this.#buffer, this.#length);
  }

  /** Writes what was added. On an error nothing of it stays in the file and nothing stays added. */
  async commit(): Promise<void> {
    if (this.#length === 0) return;
    const plain = this.#buffer.subarray(0, this.#length);
    this.#length = 0;
    if (this.#handle === undefined) await this.open();
    const handle = this.#handle as FileHandle;
    const bytes = await this.#compress(plain);
    try {
      for (let from = 0; from < bytes.length; ) from += (await handle.write(bytes, from)).bytesWritten;
    } catch (cause) {
      await handle.truncate(this.#size).catch(() => {});
      throw cause;
    }
    this.#size += bytes.length;
    await this.#rotateWhenDue();
  }

  async #compress(plain: Buffer): Promise<Buffer> {
    // Members and frames stand one after another in both formats, so each batch is one of its own.
    if (this.#options.compression === 'gzip') return await gzip(plain);
    if (this.#options.compression === 'zstd') return await zstd(plain);
    return plain;
  }

  async #rotateWhenDue(): Promise<void> {
    const { rotate_bytes, rotate_secs } = this.#options;
    const large = rotate_bytes > 0 && this.#size >= rotate_bytes;
    const old = rotate_secs > 0 && Date.now() - this.#openedMs >= rotate_secs * 1000;
    if (!large && !old) return;
    await this.close();
    await rename(this.path, await this.#freeName());
    this.#count('rotated_files');
    await this.#deleteOldest();
    await this.open();
  }

  /** `<stem>-<UTC time>-<n><extension>`; sorting by name is sorting by time. */
  async #freeName(): Promise<string> {
    const [stem, extension] = this.#stemAndExtension();
    const time = new Date().toISOString().replace(/[-:]|\.\d+/g, '');
    for (let number = 0; ; number++) {
      const path = join(dirname(this.path), `${stem}-${time}-${String(number).padStart(4, '0')}${extension}`);
      if (!(await stat(path).catch(() => undefined))) return path;
    }
  }

  #stemAndExtension(): [string, string] {
    const suffix = suffixes[this.#options.compression];
    const plain = basename(this.path, suffix);
    const extension = extname(plain);
    return [basename(plain, extension), extension + suffix];
  }

  async #deleteOldest(): Promise<void> {
    const { keep_files } = this.#options;
    if (keep_files === 0) return;
    const [stem, extension] = this.#stemAndExtension();
    const rotated = (await readdir(dirname(this.path)))
      .filter((name) => name.startsWith(`${stem}-`) && name.endsWith(extension))
      .filter((name) => /^\d{8}T\d{6}Z-\d{4,}$/.test(name.slice(stem.length + 1, name.length - extension.length)))
      .sort();
    for (const name of rotated.slice(0, Math.max(0, rotated.length - keep_files))) {
      await unlink(join(dirname(this.path), name));
      this.#count('deleted_files');
    }
  }

  async reopen(): Promise<void> {
    await this.close();
    await this.open();
  }

  async close(): Promise<void> {
    const handle = this.#handle;
    this.#handle = undefined;
    await handle?.close();
  }
}
