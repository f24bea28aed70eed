// Ringtap output `ringtap-output-talkers`: adds up what each address sent and received, and keeps the sums in a CSV file.

import { rename, writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { Type } from 'typebox';

class TalkersOutput {
  #context;
  #config;
  /** Address → [sessions, bytes sent, bytes received]. */
  #sums = new Map();
  #changed = false;

  constructor(context, config) {
    this.#context = context;
    this.#config = config;
  }

  /** A folder that cannot be written should be an error before the first packet, not after the last. */
  async start() {
    await this.#save();
  }

  async write(batch) {
    for (let index = 0; index < batch.count; index++) {
      if (batch.type(index) !== 'session') continue;
      const { source, destination } = JSON.parse(batch.record(index).toString());
      if (source.ip === undefined) continue;
      this.#add(source.ip, source.bytes, destination.bytes);
      this.#add(destination.ip, destination.bytes, source.bytes);
    }
  }

  #add(address, sent, received) {
    let sums = this.#sums.get(address);
    if (sums === undefined) {
      if (this.#sums.size === this.#config.max_addresses) {
        this.#context.count('ignored_addresses');
        return;
      }
      sums = [0, 0, 0];
      this.#sums.set(address, sums);
    }
    sums[0] += 1;
    sums[1] += sent;
    sums[2] += received;
    this.#changed = true;
  }

  /** Called every `flush_secs`, and at the end. */
  async flush() {
    if (this.#changed) await this.#save();
  }

  /** A reader sees the old file or the new one, never half of one. */
  async #save() {
    const path = resolve(this.#context.directory, this.#config.path);
    const rows = [...this.#sums].sort(([, a], [, b]) => b[1] - a[1]).map(([address, sums]) => [address, ...sums].join(','));
    await writeFile(`${path}.new`, `${['address,sessions,sent_bytes,received_bytes', ...rows].join('\n')}\n`);
    await rename(`${path}.new`, path);
    this.#changed = false;
  }
}

export default {
  kind: 'output',
  name: 'ringtap-output-talkers',
  description: 'Bytes by address, as CSV.',
  config: Type.Object(
    {
      path: Type.String({ default: 'talkers.csv', minLength: 1, description: 'File; relative to the log directory.' }),
      max_addresses: Type.Integer({ default: 100000, minimum: 2, maximum: 10000000, description: 'Addresses kept.' }),
    },
    { additionalProperties: false },
  ),
  counters: { ignored_addresses: 'Addresses of sessions that were left out because of max_addresses.' },
  create: (context, config) => new TalkersOutput(context, config),
};
