// An output that needs no thread, made of a closure of a test, and runs with it.

import type { TestContext } from 'node:test';
import type { Worker } from 'node:worker_threads';
import { Type } from 'typebox';
import { type Batch, definePlugin, type Output, type OutputContext } from '../../src/plugin/index.ts';
import type { LoadedPlugin } from '../../src/workers/index.ts';
import { recordsOf } from '../e2e/sensor.ts';
import type { RunUnderTest } from './run.ts';

/** Light, and never loaded by its URL: `create` is a closure of the test. */
export function light(create: (context: OutputContext) => Output, counters = {}): LoadedPlugin {
  const config = Type.Object({}, { additionalProperties: false });
  const plugin = definePlugin({
    kind: 'output',
    name: 'light',
    description: 'For tests.',
    config,
    counters,
    light: true,
    create,
  });
  return { plugin, url: 'ringtap-test:none' };
}

/** Keeps the ids of the sessions that it takes. */
export class Keeper implements Output {
  readonly ids: string[] = [];

  async write(batch: Batch): Promise<void> {
    for (let index = 0; index < batch.count; index++) {
      const [record] = recordsOf(batch.record(index).toString());
      this.ids.push(record.session.id);
    }
  }
}

/** The names of the threads that are started from now on. */
export function threadsStarted(context: TestContext): string[] {
  const names: string[] = [];
  const hear = (worker: Worker): void => void names.push(worker.threadName ?? '');
  process.on('worker', hear);
  context.after(() => process.off('worker', hear));
  return names;
}

export async function endOf(run: RunUnderTest): Promise<void> {
  await run.supervisor.start();
  await run.supervisor.finished;
}
