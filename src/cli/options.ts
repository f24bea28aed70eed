// Options of a run as the command line gives them, and how they are laid over the config file.

import { readFileSync } from 'node:fs';
import type { Config } from '../config/index.ts';
import { loadConfig } from '../config/index.ts';
import { decoderDefinitions } from '../decoders/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { RecordRegistry } from '../record/index.ts';
import { tcpAnomalies } from '../session/index.ts';
import { findPlugin, type LoadedPlugin, shippedPlugins } from './plugin-loader.ts';

export interface RunOptions {
  readonly read: readonly string[];
  readonly interface: readonly string[];
  readonly config?: string;
  readonly set: readonly string[];
  readonly filter?: string;
  readonly filterFile?: string;
  readonly logDir?: string;
  readonly checksums?: 'none' | 'auto' | 'all';
  readonly workers?: string;
  readonly ordered?: true;
  readonly failOnDrop?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly records: RecordRegistry;
  /** Output plugins by kind. */
  readonly plugins: ReadonlyMap<string, LoadedPlugin>;
}

/** The one filter that the command line gives: -f, -F, or the words at its end. */
function filterOf(words: readonly string[], options: RunOptions): string | undefined {
  const given = [options.filter, options.filterFile, words.length > 0 ? words.join(' ') : undefined].filter(
    (each) => each !== undefined,
  );
  if (given.length > 1) throw new SensorError(errorCodes.usage, 'give one filter: -f, -F, or words at the end of the line');
  if (options.filterFile === undefined) return given[0];
  try {
    // As in tcpdump, comments go from # to the end of the line.
    return readFileSync(options.filterFile, 'utf8').replace(/#.*$/gm, ' ').replace(/\s+/g, ' ').trim();
  } catch (cause) {
    throw new SensorError(errorCodes.usage, `-F ${options.filterFile}: ${(cause as Error).message}`, { cause });
  }
}

function workersOf(text: string): number {
  const count = Number(text);
  if (!Number.isInteger(count) || count < 0) throw new SensorError(errorCodes.usage, `-n ${text}: expected a number of workers`);
  return count;
}

type Table = Record<string, unknown>;

function tablesOf(value: unknown): Table[] {
  return Array.isArray(value) ? (value as Table[]) : [];
}

/** Lays the options over the raw config file. */
function overlay(words: readonly string[], options: RunOptions): (raw: Table) => void {
  const filter = filterOf(words, options);
  return (raw) => {
    if (options.read.length > 0 || options.interface.length > 0) {
      const files = options.read.length > 0 ? [{ kind: 'file', paths: [...options.read] }] : [];
      raw.source = [...files, ...options.interface.map((name) => ({ kind: 'af_packet', interface: name }))];
    }
    for (const source of tablesOf(raw.source)) {
      if (filter !== undefined) source.filter = filter;
      if (options.checksums !== undefined) source.checksums = options.checksums;
    }
    if (options.workers !== undefined) raw.workers = { ...(raw.workers as Table), packet: workersOf(options.workers) };
    if (tablesOf(raw.output).length === 0) {
      raw.output = [options.logDir === undefined ? { kind: 'stdout' } : { kind: 'file', path: 'ringtap.ndjson', append: false }];
    }
    if (options.ordered) for (const output of tablesOf(raw.output)) output.ordered = true;
    if (options.quiet || options.verbose) raw.log = { ...(raw.log as Table), level: options.quiet ? 'warn' : 'debug' };
  };
}

/** The effective configuration of a command line. Throws with every problem found. */
export async function loadRun(words: readonly string[], options: RunOptions): Promise<LoadedConfig> {
  const records = new RecordRegistry(decoderDefinitions, Object.values(tcpAnomalies));
  const shipped = await shippedPlugins();
  const plugins = new Map<string, LoadedPlugin>();
  const config = await loadConfig({
    file: options.config,
    settings: options.set,
    overlay: overlay(words, options),
    decoders: decoderDefinitions,
    outputs: async (kind) => {
      const loaded = await findPlugin(kind, shipped);
      if (loaded !== undefined) plugins.set(kind, loaded);
      return loaded?.plugin;
    },
    outputKinds: shipped.map(({ plugin }) => plugin.name),
    recordTypes: records.types.map((type) => type.name),
  });
  return { config, records, plugins };
}
