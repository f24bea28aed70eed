// Where capture files get their numbers from. A number is never used twice by a node, because documents name packets by it; it may
// be left out. Counted in a file beside the capture files, unless a cluster counts (reserved-numbers.ts).

import { readFileSync } from 'node:fs';
import { open, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { errorCodes, SensorError } from '../../src/errors.ts';

export interface FileNumbers {
  /** Whether want of a number says something about the disk that capture files go to. */
  readonly areOnDisk: boolean;
  /** A number that this node has not had yet. May take its time; rejects when it cannot be had now. */
  next(): Promise<number>;
  close(): Promise<void>;
}

/** `<folder>/<node>.sequence`: the last number given out. */
export class LastNumber {
  readonly #path: string;
  value: number;

  /** `least`: a number that is taken, whatever the file says. Throws `RT_OUTPUT` where the file holds something else. */
  constructor(folder: string, node: string, least: number) {
    this.#path = join(folder, `${node.replaceAll('/', '_')}.sequence`);
    this.value = Math.max(least, this.#read());
  }

  /** It is on disk when this resolves. Rejects with the system's error; the value is then what it was. */
  async set(number: number): Promise<void> {
    const file = await open(`${this.#path}.new`, 'w', 0o640);
    try {
      await file.writeFile(`${number}\n`);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(`${this.#path}.new`, this.#path);
    this.value = number;
  }

  #read(): number {
    let text: string;
    try {
      text = readFileSync(this.#path, 'utf8').trim();
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return 0;
      throw error;
    }
    if (!/^\d{1,10}$/.test(text))
      throw new SensorError(
        errorCodes.output,
        `${this.#path} should hold a number, and holds ${JSON.stringify(text.slice(0, 40))}`,
        {
          hint: 'write the highest number of a capture file into it',
        },
      );
    return Number(text);
  }
}

/** Counts in that file. */
export class LocalNumbers implements FileNumbers {
  readonly areOnDisk = true;
  readonly #last: LastNumber;
  #turn: Promise<unknown> = Promise.resolve();

  constructor(last: LastNumber) {
    this.#last = last;
  }

  next(): Promise<number> {
    const number = this.#turn.then(async () => {
      const next = this.#last.value + 1;
      // On disk before anybody uses it: a number that was given out twice would mix up two files for ever.
      await this.#last.set(next);
      return next;
    });
    this.#turn = number.catch(() => {});
    return number;
  }

  async close(): Promise<void> {}
}
