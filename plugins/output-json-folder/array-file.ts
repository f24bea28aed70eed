// One JSON array on its way into a folder: `tmp/<uuid>.json` while it grows, `<uuid>.json` once it is whole and on disk. A batch
// is in it as a whole or not at all: everything is written at its place, and what a failed attempt has left is written over.
//
//   [                 one record a line, so that what a crash has left in tmp/ can be read by hand:
//   {…},              it lacks the end, and perhaps a part of the last line
//   {…}
//   ]

import { randomUUID } from 'node:crypto';
import { accessSync, constants, readdirSync } from 'node:fs';
import { type FileHandle, open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { getSystemErrorMessage } from 'node:util';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { type Batch, makeFolder } from '../../src/plugin/index.ts';

const unfinishedFolder = 'tmp';
const start = Buffer.from('[\n');
const end = Buffer.from('\n]\n');
const newline = 0x0a;
const comma = 0x2c;

/** Makes the folder and its `tmp`. Throws `RT_OUTPUT` when nothing can be written there. */
export function prepareFolder(folder: string): void {
  const path = join(folder, unfinishedFolder);
  try {
    makeFolder(path);
    accessSync(path, constants.W_OK);
  } catch (cause) {
    throw outputError(path, cause);
  }
}

/** Files in the folder's `tmp`, which nobody completes any more. */
export function filesLeft(folder: string): number {
  try {
    return readdirSync(join(folder, unfinishedFolder)).filter((name) => name.endsWith('.json')).length;
  } catch {
    return 0;
  }
}

export class ArrayFile {
  readonly #handle: FileHandle;
  readonly #folder: string;
  readonly #name: string;
  readonly #begunMs = performance.now();
  /** Bytes that stay. */
  #size = 0;
  #isEmpty = true;
  #buffer = Buffer.allocUnsafe(65536);

  private constructor(handle: FileHandle, folder: string, name: string) {
    this.#handle = handle;
    this.#folder = folder;
    this.#name = name;
  }

  /** Begins a file. Throws `RT_OUTPUT` when none can be made in the folder. */
  static async open(folder: string, mode: number): Promise<ArrayFile> {
    const name = `${randomUUID()}.json`;
    const path = join(folder, unfinishedFolder, name);
    try {
      makeFolder(join(folder, unfinishedFolder));
      return new ArrayFile(await open(path, 'wx', mode), folder, name);
    } catch (cause) {
      throw outputError(path, cause);
    }
  }

  get size(): number {
    return this.#size;
  }

  get ageMs(): number {
    return performance.now() - this.#begunMs;
  }

  /** Adds all records of a batch. Throws `RT_OUTPUT`; then none of them is in it. */
  async add(batch: Batch): Promise<void> {
    const most = start.length + batch.byteLength + 2 * batch.count;
    if (this.#buffer.length < most) this.#buffer = Buffer.allocUnsafe(most);
    const buffer = this.#buffer;
    let at = this.#isEmpty ? start.copy(buffer) : 0;
    let isFirst = this.#isEmpty;
    for (let index = 0; index < batch.count; index++) {
      if (!isFirst) {
        buffer[at++] = comma;
        buffer[at++] = newline;
      }
      isFirst = false;
      at = batch.copy(index, buffer, at);
      while (buffer[at - 1] === newline) at--;
    }
    await this.#write(buffer.subarray(0, at));
    this.#size += at;
    this.#isEmpty = isFirst;
  }

  async sync(): Promise<void> {
    await this.#handle.datasync();
  }

  /** Ends the array; nothing can be added after that. Throws `RT_OUTPUT`, and then it has not ended. */
  async end(): Promise<void> {
    await this.#write(end);
    try {
      await this.#handle.truncate(this.#size + end.length);
      await this.#handle.sync();
    } catch (cause) {
      throw outputError(join(this.#folder, unfinishedFolder, this.#name), cause);
    }
    // What close says now changes nothing: the bytes are on disk.
    await this.#handle.close().catch(() => {});
  }

  /** Moves the ended file into place. Throws `RT_OUTPUT`, and can be called again then. */
  async move(): Promise<void> {
    try {
      await rename(join(this.#folder, unfinishedFolder, this.#name), join(this.#folder, this.#name));
    } catch (cause) {
      throw outputError(join(this.#folder, this.#name), cause);
    }
  }

  async #write(bytes: Buffer): Promise<void> {
    try {
      for (let done = 0; done < bytes.length; )
        done += (await this.#handle.write(bytes, done, bytes.length - done, this.#size + done)).bytesWritten;
    } catch (cause) {
      throw outputError(join(this.#folder, unfinishedFolder, this.#name), cause);
    }
  }
}

function outputError(path: string, cause: unknown): SensorError {
  const { errno, message } = cause as NodeJS.ErrnoException;
  return new SensorError(errorCodes.output, `${path}: ${typeof errno === 'number' ? getSystemErrorMessage(errno) : message}`, {
    cause,
    hint: 'output.directories says where records go',
  });
}
