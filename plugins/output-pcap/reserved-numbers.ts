// Numbers of capture files that a cluster counts, so that several sensors and runs never have the same. Some are fetched ahead and kept in
// a folder beside the capture files, so that a file can begin while the cluster is away: an empty file a number. Who removes
// it has the number, which holds for several runs at a time, and for one that is killed as well.

import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync } from 'node:fs';
import { unlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { NumberSource } from '../../src/plugin/index.ts';
import type { FileNumbers } from './file-numbers.ts';
import type { LastNumber } from './last-number.ts';
import { syncFolder } from './sync-folder.ts';

/** How long numbers under way are waited for at the end. */
const closeMs = 1000;

export interface ReserveOptions {
  readonly folder: string;
  readonly node: string;
  readonly last: LastNumber;
  readonly source: NumberSource;
  /** Numbers that are fetched at a time; more when fewer than half of them are left. */
  readonly most: number;
  /** Told how many more, or fewer, are kept. */
  changed(by: number): void;
}

export class ReservedNumbers implements FileNumbers {
  readonly areOnDisk = false;
  readonly #options: ReserveOptions;
  readonly #path: string;
  /** Ascending. Another run may have taken some of them. */
  #kept: number[];
  /** Numbers that could not be put down, the disk being full; they are good for this run. */
  readonly #loose = new Set<number>();
  #turn: Promise<unknown> = Promise.resolve();
  #fetching: Promise<void> | undefined;

  /** Throws the system's error where the folder cannot be made. */
  constructor(options: ReserveOptions) {
    this.#options = options;
    const { folder, node, source } = options;
    // What another cluster gave is not taken for a number of this one.
    const place = createHash('sha256').update(source.id).digest('hex').slice(0, 8);
    this.#path = join(folder, `${node.replaceAll('/', '_')}.numbers-${place}`);
    mkdirSync(this.#path, { recursive: true, mode: 0o750 });
    this.#kept = [];
    this.#list();
  }

  next(): Promise<number> {
    const number = this.#turn.then(() => this.#next());
    this.#turn = number.catch(() => {});
    return number;
  }

  /** What is being fetched is for the next run, which may find the cluster away. */
  async close(): Promise<void> {
    const enough = new AbortController();
    const fetched = this.#fetching?.catch(() => {});
    await Promise.race([fetched, pause(closeMs, undefined, { signal: enough.signal }).catch(() => {})]);
    enough.abort();
    await this.#options.source.close();
    await fetched;
  }

  async #next(): Promise<number> {
    const { most } = this.#options;
    let number = await this.#take();
    if (number === undefined) {
      await this.#fetch();
      number = await this.#take();
    }
    if (number === undefined) throw new Error('other runs have taken what the cluster gave');
    // Nobody waits for these; without them the next call tries again.
    if (this.#kept.length < most / 2) this.#fetch().catch(() => {});
    return number;
  }

  /** The least number that is kept and that nobody else has taken meanwhile. */
  async #take(): Promise<number | undefined> {
    const { last } = this.#options;
    if (this.#kept.length === 0) this.#list();
    for (let number = this.#kept.shift(); number !== undefined; number = this.#kept.shift()) {
      this.#options.changed(-1);
      const isOurs = this.#loose.delete(number) || (await this.#claim(number));
      // One that is behind comes from before the numbers of this folder were counted elsewhere.
      if (!isOurs || number <= last.value) continue;
      // For a later run that counts by itself. Not needed for this one, so a full disk is no reason to stop.
      await last.raise(number).catch(() => {});
      return number;
    }
    return undefined;
  }

  /** Gone for good before anybody uses the number. */
  async #claim(number: number): Promise<boolean> {
    try {
      await unlink(join(this.#path, String(number)));
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
    await syncFolder(this.#path);
    return true;
  }

  #fetch(): Promise<void> {
    this.#fetching ??= this.#fetchNow().finally(() => {
      this.#fetching = undefined;
    });
    return this.#fetching;
  }

  async #fetchNow(): Promise<void> {
    const { source, most, last } = this.#options;
    const numbers = await source.reserve(most, Math.max(last.value, this.#kept.at(-1) ?? 0));
    for (const number of numbers) {
      try {
        await writeFile(join(this.#path, String(number)), '', { mode: 0o640 });
      } catch {
        this.#loose.add(number);
      }
    }
    await syncFolder(this.#path).catch(() => {});
    this.#set([...this.#kept, ...numbers]);
  }

  /** What lies in the folder; another run may have fetched some. */
  #list(): void {
    const names = readdirSync(this.#path).filter((name) => /^[1-9]\d{0,9}$/.test(name));
    this.#set([...names.map(Number), ...this.#loose]);
  }

  #set(numbers: readonly number[]): void {
    const before = this.#kept.length;
    this.#kept = [...new Set(numbers)].sort((a, b) => a - b);
    this.#options.changed(this.#kept.length - before);
  }
}
