// The folders that capture files are spread over: which one is next, which are full, and the oldest files that go when room gets
// short. Output thread only.

import { statfs, unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { FileCatalog } from '../../src/pcap/index.ts';
import type { CaptureFile } from '../../src/record/index.ts';

export type FolderChoice = 'round-robin' | 'max-free-percent' | 'max-free-bytes';

/** A folder that was full is used again once so much can be written to it. */
const probeBytes = 1 << 20;

interface Space {
  readonly freeBytes: number;
  readonly freeShare: number;
}

export class Folders {
  readonly paths: readonly string[];
  readonly #choice: FolderChoice;
  readonly #full = new Set<string>();
  #turn = 0;

  constructor(paths: readonly string[], choice: FolderChoice) {
    this.paths = paths;
    this.#choice = choice;
  }

  /** The folder for the next file; undefined when all are full. */
  async next(): Promise<string | undefined> {
    const usable = this.paths.filter((path) => !this.#full.has(path));
    if (this.#choice === 'round-robin' || usable.length < 2) {
      this.#turn += 1;
      return usable[(this.#turn - 1) % Math.max(1, usable.length)];
    }
    const spaces = await Promise.all(usable.map(spaceOf));
    const key = this.#choice === 'max-free-bytes' ? 'freeBytes' : 'freeShare';
    const best = Math.max(...spaces.map((space) => space[key]));
    return usable[spaces.findIndex((space) => space[key] === best)];
  }

  /** Nothing more is put into the folder of a file until it has room again. Returns whether that is news. */
  markFull(file: string): boolean {
    const folder = this.of(file);
    if (folder === undefined || this.#full.has(folder)) return false;
    this.#full.add(folder);
    return true;
  }

  get anyFull(): boolean {
    return this.#full.size > 0;
  }

  /** Looks whether folders that were full have room again; returns those. */
  async recheck(): Promise<string[]> {
    const again: string[] = [];
    for (const folder of this.#full) {
      const path = join(folder, '.ringtap-room');
      try {
        await writeFile(path, Buffer.alloc(probeBytes));
        again.push(folder);
      } catch {
        // Still full.
      }
      await unlink(path).catch(() => {});
    }
    for (const folder of again) this.#full.delete(folder);
    return again;
  }

  /** The folder that a file lies in or below. */
  of(file: string): string | undefined {
    return this.paths.find((path) => file.startsWith(path.endsWith('/') ? path : `${path}/`));
  }
}

async function spaceOf(folder: string): Promise<Space> {
  const { bavail, bsize, blocks } = await statfs(folder);
  return { freeBytes: bavail * bsize, freeShare: blocks === 0 ? 0 : bavail / blocks };
}

export interface RoomLimits {
  readonly freePercent: number;
  readonly freeBytes: number;
  /** The newest files stay in any case. */
  readonly keepNewest: number;
}

/**
 * Deletes the oldest finished files of each folder until it has as much room as it should; each with its index.
 * @returns the files that are gone
 */
export async function deleteOldest(folders: Folders, catalog: FileCatalog, limits: RoomLimits): Promise<CaptureFile[]> {
  const gone: CaptureFile[] = [];
  for (const folder of folders.paths) {
    const files = catalog.files.filter((file) => file.state === 'closed');
    const spared = new Set(files.slice(Math.max(0, files.length - limits.keepNewest)));
    for (const file of files) {
      if (spared.has(file) || folders.of(file.path) !== folder) continue;
      const { freeBytes, freeShare } = await spaceOf(folder);
      if (freeBytes >= limits.freeBytes && freeShare * 100 >= limits.freePercent) break;
      for (const path of [file.path, file.indexPath]) if (path !== undefined) await removed(path);
      const deleted: CaptureFile = { ...file, state: 'deleted' };
      catalog.add(deleted);
      gone.push(deleted);
    }
  }
  return gone;
}

/** A file that somebody has deleted already is gone as well. */
async function removed(path: string): Promise<void> {
  try {
    await unlink(path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error;
  }
}
