// The pool that packs blocks of capture files, and the order in which they come back. One a pcap output with compression.

import { Piscina } from 'piscina';
import type { PackTask } from './pack-task.ts';

/** Blocks at the pool, a thread; whoever has more is to wait. */
const blocksAThread = 4;

export class BlockPacker {
  readonly #pool: Piscina<PackTask, Uint8Array>;
  readonly #compression: 'gzip' | 'zstd';
  readonly #level: number;
  readonly #most: number;
  #waiting = 0;

  constructor(compression: 'gzip' | 'zstd', level: number, threads: number) {
    this.#pool = new Piscina({
      filename: new URL(import.meta.url.endsWith('.ts') ? 'pack-task.ts' : 'pack-task.cjs', import.meta.url).href,
      minThreads: 1,
      maxThreads: threads,
      idleTimeout: 10_000,
    });
    this.#compression = compression;
    this.#level = level;
    this.#most = threads * blocksAThread;
  }

  /** Whether so many blocks are at the pool that nobody should bring more. */
  get isBusy(): boolean {
    return this.#waiting >= this.#most;
  }

  /** Packs a block; its memory is given away. */
  async pack(bytes: Uint8Array<ArrayBuffer>): Promise<Uint8Array> {
    this.#waiting += 1;
    try {
      const task = { bytes, compression: this.#compression, level: this.#level };
      return await this.#pool.run(task, { transferList: [bytes.buffer] });
    } finally {
      this.#waiting -= 1;
    }
  }

  async stop(): Promise<void> {
    await this.#pool.destroy();
  }
}
