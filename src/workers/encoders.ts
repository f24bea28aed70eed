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

/** The encoders of the formats that `outputs` have: one of Arkime's documents knows a path for each of many hundred fields. */
export function encodersOf(
  arkime: Config['arkime'],
  registry: RecordRegistry,
  outputs: readonly { readonly format: OutputFormat }[],
): Readonly<Partial<Record<OutputFormat, RecordEncoder>>> {
  const ecs = new EcsEncoder(new RecordScribe());
  const options = {
    node: nodeName(arkime),
    rotation: arkime.rotate_index,
    packetLengths: arkime.packet_lengths,
    gapPositions: arkime.gap_positions,
  };
  const make = (bulk: boolean): ArkimeEncoder => new ArkimeEncoder({ ...options, bulk }, ecs, registry.session, registry.noted);
  const has = (format: OutputFormat): boolean => outputs.some((output) => output.format === format);
  return {
    ecs,
    ...(has('arkime') ? { arkime: make(false) } : {}),
    ...(has('arkime_bulk') ? { arkime_bulk: make(true) } : {}),
  };
}
