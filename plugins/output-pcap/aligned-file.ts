// A file that grows by large writes at page boundaries: bytes are gathered in a buffer, full buffers are written one after the
// other without anybody waiting. A failure is remembered, not thrown; what is known to be in the file is `written`. Output
// thread only.

import { type FileHandle, open } from 'node:fs/promises';

const pageBytes = 4096;
/** Buffers that may wait to be written; whoever appends more is to wait. */
const waitingMost = 16;

export class AlignedFile {
  readonly path: string;
  readonly #handle: FileHandle;
  readonly #bufferBytes: number;
  readonly #waits: (by: number) => void;
  readonly #free: Buffer[] = [];
  #buffer: Buffer;
  /** Bytes in the buffer, and how many of them a flush has written. */
  #used = 0;
  #flushed = 0;
  /** Where the buffer begins in the file. */
  #at = 0;
  #waiting = 0;
  #chain: Promise<void> = Promise.resolve();
  #failure: Error | undefined;
  #written = 0;

  private constructor(path: string, handle: FileHandle, bufferBytes: number, waits: (by: number) => void) {
    this.path = path;
    this.#handle = handle;
    this.#bufferBytes = bufferBytes;
    this.#waits = waits;
    this.#buffer = Buffer.allocUnsafeSlow(bufferBytes);
  }

  /**
   * Makes the file, or begins it anew. `bufferBytes`: a multiple of the page. `waits` is told how many buffers more, or fewer, wait to be
   * written. Rejects with the system's error.
   */
  static async open(path: string, mode: number, bufferBytes: number, waits: (by: number) => void): Promise<AlignedFile> {
    return new AlignedFile(path, await open(path, 'w', mode), bufferBytes, waits);
  }

  /** Bytes appended, written or not. */
  get size(): number {
    return this.#at + this.#used;
  }

  /** Bytes that are in the file, without a hole. */
  get written(): number {
    return this.#written;
  }

  get failure(): Error | undefined {
    return this.#failure;
  }

  append(bytes: Uint8Array): void {
    for (let from = 0; from < bytes.length; ) {
      const part = Math.min(bytes.length - from, this.#bufferBytes - this.#used);
      this.#buffer.set(bytes.subarray(from, from + part), this.#used);
      this.#used += part;
      from += part;
      if (this.#used === this.#bufferBytes) this.#turn();
    }
  }

  /** A promise when too much waits to be written. */
  room(): Promise<void> | undefined {
    return this.#waiting < waitingMost ? undefined : this.#chain;
  }

  /** Writes what is in the buffer too. Never rejects: see `failure`. */
  async flush(): Promise<void> {
    const from = this.#flushed - (this.#flushed % pageBytes);
    if (this.#used > this.#flushed) {
      this.#flushed = this.#used;
      this.#write(this.#buffer, from, this.#used, this.#at);
    }
    await this.#chain;
  }

  /** Flushes and closes; with `length` the file is cut to it. */
  async close(length?: number): Promise<void> {
    if (length === undefined) await this.flush();
    await this.#chain;
    try {
      if (length !== undefined) await this.#handle.truncate(length);
    } catch (error) {
      this.#failure ??= error as Error;
    }
    try {
      await this.#handle.close();
    } catch (error) {
      this.#failure ??= error as Error;
    }
  }

  /** The buffer is full. */
  #turn(): void {
    const buffer = this.#buffer;
    this.#waiting += 1;
    this.#waits(1);
    this.#write(buffer, this.#flushed - (this.#flushed % pageBytes), this.#used, this.#at).then(() => {
      this.#waiting -= 1;
      this.#waits(-1);
      this.#free.push(buffer);
    });
    this.#at += this.#used;
    this.#used = 0;
    this.#flushed = 0;
    this.#buffer = this.#free.pop() ?? Buffer.allocUnsafeSlow(this.#bufferBytes);
  }

  #write(buffer: Buffer, from: number, to: number, at: number): Promise<void> {
    this.#chain = this.#chain.then(async () => {
      if (this.#failure !== undefined) return;
      try {
        for (let done = from; done < to; ) {
          const { bytesWritten } = await this.#handle.write(buffer, done, to - done, at + done);
          done += bytesWritten;
          this.#written = Math.max(this.#written, at + done);
        }
      } catch (error) {
        this.#failure = error as Error;
      }
    });
    return this.#chain;
  }
}
