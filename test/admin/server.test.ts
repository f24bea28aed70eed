// The admin interface over real HTTP on the loopback address.

import assert from 'node:assert/strict';
import { createServer } from 'node:net';
import { type TestContext, test } from 'node:test';
import { type AdminState, counterTree, startAdmin } from '../../src/admin/index.ts';
import { captureLike, linkLike, samplesOf, sessionLike, workerLike } from '../cli/kit.ts';
import { type Metric, parsePrometheusText } from './prometheus-text.ts';

const counters = samplesOf([
  { set: captureLike, labels: { source: 'a "b"\\\n' }, values: { received_packets: 2 ** 53 - 1, received_bytes: 5 } },
  { set: captureLike, labels: { source: 'c' }, values: { dropped_ring_full_packets: 4, file_total_bytes: 9 } },
  { set: workerLike, labels: { worker: '0' }, values: { processed_packets: 7 } },
  { set: sessionLike, labels: { worker: '0' }, values: { active_sessions: 3 } },
  { set: linkLike, labels: { output: 'o', worker: '0' }, values: { dropped_full_records: 2 } },
  { set: linkLike, labels: { output: 'o', worker: '1' }, values: { dropped_full_records: 3 } },
]);
const ring = { from: 'capture-a', to: 'packet-0', usedBytes: 10, highWaterBytes: 20, capacity: 4096 };
const healthy: AdminState = {
  uptimeMs: 1500,
  counters,
  threads: [
    { name: 'packet-0', state: 'running', restarts: 1 },
    { name: 'capture-a', state: 'done', restarts: 0 },
  ],
  rings: [ring as AdminState['rings'][number]],
};

async function serve(context: TestContext, state: () => AdminState = () => healthy): Promise<string> {
  const server = await startAdmin({ address: '127.0.0.1', port: 0, state });
  context.after(() => server.close());
  return server.url;
}

async function metricsOf(url: string): Promise<Map<string, Metric>> {
  const response = await fetch(`${url}/metrics`);
  assert.equal(response.status, 200);
  assert.equal(response.headers.get('content-type'), 'text/plain; version=0.0.4; charset=utf-8');
  return parsePrometheusText(await response.text());
}

test('/healthz is 200 while threads run or have finished, 503 while one starts or has failed', async (context) => {
  let state = healthy;
  const url = await serve(context, () => state);
  const good = await fetch(`${url}/healthz`);
  assert.equal(good.status, 200);
  assert.deepEqual(await good.json(), { status: 'ok', threads: healthy.threads });
  for (const bad of ['starting', 'failed'] as const) {
    state = { ...healthy, threads: [...healthy.threads, { name: 'output-x', state: bad, restarts: 3 }] };
    const response = await fetch(`${url}/healthz`);
    assert.equal(response.status, 503);
    assert.equal(((await response.json()) as { status: string }).status, 'degraded');
  }
});

test('/metrics is valid text: counters end with _total, gauges do not, labels are escaped', async (context) => {
  const metrics = await metricsOf(await serve(context));
  assert.deepEqual(metrics.get('ringtap_capture_received_packets_total'), {
    help: 'Packets received.',
    type: 'counter',
    samples: [
      { labels: { source: 'a "b"\\\n' }, value: 2 ** 53 - 1 },
      { labels: { source: 'c' }, value: 0 },
    ],
  });
  assert.equal(metrics.get('ringtap_capture_file_total_bytes')?.type, 'gauge');
  assert.equal(metrics.get('ringtap_session_active_sessions')?.type, 'gauge');
  for (const [name, { type }] of metrics) assert.equal(name.endsWith('_total'), type === 'counter', name);
  for (const name of metrics.keys()) assert.match(name, /^ringtap_[a-z0-9_]+$/);
});

test('/metrics sums drops by unit, stage and reason, and tells rings, threads and time', async (context) => {
  const metrics = await metricsOf(await serve(context));
  const drops = metrics.get('ringtap_dropped_total')?.samples ?? [];
  assert.deepEqual(
    drops.filter(({ value }) => value > 0),
    [
      { labels: { unit: 'packets', stage: 'ring', reason: 'full' }, value: 4 },
      { labels: { unit: 'records', stage: 'output', reason: 'full' }, value: 5 },
    ],
  );
  const labels = { from: 'capture-a', to: 'packet-0' };
  assert.deepEqual(metrics.get('ringtap_ring_used_bytes')?.samples, [{ labels, value: 10 }]);
  assert.deepEqual(metrics.get('ringtap_ring_high_water_bytes')?.samples, [{ labels, value: 20 }]);
  assert.deepEqual(metrics.get('ringtap_ring_capacity_bytes')?.samples, [{ labels, value: 4096 }]);
  assert.deepEqual(metrics.get('ringtap_thread_up')?.samples, [
    { labels: { thread: 'packet-0' }, value: 1 },
    { labels: { thread: 'capture-a' }, value: 0 },
  ]);
  assert.deepEqual(metrics.get('ringtap_thread_restarts_total')?.samples, [
    { labels: { thread: 'packet-0' }, value: 1 },
    { labels: { thread: 'capture-a' }, value: 0 },
  ]);
  assert.deepEqual(metrics.get('ringtap_uptime_seconds')?.samples, [{ labels: {}, value: 1.5 }]);
});

test('/metrics is read anew with every request', async (context) => {
  let value = 1;
  const url = await serve(context, () => ({
    ...healthy,
    counters: samplesOf([{ set: workerLike, labels: { worker: '0' }, values: { processed_packets: value } }]),
  }));
  const read = async (): Promise<number | undefined> =>
    (await metricsOf(url)).get('ringtap_worker_processed_packets_total')?.samples[0]?.value;
  assert.equal(await read(), 1);
  value = 5;
  assert.equal(await read(), 5);
});

test('/stats is JSON with accounting, threads, rings and counters', async (context) => {
  const response = await fetch(`${await serve(context)}/stats`);
  assert.match(response.headers.get('content-type') ?? '', /^application\/json/);
  const stats = (await response.json()) as Record<string, unknown> & { packets: { received: number; dropped: unknown[] } };
  assert.deepEqual(Object.keys(stats), ['uptime_ms', 'packets', 'records', 'threads', 'rings', 'counters']);
  assert.equal(stats.packets.received, 2 ** 53 - 1);
  assert.deepEqual(stats.rings, [ring]);
  assert.deepEqual(stats.counters, counterTree(counters));
});

test('counters as a tree: set, then instance, then name', () => {
  const tree = counterTree(
    samplesOf([
      { set: workerLike, values: { processed_packets: 1 } },
      { set: linkLike, labels: { output: 'o', worker: '1' }, values: { dropped_full_records: 2 } },
    ]),
  );
  assert.deepEqual(tree, { worker: { all: { processed_packets: 1 } }, output_link: { 'o/1': { dropped_full_records: 2 } } });
});

test('what does not exist is 404, other methods are refused', async (context) => {
  const url = await serve(context);
  assert.equal((await fetch(`${url}/`)).status, 404);
  assert.equal((await fetch(`${url}/metrics/x`)).status, 404);
  assert.equal((await fetch(`${url}/stats`, { method: 'POST', body: '{}' })).status, 404);
  assert.equal((await fetch(`${url}/healthz`, { method: 'HEAD' })).status, 200);
});

test('an address that is taken is an error that names the keys', async (context) => {
  const holder = createServer().listen(0, '127.0.0.1');
  context.after(() => holder.close());
  await new Promise((resolve) => holder.once('listening', resolve));
  const { port } = holder.address() as { port: number };
  await assert.rejects(startAdmin({ address: '127.0.0.1', port, state: () => healthy }), {
    code: 'RT_ADMIN',
    hint: /admin\.address or admin\.port/,
  });
});

test('closing does not wait for connections that are kept alive', async () => {
  const server = await startAdmin({ address: '127.0.0.1', port: 0, state: () => healthy });
  await (await fetch(`${server.url}/healthz`)).text();
  await server.close();
  await assert.rejects(fetch(`${server.url}/healthz`));
});
