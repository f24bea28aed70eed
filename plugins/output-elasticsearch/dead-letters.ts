// The file of documents that the cluster refuses for good, each with its reason: NDJSON, appended, bounded. Whoever mends a mapping
// can send them again from here.

import { open, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { makeFolder } from '../../src/plugin/index.ts';
import type { RefusedDocument } from './bulk-sender.ts';

export class DeadLetters {
  readonly path: string;
  readonly #maxBytes: number;

  constructor(path: string, maxBytes: number) {
    this.path = path;
    this.#maxBytes = maxBytes;
  }

  /** Appends documents, synced; returns how many. The others found no room or the disk failed: see `error`. */
  async append(documents: readonly RefusedDocument[]): Promise<{ readonly written: number; readonly error?: Error }> {
    try {
      makeFolder(dirname(this.path));
      let room = this.#maxBytes - (await this.#size());
      const lines: string[] = [];
      for (const document of documents) {
        const line = lineOf(document);
        room -= Buffer.byteLength(line);
        if (room < 0) break;
        lines.push(line);
      }
      if (lines.length === 0) return { written: 0 };
      const file = await open(this.path, 'a', 0o640);
      try {
        await file.appendFile(lines.join(''));
        await file.sync();
      } finally {
        await file.close();
      }
      return { written: lines.length };
    } catch (error) {
      return { written: 0, error: error as Error };
    }
  }

  async #size(): Promise<number> {
    try {
      return (await stat(this.path)).size;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
  }
}

/** Action and document are JSON already. */
function lineOf({ status, type, reason, action, document }: RefusedDocument): string {
  const head = JSON.stringify({ '@timestamp': new Date().toISOString(), status, error: { type, reason } }).slice(0, -1);
  return `${head},"action":${action}${document === '' ? '' : `,"document":${document}`}}\n`;
}
