// The last number that was given to a capture file of a node, where several runs at a time may take the next one: a folder with one
// empty file, whose name is that number. Who renames the file has the number it is renamed to, because of those who try it
// with the same name the file system lets one succeed. There is no lock that somebody who is killed could leave behind.
// Output thread only.

import { randomBytes } from 'node:crypto';
import { mkdirSync, readdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { syncFolder } from './sync-folder.ts';

/** How often others may be quicker, and how often the name may change while the folder is read, until something else must be wrong. */
const triesMost = 1000;
const unseenMost = 50;
/** Waits between tries grow up to this. */
const pauseMostMs = 10;

export class LastNumber {
  /** The highest that this run knows of: was told of, found at its start, or took. */
  value: number;
  readonly #path: string;

  /**
   * `<folder>/<node>.number`. Makes it when it is not there.
   * @param least a number that is taken, whatever the folder says
   * Throws the system's error, or `RT_OUTPUT` where the folder holds something else.
   */
  constructor(folder: string, node: string, least: number) {
    this.#path = join(folder, `${node.replaceAll('/', '_')}.number`);
    this.value = least;
    for (let unseen = 0; unseen < unseenMost; unseen += 1) {
      const found = this.#read();
      if (found !== undefined) {
        this.value = Math.max(least, found);
        return;
      }
      this.#make(least);
    }
    throw this.#lost();
  }

  /** A number that nobody has had, higher than `value`. It is on disk when this resolves. Rejects with the system's error or `RT_OUTPUT`. */
  async take(): Promise<number> {
    const number = await this.#rise((found) => Math.max(found, this.value) + 1);
    this.value = Math.max(this.value, number);
    return number;
  }

  /** Whoever takes one gets a higher number from now on. It is on disk when this resolves. Rejects as `take` does. */
  async raise(number: number): Promise<void> {
    this.value = Math.max(this.value, number);
    await this.#rise((found) => Math.max(found, number));
  }

  async #rise(next: (found: number) => number): Promise<number> {
    let unseen = 0;
    for (let tries = 0; tries < triesMost && unseen < unseenMost; tries += 1) {
      const found = this.#read();
      const number = found === undefined ? 0 : next(found);
      if (found === undefined) unseen += 1;
      else if (number === found || (await this.#renamed(found, number))) {
        await syncFolder(this.#path);
        return number;
      }
      await pause(Math.random() * Math.min(tries, pauseMostMs));
    }
    throw this.#lost();
  }

  /** False: somebody else was quicker. */
  async #renamed(from: number, to: number): Promise<boolean> {
    try {
      await rename(join(this.#path, String(from)), join(this.#path, String(to)));
      return true;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return false;
      throw error;
    }
  }

  /** The number in the folder. Undefined: there is none, or its name has changed while the folder was read, so that it was not seen. */
  #read(): number | undefined {
    let names: string[];
    try {
      names = readdirSync(this.#path);
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
      throw error;
    }
    const numbers = names.filter((name) => /^\d{1,15}$/.test(name)).map(Number);
    return numbers.length === 0 ? undefined : Math.max(...numbers);
  }

  /** Makes the folder with its file in it, in one step: of several runs one succeeds, and none where there is a file. */
  #make(number: number): void {
    const made = `${this.#path}-${randomBytes(6).toString('hex')}`;
    mkdirSync(made, { mode: 0o750 });
    try {
      writeFileSync(join(made, String(number)), '', { mode: 0o640 });
      renameSync(made, this.#path);
    } catch (error) {
      rmSync(made, { recursive: true, force: true });
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'ENOTEMPTY' && code !== 'EEXIST') throw error;
    }
  }

  #lost(): SensorError {
    return new SensorError(errorCodes.output, `${this.#path} should hold one file named with a number, and holds none`, {
      hint: 'make an empty file there whose name is the highest number of a capture file, and remove what else is there',
    });
  }
}
