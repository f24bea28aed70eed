// Where capture files get their numbers from. A number is never used twice by a node, because documents name packets by it; it may
// be left out. Counted beside the capture files, unless a cluster counts (reserved-numbers.ts).

import type { LastNumber } from './last-number.ts';

export interface FileNumbers {
  /** Whether want of a number says something about the disk that capture files go to. */
  readonly areOnDisk: boolean;
  /** A number that this node has not had yet. May take its time; rejects when it cannot be had now. */
  next(): Promise<number>;
  close(): Promise<void>;
}

/** Counts there, together with other runs that write to the same folder. */
export class LocalNumbers implements FileNumbers {
  readonly areOnDisk = true;
  readonly #last: LastNumber;

  constructor(last: LastNumber) {
    this.#last = last;
  }

  next(): Promise<number> {
    return this.#last.take();
  }

  async close(): Promise<void> {}
}
