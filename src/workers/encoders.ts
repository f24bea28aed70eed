// The encoders of a thread that routes records: packet workers, and the main thread for its stats.

import { hostname } from 'node:os';
import type { Config } from '../config/index.ts';
import type { OutputFormat, RecordEncoder } from '../pipeline/index.ts';
import { ArkimeEncoder, EcsEncoder, type RecordRegistry } from '../record/index.ts';
import { RecordScribe } from '../scribe/index.ts';

/** Name of this sensor in documents. */
export function nodeName(arkime: Config['arkime']): string {
  return arkime.node === '' ? hostname() : arkime.node;
}

/** Encoders of the formats that outputs have; those of Arkime's documents take a quarter of a megabyte each. */
export function encodersOf(
  { arkime, records }: Pick<Config, 'arkime' | 'records'>,
  registry: RecordRegistry,
  outputs: readonly { readonly format: OutputFormat }[],
): Readonly<Partial<Record<OutputFormat, RecordEncoder>>> {
  const ecs = new EcsEncoder(new RecordScribe(), records.without);
  const options = {
    node: nodeName(arkime),
    rotation: arkime.rotate_index,
    packetLengths: arkime.packet_lengths,
    gapPositions: arkime.gap_positions,
  };
  const make = (format: OutputFormat): RecordEncoder =>
    format === 'ecs'
      ? ecs
      : new ArkimeEncoder({ ...options, bulk: format === 'arkime_bulk' }, ecs, registry.session, registry.noted);
  return Object.fromEntries([...new Set(outputs.map(({ format }) => format))].map((format) => [format, make(format)]));
}
