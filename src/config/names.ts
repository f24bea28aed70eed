// What sources and outputs are called in logs and metrics, and by what the counters of one are told from another's.

import type { SourceConfig } from './schema.ts';

/** Name of an output: its own, or its kind. */
export function outputName(common: { readonly name: string; readonly kind: string }): string {
  return common.name === '' ? common.kind : common.name;
}

/** Name of a source in logs and metrics. */
export function sourceName(source: SourceConfig): string {
  if (source.name !== '') return source.name;
  if (source.kind === 'af_packet' || source.kind === 'cap') return source.interface;
  if (source.kind === 'folder') return source.directory;
  return source.paths[0] === '-' ? 'stdin' : (source.paths[0] as string);
}
