// Outputs that need no thread: which they are, and that what the plugin does wrong ends no more than it did on a thread.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setImmediate as turn } from 'node:timers/promises';
import fileOutput from '../../plugins/output-file/index.ts';
import pcapOutput from '../../plugins/output-pcap/index.ts';
import stdoutOutput from '../../plugins/output-stdout/index.ts';
import type { OutputConfig } from '../../src/config/index.ts';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { Batch, Output, OutputContext } from '../../src/plugin/index.ts';
import type { LoadedPlugin } from '../../src/workers/index.ts';
import { needsNoThread } from '../../src/workers/main-output.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { endOf, Keeper, light, threadsStarted } from './light-output.ts';
import { createRun, loadFixture, type RunUnderTest } from './run.ts';

const sessions = 1000;

interface Options {
  readonly admin?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly workers?: Readonly<Record<string, unknown>>;
}

/** A run over a small trace with one output. */
async function runOf(
  context: TestContext,
  loaded: LoadedPlugin,
  { output, workers, admin = {} }: Options = {},
): Promise<RunUnderTest> {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, sessions);
  return await createRun(
    context,
    {
      source: [{ kind: 'file', paths: [path], checksums: 'none' }],
      workers: { packet: 1, ...workers },
      output: [{ kind: loaded.plugin.name, ...output }],
      admin,
    },
    [loaded],
    folder,
  );
}

function assertComplete(run: RunUnderTest, ids: readonly string[]): void {
  assert.equal(ids.length, sessions);
  assert.equal(new Set(ids).size, sessions);
  assert.equal(run.total('output', 'written_records'), sessions);
  assert.equal(run.records().balanced, true);
}

test('the file output needs no thread, unless its records are put in order, go through a disk queue or come from many workers', () => {
  const config = (common: Partial<OutputConfig['common']> = {}): OutputConfig =>
    ({ common: { ordered: false, policy: 'block', ...common }, own: {} }) as unknown as OutputConfig;
  assert.equal(needsNoThread(fileOutput, config(), 1), true);
  assert.equal(needsNoThread(fileOutput, config({ policy: 'drop' }), 1), true);
  assert.equal(needsNoThread(fileOutput, config({ policy: 'spill' }), 1), false);
  assert.equal(needsNoThread(fileOutput, config({ ordered: true }), 1), false);
  assert.equal(needsNoThread(fileOutput, config(), 4), true);
  assert.equal(needsNoThread(fileOutput, config(), 5), false);
  for (const plugin of [stdoutOutput, pcapOutput]) assert.equal(needsNoThread(plugin, config(), 1), false, plugin.name);
});

test('no thread is started for the file output, one is for another', async (context) => {
  const started = threadsStarted(context);
  await endOf(await runOf(context, { plugin: fileOutput, url: 'ringtap-test:none' }));
  assert.deepEqual(started, []);
  const run = await runOf(context, await loadFixture('refusing-output'), { output: { folder: '/nowhere' } });
  await run.supervisor.start();
  run.supervisor.abort();
  await run.supervisor.finished;
  assert.deepEqual(started, ['output-refusing', 'packet-0']);
});

test('to who asks it is a thread like others, but that nobody counts its pauses', async (context) => {
  const keeper = new Keeper();
  const run = await runOf(
    context,
    light(() => keeper),
    { admin: { enabled: true } },
  );
  assert.deepEqual(run.supervisor.status()[0], { name: 'output-light', state: 'starting', restarts: 0 });
  await endOf(run);
  assert.deepEqual(run.supervisor.status()[0], { name: 'output-light', state: 'done', restarts: 0 });
  assertComplete(run, keeper.ids);
  const counted = run.supervisor.counters.snapshot().filter(({ set, name }) => set === 'thread' && name === 'gc_pauses');
  assert.ok(counted.length > 0);
  assert.ok(counted.every(({ labels }) => labels.thread !== 'output-light'));
});

test('its plugin logs by its name and counts', async (context) => {
  const create = ({ log, count }: OutputContext): Output => ({
    async write() {
      log.warn('a batch has come');
      count('batches_seen');
    },
  });
  const run = await runOf(context, light(create, { batches_seen: 'Batches.' }));
  await endOf(run);
  assert.ok(run.log.includes('warn output-light: a batch has come'));
  assert.equal(run.total('output_light', 'batches_seen'), run.total('output', 'batches'));
});

for (const [how, refuse] of [
  ['rejects', () => Promise.reject(new Error('not now'))],
  [
    'throws',
    () => {
      throw new Error('not now');
    },
  ],
] as const) {
  test(`a write that ${how} is offered again`, async (context) => {
    const keeper = new Keeper();
    let refusals = 2;
    const write = (batch: Batch): Promise<void> => (refusals-- > 0 ? refuse() : keeper.write(batch));
    const run = await runOf(
      context,
      light(() => ({ write })),
    );
    await endOf(run);
    assertComplete(run, keeper.ids);
    assert.equal(run.total('output', 'failed_batches'), 2);
    assert.ok(run.log.some((line) => /^warn output-light: \d+ records were refused, next try in 200 ms: not now$/.test(line)));
  });
}

test('one that cannot be made or started ends the run with its error', async (context) => {
  const fail = (): never => {
    throw new Error('no room');
  };
  for (const create of [fail, (): Output => ({ start: async () => fail(), write: async () => {} })]) {
    const run = await runOf(context, light(create));
    await assert.rejects(run.supervisor.start(), { code: errorCodes.plugin, message: 'output light: no room' });
    await assert.rejects(run.supervisor.finished, { code: errorCodes.plugin });
    assert.equal(run.supervisor.status()[0]?.state, 'failed');
  }
});

test('one whose reader has gone ends the run, and is closed', async (context) => {
  let stops = 0;
  const output: Output = {
    write: () => Promise.reject(new SensorError(errorCodes.outputClosed, 'nobody reads')),
    stop: async () => void stops++,
  };
  const run = await runOf(
    context,
    light(() => output),
  );
  await assert.rejects(endOf(run), { code: errorCodes.outputClosed });
  assert.equal(stops, 1);
});

test('one that dies is closed and made anew, and goes on where it was', async (context) => {
  const keeper = new Keeper();
  const calls: string[] = [];
  let made = 0;
  const create = (): Output => {
    const name = `${++made}.`;
    return {
      write: (batch) => keeper.write(batch),
      flush: async () => {
        calls.push(`${name}flush`);
        if (made === 1) throw new Error('a fault');
      },
      stop: async () => void calls.push(`${name}stop`),
    };
  };
  const run = await runOf(context, light(create));
  await endOf(run);
  assertComplete(run, keeper.ids);
  assert.deepEqual(calls, ['1.flush', '1.stop', '2.flush', '2.stop']);
  assert.deepEqual(run.supervisor.status()[0], { name: 'output-light', state: 'done', restarts: 1 });
  assert.equal(run.total('supervisor', 'workers_died'), 1);
  assert.ok(run.log.some((line) => line.startsWith('error output-light died: Error: a fault\n')));
});

test('one that dies each time ends the run at the limit of restarts', async (context) => {
  let stops = 0;
  const stop = async (): Promise<void> => {
    stops++;
    throw new Error('a fault');
  };
  const run = await runOf(
    context,
    light(() => ({ write: async () => {}, stop })),
    { workers: { restart_limit: 2 } },
  );
  await assert.rejects(endOf(run), { code: errorCodes.worker });
  // Once in each life: what has failed is not tried again.
  assert.equal(stops, 3);
});

test('one that is ended in mid-run gets a successor with the batch that was not answered, whose bytes it sees no more', async (context) => {
  const keeper = new Keeper();
  const late = new Keeper();
  const { promise: answered, resolve: answer } = Promise.withResolvers<void>();
  let writes = 0;
  const write = async (batch: Batch): Promise<void> => {
    if (++writes > 1) return await keeper.write(batch);
    await answered;
    await late.write(batch);
  };
  const run = await runOf(
    context,
    light(() => ({ write })),
  );
  await run.supervisor.start();
  await run.until(() => writes === 1);
  const [victim] = run.supervisor.threads();
  await victim?.terminate();
  assert.equal(victim?.restarts, 1);
  await run.supervisor.finished;
  answer();
  await turn();
  assertComplete(run, keeper.ids);
  assert.deepEqual(late.ids, []);
});

for (const call of ['start', 'flush', 'stop'] as const) {
  test(`one that never comes back from ${call} is given up, and what it does later changes nothing`, async (context) => {
    const { promise: stuck, resolve: release } = Promise.withResolvers<void>();
    let calls = 0;
    const hang = (): Promise<void> => {
      calls++;
      return stuck;
    };
    const run = await runOf(
      context,
      light(() => ({ write: async () => {}, [call]: hang })),
    );
    const started = run.supervisor.start();
    started.catch(() => {});
    await run.until(() => calls === 1);
    run.supervisor.abort();
    const [victim] = run.supervisor.threads();
    await victim?.terminate();
    // One that has not started fails the run, where the run has not ended before.
    await Promise.allSettled([started, run.supervisor.finished]);
    assert.equal(victim?.state, 'failed');
    release();
    await turn();
    assert.equal(victim?.state, 'failed');
    assert.equal(victim?.restarts, 0);
  });
}

test('one that never answers does not hold a run that is cut short, and its records are counted as lost', async (context) => {
  let writes = 0;
  const write = (): Promise<void> => {
    writes++;
    return new Promise(() => {});
  };
  const run = await runOf(
    context,
    light(() => ({ write })),
    { output: { ring_bytes: 1 << 18 } },
  );
  await run.supervisor.start();
  await run.until(() => writes > 0 && run.total('output_ring', 'waits') > 0);
  run.supervisor.abort();
  await run.supervisor.finished;
  assert.equal(writes, 1);
  assert.equal(run.total('output', 'dropped_failed_records'), run.total('output_ring', 'records'));
  assert.equal(run.records().balanced, true);
});

test('it is asked to open its files again between two offers', async (context) => {
  const keeper = new Keeper();
  let reopened = 0;
  const output: Output = {
    write: async (batch) => {
      if (reopened === 0) throw new Error('the file was moved away');
      await keeper.write(batch);
    },
    reopen: async () => void reopened++,
  };
  const run = await runOf(
    context,
    light(() => output),
  );
  await run.supervisor.start();
  await run.until(() => run.total('output', 'failed_batches') > 0);
  run.supervisor.reopen();
  await run.supervisor.finished;
  assert.equal(reopened, 1);
  assert.ok(run.log.includes('info output-light: closing and opening files again'));
  assertComplete(run, keeper.ids);
});
