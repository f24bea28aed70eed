// A checked config back as TOML, complete: what `ringtap check` prints. It loads again, and to the same config.

import { stringify } from 'smol-toml';
import type { Config } from './schema.ts';

/** The tables of config.toml, with every key. */
export function configTables(config: Config): Record<string, unknown> {
  const { sources, outputs, decoders, signatures, ...tables } = config;
  return {
    source: sources,
    workers: tables.workers,
    fragments: tables.fragments,
    session: tables.session,
    names: tables.names,
    ...(signatures.length > 0 ? { signature: signatures } : {}),
    rules: tables.rules,
    decoder: Object.fromEntries(
      Object.entries(decoders).map(([name, { enabled, ports, options }]) => [name, { enabled, ports, ...options }]),
    ),
    output: outputs.map(({ common, own }) => ({ ...common, ...own })),
    records: tables.records,
    arkime: tables.arkime,
    admin: tables.admin,
    log: tables.log,
  };
}

export function configText(config: Config): string {
  const tables = configTables(config);
  // `source = []` would stand in the way of a [[source]] that somebody adds.
  for (const name of ['source', 'output']) if ((tables[name] as unknown[]).length === 0) delete tables[name];
  return `${stringify(tables).trim()}\n`;
}

/** Paths of all keys in which two configs differ: `workers.packet`, `output.0.path`; a table in one only is one path. */
export function changedKeys(before: Config, after: Config): string[] {
  const changed: string[] = [];
  compare(configTables(before), configTables(after), '', changed);
  return changed;
}

function compare(before: unknown, after: unknown, path: string, changed: string[]): void {
  if (!isTable(before) || !isTable(after)) {
    if (JSON.stringify(before) !== JSON.stringify(after)) changed.push(path);
    return;
  }
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)]))
    compare(before[key], after[key], path === '' ? key : `${path}.${key}`, changed);
}

/** Tables and arrays of tables; arrays of plain values are compared whole. */
function isTable(value: unknown): value is Record<string, unknown> {
  if (Array.isArray(value)) return value.every((element) => typeof element === 'object');
  return typeof value === 'object' && value !== null;
}
