// The counters as Prometheus text. Values are read from shared memory when somebody asks; the packet path knows nothing
// of it.

import type { Registry } from '@prometheus-io/client';
import { accounting, type CounterSample } from '../counters/index.ts';
import type { RingStatus, ThreadStatus } from '../workers/index.ts';

type GaugeClass = typeof import('@prometheus-io/client').Gauge;

/** Everything that the admin pages show. */
export interface AdminState {
  readonly uptimeMs: number;
  readonly counters: readonly CounterSample[];
  readonly threads: readonly ThreadStatus[];
  readonly rings: readonly RingStatus[];
}

export async function prometheusText(state: AdminState): Promise<string> {
  // Only here: a start without the admin interface does not wait for the library.
  const client = await import('@prometheus-io/client');
  const { Counter, Gauge } = client;
  const registry = new client.Registry();
  const registers = [registry];
  for (const samples of Map.groupBy(state.counters, ({ set, name }) => `ringtap_${set}_${name}`)) {
    const [base, list] = samples;
    const { spec } = list[0] as CounterSample;
    const labelNames = [...new Set(list.flatMap(({ labels }) => Object.keys(labels)))];
    if (spec.kind === 'gauge') {
      const gauge = new Gauge({ name: base, help: spec.help, labelNames, registers });
      for (const { labels, value } of list) gauge.set(labels, value);
    } else {
      const counter = new Counter({ name: `${base}_total`, help: spec.help, labelNames, registers });
      for (const { labels, value } of list) counter.inc(labels, value);
    }
  }
  const dropped = new Counter({
    name: 'ringtap_dropped_total',
    help: 'Packets, records and sessions lost or left out, by unit, stage and reason.',
    labelNames: ['unit', 'stage', 'reason'],
    registers,
  });
  for (const unit of ['packets', 'records', 'sessions']) {
    for (const { stage, reason, value } of accounting(state.counters, unit).dropped) dropped.inc({ unit, stage, reason }, value);
  }
  ringGauges(Gauge, state, registers);
  const up = new Gauge({ name: 'ringtap_thread_up', help: '1 while the thread runs.', labelNames: ['thread'], registers });
  for (const { name, state: threadState } of state.threads) up.set({ thread: name }, threadState === 'running' ? 1 : 0);
  const restarts = new Counter({
    name: 'ringtap_thread_restarts_total',
    help: 'Times the thread was started anew after it had died.',
    labelNames: ['thread'],
    registers,
  });
  for (const { name, restarts: times } of state.threads) restarts.inc({ thread: name }, times);
  new Gauge({ name: 'ringtap_uptime_seconds', help: 'Seconds since the start.', registers }).set(state.uptimeMs / 1000);
  return await registry.metrics();
}

function ringGauges(Gauge: GaugeClass, state: AdminState, registers: Registry[]): void {
  const labelNames = ['from', 'to'];
  const used = new Gauge({ name: 'ringtap_ring_used_bytes', help: 'Bytes in use of a ring.', labelNames, registers });
  const high = new Gauge({
    name: 'ringtap_ring_high_water_bytes',
    help: 'Most bytes ever in use of a ring.',
    labelNames,
    registers,
  });
  const size = new Gauge({ name: 'ringtap_ring_capacity_bytes', help: 'Bytes of a ring.', labelNames, registers });
  for (const { from, to, usedBytes, highWaterBytes, capacity } of state.rings) {
    used.set({ from, to }, usedBytes);
    high.set({ from, to }, highWaterBytes);
    size.set({ from, to }, capacity);
  }
}

/** Counters as nested objects, for /stats and stats records: set → labels → name → value. */
export function counterTree(
  samples: readonly CounterSample[],
): Record<string, Record<string, number> | Record<string, Record<string, number>>> {
  const tree: Record<string, Record<string, Record<string, number>>> = {};
  for (const { set, name, labels, value } of samples) {
    const instance = Object.values(labels).join('/') || 'all';
    tree[set] ??= {};
    const ofSet = tree[set] as Record<string, Record<string, number>>;
    ofSet[instance] ??= {};
    (ofSet[instance] as Record<string, number>)[name] = value;
  }
  return tree;
}
