// The `file` output: shares a batch out over its files by record type. Light: it copies batches, all else is done in Node's thread
// pool. Its calls come one after another; only the timer that rotates files while nothing is written comes between, so
// everything takes its turn.

import { resolve } from 'node:path';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';
import { type FileEvents, type FileOptions, RotatingFile } from './rotating-file.ts';

export interface FileOutputConfig extends Omit<FileOptions, 'mode'> {
  readonly path: string;
  readonly mode: string;
}

const typePlaceholder = '{type}';
const rotationCheckMs = 1000;

export class FileOutput implements Output {
  readonly #context: OutputContext;
  readonly #config: FileOutputConfig;
  readonly #events: FileEvents;
  /** By record type; '' when all go to one. */
  readonly #files = new Map<string, RotatingFile>();
  readonly #perType: boolean;
  #turn: Promise<unknown> = Promise.resolve();
  #timer: NodeJS.Timeout | undefined;

  constructor(context: OutputContext, config: FileOutputConfig) {
    this.#context = context;
    this.#config = config;
    this.#events = {
      count: (counter) => context.count(counter),
      warn: (message) => context.log.warn(message),
      writeBehind: context.writeBehind,
    };
    this.#perType = config.path.includes(typePlaceholder);
  }

  async start(): Promise<void> {
    // One file: a folder that cannot be written is an error before the first packet, not after.
    if (!this.#perType) await this.#file('').open();
    if (this.#config.rotate_secs === 0) return;
    this.#timer = setInterval(() => {
      const settled = this.#inTurn(() => this.#settle([...this.#files.values()]));
      // Nobody waits for it, and an error that nobody hears of would end whoever has this thread.
      settled.catch((error: Error) => this.#context.log.error(error.message));
    }, rotationCheckMs);
    this.#timer.unref();
  }

  async write(batch: Batch): Promise<void> {
    await this.#inTurn(() => this.#writeAll(batch));
  }

  async #writeAll(batch: Batch): Promise<void> {
    if (this.#perType) for (let index = 0; index < batch.count; index++) this.#file(batch.type(index)).add(batch, index);
    else this.#file('').addAll(batch);
    const files = [...this.#files.values()].filter((file) => file.pending);
    const results = await Promise.allSettled(files.map((file) => file.write()));
    const failed = results.find((result) => result.status === 'rejected');
    if (failed !== undefined) {
      // All or nothing, over all files: the whole batch will be offered again.
      for (const file of files) await file.takeBack();
      throw failed.reason;
    }
    await this.#settle(files);
  }

  async #settle(files: readonly RotatingFile[]): Promise<void> {
    for (const file of files) await file.settle();
  }

  async reopen(): Promise<void> {
    await this.#inTurn(async () => {
      for (const file of this.#files.values()) {
        // Not the end of the run: the next batch tries to open it again, and is offered until that succeeds.
        await file.reopen().catch((error: Error) => this.#context.log.error(error.message));
      }
    });
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.#inTurn(async () => {
      for (const file of this.#files.values()) await file.close();
    });
  }

  #inTurn<T>(action: () => Promise<T>): Promise<T> {
    const result = this.#turn.then(action);
    this.#turn = result.catch(() => {});
    return result;
  }

  #file(type: string): RotatingFile {
    let file = this.#files.get(type);
    if (file === undefined) {
      const path = resolve(this.#context.directory, this.#config.path.replaceAll(typePlaceholder, type));
      const options = { ...this.#config, mode: Number.parseInt(this.#config.mode, 8) };
      file = new RotatingFile(path, options, this.#events);
      this.#files.set(type, file);
    }
    return file;
  }
}
