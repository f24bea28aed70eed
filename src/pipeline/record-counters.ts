// Counts of what packet workers put out: records by type, sessions by recognised protocol, anomalies by name. The
// names hang on the record types of the run, so the set is made from the registry. One block a packet worker.

import { type CounterSet, type CounterSpec, defineRunCounters } from '../counters/index.ts';
import type { RecordRegistry } from '../record/index.ts';

const counterName = (name: string): string => name.replace(/[^a-z0-9]+/gi, '_');

export interface RecordCounters {
  readonly set: CounterSet;
  /** Index of the counter of a record type, by its number. */
  readonly ofType: readonly number[];
  /** Index by anomaly name. */
  readonly ofAnomaly: ReadonlyMap<string, number>;
  /** Index by decoder name. */
  readonly ofProtocol: ReadonlyMap<string, number>;
}

export function recordCounters(registry: RecordRegistry): RecordCounters {
  const specs: Record<string, CounterSpec> = {};
  for (const type of registry.types) specs[`${counterName(type.name)}_records`] = { help: `Records of type ${type.name}.` };
  for (const name of registry.protocols)
    specs[`${counterName(name)}_sessions`] = { help: `Ended sessions recognised as ${name}.` };
  for (const anomaly of registry.anomalies) {
    specs[`anomaly_${counterName(anomaly.name)}`] = { help: `Sessions with the anomaly ${anomaly.name}: ${anomaly.meaning}` };
  }
  const set = defineRunCounters('record', specs);
  const indexOf = (name: string): number => set.index[name] as number;
  return {
    set,
    ofType: registry.types.map((type) => indexOf(`${counterName(type.name)}_records`)),
    ofAnomaly: new Map(registry.anomalies.map((anomaly) => [anomaly.name, indexOf(`anomaly_${counterName(anomaly.name)}`)])),
    ofProtocol: new Map(registry.protocols.map((name) => [name, indexOf(`${counterName(name)}_sessions`)])),
  };
}
