// Counter samples for the tests of what people read: progress line, summary, metrics.

import { CounterRegistry, type CounterSample, type CounterSet, defineCounters } from '../../src/counters/index.ts';

/** `{ packet: { received_packets: 3 } }` as one block a set, with made-up help. */
export function samplesOf(
  sets: readonly { readonly set: CounterSet; readonly labels?: Readonly<Record<string, string>>; readonly values: object }[],
): CounterSample[] {
  const registry = new CounterRegistry({ expected: [] });
  for (const { set, labels, values } of sets) {
    const block = registry.block(set, labels).values;
    for (const [name, value] of Object.entries(values)) {
      const index = set.index[name];
      if (index === undefined) throw new Error(`${set.set} has no counter ${name}`);
      block[index] = value as number;
    }
  }
  return registry.snapshot();
}

export const captureLike = defineCounters('capture', {
  received_packets: { help: 'Packets received.', account: 'received' },
  received_bytes: { help: 'Bytes received.' },
  dropped_filtered_packets: { help: 'Left out.', dropped: { stage: 'filter', reason: 'bpf' } },
  dropped_ring_full_packets: { help: 'No room.', dropped: { stage: 'ring', reason: 'full' } },
  file_bytes: { help: 'Bytes read of files.' },
  file_total_bytes: { help: 'Bytes of all files.', kind: 'gauge' },
  file_errors: { help: 'Damaged files.' },
  checksum_checked_packets: { help: 'Checked.' },
  checksum_bad_packets: { help: 'Wrong.' },
});

export const workerLike = defineCounters('worker', {
  processed_packets: { help: 'Packets processed.', account: 'processed' },
});

export const sessionLike = defineCounters('session', {
  active_sessions: { help: 'Open.', kind: 'gauge' },
  opened_tcp_sessions: { help: 'TCP.' },
  opened_udp_sessions: { help: 'UDP.' },
});

export const recordLike = defineCounters('record', {
  session_records: { help: 'Records.' },
  dns_records: { help: 'Records.' },
  anomaly_records: { help: 'Records.' },
  dns_sessions: { help: 'Sessions with DNS.' },
  anomaly_tcp_gap: { help: 'Gaps.' },
});

export const linkLike = defineCounters('output_link', {
  dropped_full_records: { help: 'No room.', dropped: { stage: 'output', reason: 'full' } },
});
