// The `file` output: shares a batch out over its files by record type. Runs on its output thread.

import { resolve } from 'node:path';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';
import { type FileOptions, RotatingFile } from './rotating-file.ts';

export interface FileOutputConfig extends Omit<FileOptions, 'mode'> {
  readonly path: string;
  readonly mode: string;
}

const typePlaceholder = '{type}';

export class FileOutput implements Output {
  readonly #context: OutputContext;
  readonly #config: FileOutputConfig;
  /** By path. */
  readonly #files = new Map<string, RotatingFile>();
  readonly #perType: boolean;

  constructor(context: OutputContext, config: FileOutputConfig) {
    this.#context = context;
    this.#config = config;
    this.#perType = config.path.includes(typePlaceholder);
  }

  async start(): Promise<void> {
    // One file: a folder that cannot be written is an error before the first packet, not after.
    if (!this.#perType) await this.#file('').open();
  }

  async write(batch: Batch): Promise<void> {
    if (!this.#perType) {
      const file = this.#file('');
      for (let index = 0; index < batch.count; index++) file.add(batch, index);
    } else {
      for (let index = 0; index < batch.count; index++) this.#file(batch.type(index)).add(batch, index);
    }
    await Promise.all([...this.#files.values()].map((file) => file.commit()));
  }

  async reopen(): Promise<void> {
    for (const file of this.#files.values()) await file.reopen();
  }

  async stop(): Promise<void> {
    for (const file of this.#files.values()) await file.close();
  }

  #file(type: string): RotatingFile {
    const path = resolve(this.#context.directory, this.#config.path.replaceAll(typePlaceholder, type));
    let file = this.#files.get(path);
    if (file === undefined) {
      const options = { ...this.#config, mode: Number.parseInt(this.#config.mode, 8) };
      file = new RotatingFile(path, options, (counter) => this.#context.count(counter));
      this.#files.set(path, file);
    }
    return file;
  }
}
