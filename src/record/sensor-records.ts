// Records that do not come from a decoder: anomalies on the wire and the sensor's own statistics.

import { type Anomaly, defineRecordType } from './contract.ts';

/** First anomaly of its name in a session; later ones are only counted. */
export const anomalyRecordType = defineRecordType<Anomaly>({
  name: 'anomaly',
  meaning: 'Something on the wire that is not as it should be; the first of its name in a session.',
  fields: [
    {
      name: 'anomaly.name',
      type: 'keyword',
      meaning: 'Which one, from a closed list (`ringtap fields` prints it).',
      value: (a) => a.name,
    },
    { name: 'event.reason', type: 'keyword', meaning: 'The anomaly in words.', value: (a) => a.meaning },
  ],
});

export interface StatsSnapshot {
  readonly uptimeMs: number;
  /** Counters since the start, grouped by set, then by labels. */
  readonly counters: object;
}

/** Written every `[admin] stats_secs` by the main thread. */
export const statsRecordType = defineRecordType<StatsSnapshot>({
  name: 'stats',
  meaning: "The sensor's own counters since its start.",
  fields: [
    { name: 'stats.uptime_ms', type: 'long', meaning: 'Milliseconds since the start.', value: (s) => s.uptimeMs },
    { name: 'stats.counters', type: 'object', meaning: 'All counters, by set and labels.', value: (s) => s.counters },
  ],
});
