// Writes records to an open descriptor that cannot be cut back: a pipe, a terminal, a redirected file. Runs on its output
// thread. What has gone out stays out, so a batch that is offered again after an error goes on where it stopped.

import { write as writeCallback } from 'node:fs';
import { getSystemErrorMessage, promisify } from 'node:util';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch, Output } from '../../src/plugin/index.ts';

const write = promisify(writeCallback);
const fullPipePauseMs = 5;

export class StreamOutput implements Output {
  readonly #fd: number;
  #buffer = Buffer.alloc(0);
  /** Bytes at the start of the next batch that are out already. */
  #ahead = 0;

  constructor(fd: number) {
    this.#fd = fd;
  }

  async write(batch: Batch): Promise<void> {
    if (this.#buffer.length < batch.byteLength) this.#buffer = Buffer.allocUnsafe(batch.byteLength);
    const length = batch.copyAll(this.#buffer, 0);
    while (this.#ahead < length) this.#ahead += await this.#writeSome(this.#ahead, length);
    // A batch offered again may be cut smaller than it was.
    this.#ahead -= length;
  }

  async #writeSome(from: number, to: number): Promise<number> {
    try {
      return (await write(this.#fd, this.#buffer, from, to - from)).bytesWritten;
    } catch (cause) {
      const { code, errno, message } = cause as NodeJS.ErrnoException;
      // EIO: the terminal has been closed.
      if (code === 'EPIPE' || code === 'EIO')
        throw new SensorError(errorCodes.outputClosed, 'standard output was closed', { cause });
      if (code !== 'EAGAIN') {
        const reason = errno === undefined ? message : getSystemErrorMessage(errno);
        throw new SensorError(errorCodes.output, `standard output: ${reason}`, { cause });
      }
      // Whoever shares the pipe has made it non-blocking, and it is full.
      await new Promise((resolve) => setTimeout(resolve, fullPipePauseMs));
      return 0;
    }
  }
}
