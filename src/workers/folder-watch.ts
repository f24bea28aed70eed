// Lists a folder of capture files, once or again and again, and gives its files to the source when they are complete. Runs
// on the capture thread between polls; never reads a capture file.
//
// A watched file is complete when neither its size nor its time of change has moved for `settle_secs`. What is being written
// is best given its name when it is whole: names that begin with a dot or end like an unfinished download are left alone.

import { type Dirent, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import type { FolderSourceConfig } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import type { LedgerEntry } from './folder-ledger.ts';

/** What takes the files; `Source` fits. */
export interface FileTaker {
  addFile(path: string): void;
  complete(): void;
  takeFinished(): readonly { readonly path: string; readonly packets: number; readonly problem?: string }[];
}

/** A file that was read, or that could not be. */
export interface ReadFile extends LedgerEntry {
  readonly packets: number;
}

interface Seen {
  size: number;
  mtimeMs: number;
  /** `monotonicMs()` when it was first seen like this. */
  sinceMs: number;
  state: 'waiting' | 'given' | 'done';
  /** Number of the last listing that had it. */
  listing: number;
}

const unfinishedName = /^\.|[.~](tmp|temp|part|partial|unfinished|crdownload|swp)$|~$/i;
const maxFiles = 100_000;
const maxDepth = 32;
const lookEveryMs = 1000;
/** A listing may take this share of the time. */
const lookShare = 0.1;

export class FolderWatch {
  readonly #config: FolderSourceConfig;
  readonly #folder: string;
  readonly #taker: FileTaker;
  readonly #tell: (message: string) => void;
  readonly #seen = new Map<string, Seen>();
  #listing = 0;
  #nextLookMs = 0;
  #toldTooMany = false;
  #toldUnreadable = false;

  /** `done`: files of earlier runs, by path. */
  constructor(
    config: FolderSourceConfig,
    taker: FileTaker,
    done: ReadonlyMap<string, LedgerEntry>,
    tell: (message: string) => void,
  ) {
    this.#config = config;
    this.#folder = resolve(config.directory);
    this.#taker = taker;
    this.#tell = tell;
    for (const { path, size, mtime_ms } of done.values())
      this.#seen.set(path, { size, mtimeMs: mtime_ms, sinceMs: 0, state: 'done', listing: 0 });
  }

  /** The first listing. Throws `RT_SOURCE_OPEN` when the folder cannot be listed. Without `monitor` it is the only one. */
  start(): void {
    this.#list();
    this.#afterListing();
    if (!this.#config.monitor) this.#taker.complete();
  }

  /** Looks again when it is time. A folder that cannot be listed now may come back. */
  look(): void {
    const startMs = monotonicMs();
    if (!this.#config.monitor || startMs < this.#nextLookMs) return;
    try {
      this.#list();
      this.#toldUnreadable = false;
    } catch (error) {
      if (!this.#toldUnreadable) this.#tell(`${(error as Error).message}; looking again every second`);
      this.#toldUnreadable = true;
      this.#nextLookMs = startMs + lookEveryMs;
      return;
    }
    this.#afterListing();
  }

  /** The files that were finished since the last call. */
  takeFinished(): ReadFile[] {
    return this.#taker.takeFinished().map(({ path, packets, problem }) => {
      const seen = this.#seen.get(path);
      if (seen !== undefined) seen.state = 'done';
      const entry = { path, size: seen?.size ?? 0, mtime_ms: seen?.mtimeMs ?? 0, packets };
      return problem === undefined ? entry : { ...entry, problem };
    });
  }

  #afterListing(): void {
    // Of files that are gone nothing is kept.
    for (const [path, seen] of this.#seen) if (seen.listing !== this.#listing && seen.state !== 'given') this.#seen.delete(path);
    this.#listing++;
    const nowMs = monotonicMs();
    this.#nextLookMs = Math.max(this.#nextLookMs, nowMs + lookEveryMs);
  }

  #list(): void {
    const startMs = monotonicMs();
    let count = 0;
    const walk = (path: string, level: number): void => {
      for (const entry of entriesOf(path, level)) {
        const child = join(path, entry.name);
        if (unfinishedName.test(entry.name)) continue;
        if (entry.isDirectory()) {
          if (this.#config.recursive && level < maxDepth) walk(child, level + 1);
        } else if (count < maxFiles) {
          if (this.#consider(child)) count++;
        } else if (!this.#toldTooMany) {
          this.#toldTooMany = true;
          this.#tell(`${this.#folder}: more than ${maxFiles} files; the others wait until some of these are gone`);
        }
      }
    };
    walk(this.#folder, 0);
    const tookMs = monotonicMs() - startMs;
    this.#nextLookMs = startMs + Math.max(lookEveryMs, tookMs / lookShare);
  }

  /** Looks at one file; false when it is none. */
  #consider(path: string): boolean {
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) return false;
    const { size, mtimeMs } = stats;
    const seen = this.#seen.get(path);
    if (seen === undefined) {
      this.#add(path, size, mtimeMs);
      return true;
    }
    seen.listing = this.#listing;
    if (seen.state === 'given') return true;
    const same = seen.size === size && seen.mtimeMs === mtimeMs;
    if (seen.state === 'done') {
      if (same) return true;
      this.#tell(`${path}: has changed since it was read, and is read again`);
      this.#add(path, size, mtimeMs);
      return true;
    }
    if (!same) Object.assign(seen, { size, mtimeMs, sinceMs: monotonicMs() });
    else if (size > 0 && monotonicMs() - seen.sinceMs >= this.#config.settle_secs * 1000) this.#give(path, seen);
    return true;
  }

  #add(path: string, size: number, mtimeMs: number): void {
    const seen: Seen = { size, mtimeMs, sinceMs: monotonicMs(), state: 'waiting', listing: this.#listing };
    this.#seen.set(path, seen);
    const settled = size > 0 && Date.now() - mtimeMs >= this.#config.settle_secs * 1000;
    if (settled || !this.#config.monitor) this.#give(path, seen);
  }

  #give(path: string, seen: Seen): void {
    seen.state = 'given';
    this.#taker.addFile(path);
  }
}

/** Names in a folder, in order. One below the top that cannot be listed is passed over: it may just have gone. */
function entriesOf(path: string, level: number): Dirent[] {
  try {
    return readdirSync(path, { withFileTypes: true }).sort((a, b) => (a.name < b.name ? -1 : 1));
  } catch (cause) {
    if (level > 0) return [];
    throw new SensorError(errorCodes.sourceOpen, `${path}: ${(cause as Error).message.replace(/^\w+: |, \w+ '.*$/g, '')}`, {
      cause,
      hint: 'check that the folder exists and that this user may list it',
    });
  }
}
