// The counters of a capture worker. The capture crate writes them as whole f64 words at fixed indexes, so names and order come
// from the shared layout table; here they get what the accounting needs to know of them.

import { captureCounters } from '../ring/index.ts';
import { type CounterSet, type CounterSpec, defineCounters } from './counter-set.ts';

/** Names of the counters that the capture crate writes. */
export type CaptureCounter = (typeof captureCounters)[number][0];

type DroppedCounter = Extract<CaptureCounter, `dropped_${string}`>;

const drops: Readonly<Record<DroppedCounter, { readonly stage: string; readonly reason: string }>> = {
  dropped_kernel_packets: { stage: 'kernel', reason: 'ring_full' },
  dropped_ring_full_packets: { stage: 'ring', reason: 'full' },
  dropped_filtered_packets: { stage: 'filter', reason: 'bpf' },
  dropped_truncated_packets: { stage: 'dissect', reason: 'truncated' },
  dropped_malformed_packets: { stage: 'dissect', reason: 'malformed' },
  dropped_unsupported_packets: { stage: 'dissect', reason: 'unsupported' },
  dropped_checksum_packets: { stage: 'dissect', reason: 'checksum' },
  dropped_too_large_packets: { stage: 'ring', reason: 'too_large' },
};

const gauges: ReadonlySet<CaptureCounter> = new Set<CaptureCounter>([
  'file_total_bytes',
  'clock_us',
  'fragments_waiting_datagrams',
]);

function specOf(name: CaptureCounter, help: string): CounterSpec {
  if (name === 'received_packets') return { help, account: 'received' };
  if (name in drops) return { help, dropped: drops[name as DroppedCounter] };
  return gauges.has(name) ? { help, kind: 'gauge' } : { help };
}

/** One block a source, label `source`. */
export const captureCounterSet: CounterSet<CaptureCounter> = defineCounters(
  'capture',
  Object.fromEntries(captureCounters.map(([name, help]) => [name, specOf(name, help)])) as Record<CaptureCounter, CounterSpec>,
);
