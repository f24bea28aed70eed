// Pauses of the garbage collector, as counted without ever returning to the event loop.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { GcPauses, threadCounters } from '../../src/workers/gc-pauses.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { createRun, loadFixture } from './run.ts';

const C = threadCounters.index;

setFlagsFromString('--expose-gc');
const collect = runInNewContext('gc') as () => void;

test('collections between two readings are counted, with their sum and the longest', () => {
  const counters = new Float64Array(threadCounters.names.length);
  const pauses = new GcPauses(counters);
  for (let round = 0; round < 3; round++) collect();
  pauses.read();
  const first = counters.slice();
  assert.ok((first[C.gc_pauses] as number) >= 3, `${first[C.gc_pauses]} pauses`);
  assert.ok((first[C.gc_pause_max_us] as number) > 0);
  assert.ok((first[C.gc_pause_us] as number) >= (first[C.gc_pause_max_us] as number));
  assert.ok(counters.every(Number.isInteger));
  // A successor goes on where the dead one stopped.
  const successor = new GcPauses(counters);
  collect();
  successor.read();
  assert.ok((counters[C.gc_pauses] as number) > (first[C.gc_pauses] as number));
  assert.ok((counters[C.gc_pause_max_us] as number) >= (first[C.gc_pause_max_us] as number));
});

test('garbage of a thread that only computes is counted once a second is over', (context) => {
  const counters = new Float64Array(threadCounters.names.length);
  let nowMs = 0;
  context.mock.method(process, 'uptime', () => nowMs / 1000);
  const pauses = new GcPauses(counters);
  collect();
  pauses.tick();
  assert.equal(counters[C.gc_pauses], 0, 'the second is not over');
  nowMs = 1001;
  pauses.tick();
  const counted = counters[C.gc_pauses] as number;
  assert.ok(counted >= 1);
  collect();
  nowMs = 2002;
  pauses.tick();
  assert.ok((counters[C.gc_pauses] as number) > counted, 'gathering goes on after a reading');
});

async function threadsCounted(context: TestContext, admin: object): Promise<string[]> {
  const folder = temporaryFolder(context);
  const path = join(folder, 'dns.pcap');
  writeTrace('dns', path, 50);
  const config = {
    source: [{ kind: 'file', paths: [path] }],
    workers: { packet: 1 },
    output: [{ kind: 'blocked', folder }],
    admin,
  };
  const run = await createRun(context, config, [await loadFixture('blocked-output')]);
  await run.supervisor.start();
  run.supervisor.stop();
  run.supervisor.abort();
  await run.supervisor.finished;
  const samples = run.supervisor.counters.snapshot().filter(({ set, name }) => set === 'thread' && name === 'gc_pauses');
  return samples.map(({ labels }) => labels.thread as string).sort();
}

test('every worker has its counters with the admin interface, and none without', async (context) => {
  const threads = await threadsCounted(context, { enabled: true });
  assert.equal(threads.length, 3);
  assert.match(threads.join(' '), /^capture-\S+ output-\S+ packet-0$/);
  assert.deepEqual(await threadsCounted(context, {}), []);
});
