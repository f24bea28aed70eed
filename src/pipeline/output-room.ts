// Room in the rings of outputs that run on their packet worker's own thread: a worker that blocked there would wait for itself for ever.
// Their rings are larger than any batch of records is, and the worker waits between batches, with the event loop running, once more
// is in use than is meant to be. Runs on the main thread; used by the loop of its packet worker.

import type { Abort, OutputLink } from './output-link.ts';

/** How long a wait lasts before it is looked around. */
const lookMs = 1000;

export class OutputRoom {
  readonly #links: readonly OutputLink[];
  readonly #abort: Abort;
  readonly #warn: (message: string) => void;
  #hasWarned = false;

  /** `abort`: the run is cut short, and nobody is to be waited for any more. */
  constructor(links: readonly OutputLink[], abort: Abort, warn: (message: string) => void) {
    this.#links = links;
    this.#abort = abort;
    this.#warn = warn;
  }

  /** Whether outputs have enough to take: the next batch is to come after `make`. */
  get isCrowded(): boolean {
    return this.#links.some(({ writer }) => writer.isCrowded) && !this.#abort.aborted;
  }

  /** Whether an output is at work, and so wants turns of the event loop. */
  get isBeingTaken(): boolean {
    return this.#links.some(({ writer }) => writer.isBeingRead);
  }

  /** Settles when the outputs have taken everything, or earlier when a signal for the worker is pending. Rejects never. */
  async make(): Promise<void> {
    for (const link of this.#links) {
      if (link.refused > 0) this.#warnOnce();
      const { writer } = link;
      if (!writer.isCrowded) continue;
      link.waited();
      if (!(await writer.waitUntilEmpty(lookMs))) return;
      writer.rewind();
      if (!(await writer.waitUntilEmpty(lookMs))) return;
    }
  }

  /** Nobody waits any more: what is more than was meant to be in the rings is lost, and counted. */
  confine(): void {
    for (const { writer } of this.#links) writer.confine();
  }

  #warnOnce(): void {
    if (this.#hasWarned) return;
    this.#hasWarned = true;
    this.#warn('one batch of packets yielded more records than the ring of an output holds, and those that had no room are lost');
  }
}
