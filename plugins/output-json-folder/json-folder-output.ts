// The `json-folder` output: adds each batch to the array at hand, and begins the next one, in the next folder, when that is large
// or old enough. Runs on its output thread; calls and the timer take turns.

import { resolve } from 'node:path';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';
import { ArrayFile, filesLeft, prepareFolder } from './array-file.ts';

export interface JsonFolderConfig {
  readonly directories: readonly string[];
  readonly max_bytes: number;
  readonly max_secs: number;
  readonly mode: string;
}

const ageCheckMs = 100;

export class JsonFolderOutput implements Output {
  readonly #context: OutputContext;
  readonly #folders: readonly string[];
  readonly #maxBytes: number;
  readonly #maxMs: number;
  readonly #mode: number;
  /** The folder whose turn it is. */
  #next = 0;
  #file: ArrayFile | undefined;
  /** Whole, and not in their place yet. */
  readonly #ended: ArrayFile[] = [];
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;
  #told = false;

  constructor(context: OutputContext, { directories, max_bytes, max_secs, mode }: JsonFolderConfig) {
    this.#context = context;
    this.#folders = directories.map((directory) => resolve(context.directory, directory));
    this.#maxBytes = max_bytes;
    this.#maxMs = max_secs * 1000;
    this.#mode = Number.parseInt(mode, 8);
  }

  /** A folder that cannot be written is an error before the first packet. */
  async start(): Promise<void> {
    for (const folder of this.#folders) {
      prepareFolder(folder);
      const left = filesLeft(folder);
      if (left > 0) this.#context.log.warn(`${folder}/tmp: ${left} files that an earlier run has not completed`);
    }
    this.#timer = setInterval(() => this.#inTurn(() => this.#settle()), ageCheckMs);
    this.#timer.unref();
  }

  async write(batch: Batch): Promise<void> {
    await this.#inTurn(async () => {
      this.#file ??= await this.#open();
      await this.#file.add(batch);
      await this.#settle();
    });
  }

  async flush(): Promise<void> {
    await this.#inTurn(async () => await this.#file?.sync());
  }

  /** SIGHUP: what is there is wanted now. */
  async reopen(): Promise<void> {
    await this.#inTurn(() => this.#complete(true));
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#inTurn(async () => {
      await this.#end();
      await this.#moveAll();
    });
  }

  /** A file in the next folder in which one can be made. Throws when there is none. */
  async #open(): Promise<ArrayFile> {
    let failure: unknown;
    for (let tries = 0; tries < this.#folders.length; tries++) {
      const folder = this.#folders[this.#next] as string;
      this.#next = (this.#next + 1) % this.#folders.length;
      try {
        return await ArrayFile.open(folder, this.#mode);
      } catch (error) {
        this.#context.count('unwritable_folders');
        failure ??= error;
      }
    }
    throw failure;
  }

  async #settle(): Promise<void> {
    const file = this.#file;
    const isDue = file !== undefined && (file.size >= this.#maxBytes || file.ageMs >= this.#maxMs);
    if (isDue || this.#ended.length > 0) await this.#complete(isDue);
  }

  /** Never throws: what is written stays written; ending and moving are tried again. */
  async #complete(isDue: boolean): Promise<void> {
    try {
      if (isDue) await this.#end();
      await this.#moveAll();
      this.#told = false;
    } catch (error) {
      if (!this.#told) this.#context.log.warn(`${(error as Error).message}; trying again`);
      this.#told = true;
    }
  }

  async #end(): Promise<void> {
    if (this.#file === undefined) return;
    await this.#file.end();
    this.#ended.push(this.#file);
    this.#file = undefined;
  }

  async #moveAll(): Promise<void> {
    for (let file = this.#ended[0]; file !== undefined; file = this.#ended[0]) {
      await file.move();
      this.#ended.shift();
      this.#context.count('completed_files');
    }
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => {});
    return result;
  }
}
