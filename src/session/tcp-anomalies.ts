// What the session room finds odd in TCP.

import { type Anomaly, defineAnomalies } from '../record/index.ts';

export const tcpAnomalies = defineAnomalies('tcp', {
  segment_out_of_window: 'A segment is further from the stream than any window reaches.',
  reset_out_of_window: 'A reset lies outside the window of the side it is meant for; it was not believed.',
  acked_unseen_bytes: 'The receiver acknowledged bytes that were never captured.',
  stream_lost: 'The sequence numbers moved so far at once that the stream was picked up anew.',
});

/** Everything the session room can report. */
export const sessionAnomalies: readonly Anomaly[] = Object.values(tcpAnomalies);
