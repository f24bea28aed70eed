// Output plugin `stdout`: records to standard output, as they are encoded (NDJSON). For pipes and for looking.

import { write as writeCallback } from 'node:fs';
import { promisify } from 'node:util';
import { Type } from 'typebox';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { type Batch, definePlugin, type Output } from '../../src/plugin/index.ts';

const write = promisify(writeCallback);
const standardOutput = 1;
const fullPipePauseMs = 5;

class StdoutOutput implements Output {
  #buffer = Buffer.alloc(0);

  async write(batch: Batch): Promise<void> {
    if (this.#buffer.length < batch.byteLength) this.#buffer = Buffer.allocUnsafe(batch.byteLength);
    let length = 0;
    for (let index = 0; index < batch.count; index++) length = batch.copy(index, this.#buffer, length);
    for (let from = 0; from < length; ) from += await this.#writeSome(from, length);
  }

  async #writeSome(from: number, to: number): Promise<number> {
    try {
      return (await write(standardOutput, this.#buffer, from, to - from)).bytesWritten;
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      if (code === 'EPIPE') throw new SensorError(errorCodes.outputClosed, 'standard output was closed', { cause: error });
      if (code !== 'EAGAIN')
        throw new SensorError(errorCodes.output, `standard output: ${(error as Error).message}`, { cause: error });
      // Whoever shares the pipe has made it non-blocking, and it is full.
      await new Promise((resolve) => setTimeout(resolve, fullPipePauseMs));
      return 0;
    }
  }
}

export default definePlugin({
  kind: 'output',
  name: 'stdout',
  description: 'Records to standard output.',
  config: Type.Object({}, { additionalProperties: false }),
  create: () => new StdoutOutput(),
});
