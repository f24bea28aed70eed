// Sends a growing file to disk as it grows and keeps only its end in the system's page cache. Left to itself the system takes
// fresh memory for every page, until there is none; so the pages that were written go round. Used by a file of the `file` output.

/** `OutputContext.writeBehind`. */
export type WriteBehindCall = (descriptor: number, below: number, from: number, to: number) => Promise<void>;

/** Bytes that are begun to be written at a time. */
const stepBytes = 4 << 20;

export class WriteBehind {
  readonly #call: WriteBehindCall;
  readonly #keptBytes: number;
  readonly #onRefusal: (error: Error) => void;
  /** Up to here the file goes to disk. */
  #begun = 0;
  #running: Promise<void> | undefined;
  #refused = false;

  /** `keptBytes`: of the end of the file, that stay in memory. `onRefusal` is told once where the system cannot, or will not. */
  constructor(call: WriteBehindCall, keptBytes: number, onRefusal: (error: Error) => void) {
    this.#call = call;
    this.#keptBytes = keptBytes;
    this.#onRefusal = onRefusal;
  }

  /** A file of this size is open; what is in it already is left alone. */
  begin(size: number): void {
    this.#begun = size;
  }

  /** The file has grown. One step at a time: a disk that is behind is not asked for more. */
  grown(descriptor: number, size: number): void {
    if (this.#refused || this.#running !== undefined || size - this.#begun < stepBytes) return;
    const from = this.#begun;
    this.#begun = size;
    this.#running = this.#call(descriptor, Math.max(0, size - this.#keptBytes), from, size)
      // It is only memory: where the system cannot (a pipe, a network file system), the file is written as ever.
      .catch((error: Error) => {
        this.#refused = true;
        this.#onRefusal(error);
      })
      .finally(() => {
        this.#running = undefined;
      });
  }

  /** Settles when the descriptor is not in use any more. Never rejects. */
  async idle(): Promise<void> {
    await this.#running;
  }
}
