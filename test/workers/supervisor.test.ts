// The accounting to the packet, and one test for each way in which a thread can die or an output can stand still.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { writeTrace } from '../../tools/traces/index.ts';
import { recordsOf, temporaryFolder } from '../e2e/sensor.ts';
import { createRun, loadFixture } from './run.ts';

const source = (path: string) => [{ kind: 'file', paths: [path], checksums: 'none' }];
const opened = (folder: string) => writeFileSync(join(folder, 'open'), '');
const written = (folder: string) => recordsOf(readFileSync(join(folder, 'records.ndjson'), 'utf8'));

test('a run accounts for every packet and record', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  const truth = writeTrace('small', path, 400);
  opened(folder);
  const run = await createRun(context, { source: source(path), workers: { packet: 2 }, output: [{ kind: 'blocked', folder }] }, [
    await loadFixture('blocked-output'),
  ]);
  await run.supervisor.start();
  await run.supervisor.finished;
  const packets = run.packets();
  assert.deepEqual(
    [packets.received, packets.processed, packets.droppedTotal, packets.balanced],
    [truth.packets, truth.packets, 0, true],
  );
  assert.equal(written(folder).length, 400);
  assert.equal(run.total('output_ring', 'records'), 400);
  assert.equal(run.records().balanced, true);
  assert.equal(run.total('output', 'written_records'), 400);
  assert.deepEqual(
    run.supervisor.status().map(({ state }) => state),
    ['done', 'done', 'done', 'done'],
  );
});

test('a packet worker killed in mid-run is replaced, and the packets still add up', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  const truth = writeTrace('small', path, 4000);
  const run = await createRun(
    context,
    {
      source: source(path),
      workers: { packet: 2, ring_bytes: 1 << 20 },
      output: [{ kind: 'blocked', folder, ring_bytes: 1 << 18 }],
    },
    [await loadFixture('blocked-output')],
  );
  await run.supervisor.start();
  // The output takes nothing yet, so the workers are stopped somewhere in the middle of the trace.
  await run.until(() => run.total('output_ring', 'waits') >= 2);
  const victim = run.supervisor.threads().find(({ name }) => name === 'packet-0');
  await victim?.terminate();
  await run.until(() => victim?.restarts === 1);
  opened(folder);
  await run.supervisor.finished;
  const packets = run.packets();
  assert.equal(packets.received, truth.packets);
  assert.equal(packets.balanced, true, JSON.stringify(packets));
  assert.deepEqual(
    packets.dropped.filter(({ value }) => value > 0),
    [{ stage: 'worker', reason: 'died', value: 1 }],
  );
  assert.equal(run.total('supervisor', 'workers_died'), 1);
  assert.ok(run.total('supervisor', 'lost_sessions') > 0);
  assert.ok(run.log.some((line) => /packet-0 died with \d+ open sessions/.test(line)));
});

test('an output that stands still holds a file back, and nothing is lost', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  const truth = writeTrace('small', path, 3000);
  const run = await createRun(
    context,
    {
      source: source(path),
      workers: { packet: 1, ring_bytes: 1 << 20 },
      output: [{ kind: 'blocked', folder, ring_bytes: 1 << 18 }],
    },
    [await loadFixture('blocked-output')],
  );
  await run.supervisor.start();
  await run.until(() => run.total('output_ring', 'waits') > 0);
  assert.ok(run.packets().inFlight > 0);
  opened(folder);
  await run.supervisor.finished;
  assert.deepEqual([run.packets().processed, run.packets().droppedTotal], [truth.packets, 0]);
  assert.equal(written(folder).length, 3000);
});

test('policy drop loses records and counts each one', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, 3000);
  const run = await createRun(
    context,
    { source: source(path), workers: { packet: 2 }, output: [{ kind: 'blocked', folder, ring_bytes: 1 << 18, policy: 'drop' }] },
    [await loadFixture('blocked-output')],
  );
  await run.supervisor.start();
  await run.until(() => run.packets().inFlight === 0 && run.total('output_ring', 'dropped_full_records') > 0);
  opened(folder);
  await run.supervisor.finished;
  const lost = run.total('output_ring', 'dropped_full_records');
  assert.ok(lost > 0);
  assert.equal(written(folder).length + lost, 3000);
  assert.equal(run.records().balanced, true);
});

test('policy spill keeps records on disk while the output refuses, in order and across runs', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, 3000);
  const raw = {
    source: source(path),
    workers: { packet: 1, stop_timeout_secs: 1 },
    output: [{ kind: 'refusing', folder, ring_bytes: 1 << 18, policy: 'spill', spill_directory: 'queue', retry_max_secs: 0.2 }],
  };
  const first = await createRun(context, raw, [await loadFixture('refusing-output')], folder);
  await first.supervisor.start();
  await first.supervisor.finished;
  assert.equal(first.total('output', 'spilled_records'), 3000);
  assert.equal(first.total('output', 'written_records'), 0);
  assert.equal(existsSync(join(folder, 'records.ndjson')), false);
  assert.equal(first.records().balanced, true);
  assert.ok(first.log.some((line) => /3000 records stay in the disk queue/.test(line)));
  const empty = join(folder, 'empty.pcap');
  writeTrace('small', empty, 1);
  opened(folder);
  const second = await createRun(context, { ...raw, source: source(empty) }, [await loadFixture('refusing-output')], folder);
  await second.supervisor.start();
  await second.supervisor.finished;
  assert.equal(second.total('output', 'replayed_records'), 3000);
  assert.equal(second.total('output', 'written_records'), 3001);
  assert.equal(second.total('output', 'recovered_records'), 3000);
  assert.equal(second.records().balanced, true);
  const records = written(folder);
  assert.equal(records.length, 3001);
  assert.equal(new Set(records.slice(0, 3000).map((record) => record.session.id)).size, 3000);
});

test('an output that dies is started again with its unsent batch', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, 1000);
  const run = await createRun(context, { source: source(path), workers: { packet: 1 }, output: [{ kind: 'blocked', folder }] }, [
    await loadFixture('blocked-output'),
  ]);
  await run.supervisor.start();
  await run.until(() => run.total('output_ring', 'records') > 0);
  const victim = run.supervisor.threads().find(({ name }) => name === 'output-blocked');
  await victim?.terminate();
  await run.until(() => victim?.restarts === 1);
  opened(folder);
  await run.supervisor.finished;
  assert.equal(new Set(written(folder).map((record) => record.session.id)).size, 1000);
});

test('abort counts what is left in the rings', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'small.pcap');
  writeTrace('small', path, 4000);
  const run = await createRun(
    context,
    {
      source: source(path),
      workers: { packet: 1, ring_bytes: 1 << 20 },
      output: [{ kind: 'refusing', folder, ring_bytes: 1 << 18 }],
    },
    [await loadFixture('refusing-output')],
  );
  await run.supervisor.start();
  await run.until(() => run.total('output_ring', 'waits') > 0);
  run.supervisor.abort();
  await run.supervisor.finished;
  const packets = run.packets();
  assert.equal(packets.balanced, true, JSON.stringify(packets));
  assert.ok(packets.dropped.some(({ stage, reason, value }) => stage === 'worker' && reason === 'stopped' && value > 0));
  const made = run.total('output_ring', 'records');
  assert.equal(run.total('output', 'dropped_failed_records') + run.total('output', 'written_records'), made);
  assert.equal(run.records().balanced, true);
});

test('a thread that cannot start ends the run with its error', async (context) => {
  const folder = temporaryFolder(context);
  const run = await createRun(context, { source: source(join(folder, 'missing.pcap')), output: [{ kind: 'blocked', folder }] }, [
    await loadFixture('blocked-output'),
  ]);
  await assert.rejects(run.supervisor.start(), { code: 'RT_SOURCE_OPEN' });
  await assert.rejects(run.supervisor.finished, { code: 'RT_SOURCE_OPEN' });
});
