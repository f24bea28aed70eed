// What an output worker counts. One block an output, label `output`.

import { defineCounters } from '../counters/index.ts';

export const outputCounters = defineCounters('output', {
  written_records: { help: 'Records that the output has taken.', account: 'processed' },
  written_bytes: { help: 'Encoded bytes that the output has taken.' },
  batches: { help: 'Batches that the output has taken.' },
  failed_batches: { help: 'Batches that the output refused and that were offered again.' },
  spilled_records: { help: 'Records put into the disk queue.' },
  recovered_records: { help: 'Records that an earlier run had left in the disk queue.', account: 'received' },
  kept_records: { help: 'Records left in the disk queue for the next run.', account: 'processed' },
  dropped_unknown_type_records: {
    help: 'Records in the disk queue of a type that this run does not know.',
    dropped: { stage: 'output', reason: 'unknown_type' },
  },
  replayed_records: { help: 'Records taken from the disk queue and written.' },
  spill_bytes: { help: 'Bytes in the disk queue.', kind: 'gauge' },
  dropped_spill_full_records: {
    help: 'Records lost because the disk queue was full or failed.',
    dropped: { stage: 'output', reason: 'spill_full' },
  },
  dropped_failed_records: {
    help: 'Records lost because the output still refused them when the run ended.',
    dropped: { stage: 'output', reason: 'failed' },
  },
  late_records: { help: 'Records that came after a later one had been written, of an ordered output.' },
});
