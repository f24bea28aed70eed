// Options of a run as the command line gives them, and how they are laid over the config file.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import { getSystemErrorMessage } from 'node:util';
import { checkFilter } from '../capture/index.ts';
import { type Config, loadConfig, type Origins } from '../config/index.ts';
import { decoderDefinitions, withConfiguredFields } from '../decoders/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { FieldNames, RecordRegistry } from '../record/index.ts';
import type { RuleDefinition } from '../rules/index.ts';
import { tcpAnomalies } from '../session/index.ts';
import type { LoadedPlugin } from '../workers/index.ts';
import { findPlugin, shippedKinds } from './plugin-loader.ts';
import { loadRules } from './rules-loader.ts';

export interface RunOptions {
  readonly read?: readonly string[];
  readonly readDirectory?: readonly string[];
  readonly recursive?: true;
  readonly monitor?: true;
  readonly skip?: true;
  readonly delete?: true;
  readonly interface?: readonly string[];
  readonly config?: string;
  readonly set?: readonly string[];
  readonly filter?: string;
  readonly filterFile?: string;
  readonly logDir?: string;
  readonly write?: string;
  readonly rotateMegabytes?: string;
  readonly rotateSecs?: string;
  readonly keepFiles?: string;
  readonly checksums?: 'none' | 'auto' | 'all';
  readonly workers?: string;
  readonly ordered?: true;
  readonly tag?: readonly string[];
  readonly node?: string;
  readonly dryRun?: true;
  readonly decoders?: string;
  readonly failOnDrop?: true;
  readonly quiet?: true;
  readonly verbose?: true;
}

export interface LoadedConfig {
  readonly config: Config;
  readonly records: RecordRegistry;
  readonly rules: readonly RuleDefinition[];
  /** Output plugins by kind. */
  readonly plugins: ReadonlyMap<string, LoadedPlugin>;
}

interface GivenFilter {
  readonly expression: string;
  /** As the command line gave it, for errors. */
  readonly option: string;
}

/** The one filter that the command line gives: -f, -F, or the words at its end. */
function filterOf(words: readonly string[], { filter, filterFile }: RunOptions): GivenFilter | undefined {
  const given: GivenFilter[] = [];
  if (filter !== undefined) given.push({ expression: filter, option: '-f' });
  if (filterFile !== undefined) given.push({ expression: filterText(filterFile), option: `-F ${filterFile}` });
  if (words.length > 0) given.push({ expression: words.join(' '), option: 'command line' });
  if (given.length > 1) throw new SensorError(errorCodes.usage, 'give one filter: -f, -F, or words at the end of the line');
  return given[0];
}

/** As in tcpdump, comments go from # to the end of the line. */
function filterText(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/#.*$/gm, ' ').replace(/\s+/g, ' ').trim();
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    throw new SensorError(errorCodes.usage, `-F ${file}: ${errno === undefined ? message : getSystemErrorMessage(errno)}`, {
      cause,
    });
  }
}

function workersOf(text: string): number {
  if (!/^\d+$/.test(text)) throw new SensorError(errorCodes.usage, `-n ${text}: expected a number of workers; 0: one a CPU`);
  return Number(text);
}

/** Names of decoders with commas between them; '' or `none` for none. */
function decodersOf(list: string): readonly string[] {
  const names = list === 'none' ? [] : list.split(',').filter((name) => name !== '');
  const known = decoderDefinitions.map(({ name }) => name);
  const unknown = names.filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw new SensorError(errorCodes.usage, `--decoders: there is no decoder ${unknown.join(', ')}`, {
      hint: 'ringtap decoders lists them',
    });
  return names;
}

type Table = Record<string, unknown>;

/** A number of the command line, for `option`. */
function numberOf(option: string, text: string, what: string): number {
  if (/^\d+(\.\d+)?$/.test(text)) return Number(text);
  throw new SensorError(errorCodes.usage, `${option} ${text}: expected ${what}`);
}

/** The output that -w stands for; undefined without. */
function packetOutput({ write, rotateMegabytes, rotateSecs, keepFiles }: RunOptions): Table | undefined {
  const others = [
    ['-C', rotateMegabytes],
    ['-G', rotateSecs],
    ['-W', keepFiles],
  ].find(([, value]) => value !== undefined);
  if (write === undefined) {
    if (others !== undefined) throw new SensorError(errorCodes.usage, `${others[0]} is for the file of -w, which is not given`);
    return undefined;
  }
  if (write === '-' && isatty(1))
    throw new SensorError(errorCodes.usage, '-w -: a capture file is nothing for a terminal', {
      hint: 'pipe it into another program, or give -w FILE',
    });
  return {
    kind: 'pcap',
    name: 'write',
    path: write === '-' ? '-' : resolve(write),
    file_format: write.endsWith('.pcapng') ? 'pcapng' : 'pcap',
    ...(rotateMegabytes === undefined
      ? {}
      : { rotate_bytes: Math.round(numberOf('-C', rotateMegabytes, 'millions of bytes') * 1e6) }),
    ...(rotateSecs === undefined ? {} : { rotate_secs: Math.round(numberOf('-G', rotateSecs, 'seconds')) }),
    ...(keepFiles === undefined ? {} : { keep_files: numberOf('-W', keepFiles, 'a number of files') }),
  };
}

function tablesOf(value: unknown): Table[] {
  return Array.isArray(value) ? value.filter((table) => typeof table === 'object' && table !== null) : [];
}

/** `[workers]` and the like with one key changed; what is no table stays, for the checker to say so. */
function withKey(table: unknown, key: string, value: unknown): unknown {
  return withKeys(table, { [key]: value });
}

function withKeys(table: unknown, added: Table): unknown {
  if (table === undefined) return added;
  return typeof table === 'object' && table !== null && !Array.isArray(table) ? { ...table, ...added } : table;
}

/** AF_PACKET is Linux's. */
const interfaceKind = process.platform === 'linux' ? 'af_packet' : 'cap';

/** Sources of the command line, and outputs where the file has none; --set can refine both. */
function base(options: RunOptions): (raw: Table, origins: Origins) => void {
  const { read = [], readDirectory = [], interface: interfaces = [], set = [], logDir } = options;
  const { recursive = false, monitor = false, skip = false, delete: deletes = false } = options;
  if (readDirectory.length === 0 && (monitor || skip || deletes))
    throw new SensorError(errorCodes.usage, '--monitor, --skip and --delete say how the folder of -R is read; there is none');
  return (raw, origins) => {
    const given = [
      ...(read.length > 0 ? ['-r'] : []),
      ...(readDirectory.length > 0 ? ['-R'] : []),
      ...(interfaces.length > 0 ? ['-i'] : []),
    ];
    if (given.length > 0) {
      raw.source = [
        ...(read.length > 0 ? [{ kind: 'file', paths: [...read], recursive }] : []),
        ...readDirectory.map((directory) => ({ kind: 'folder', directory, recursive, monitor, skip, delete: deletes })),
        ...interfaces.map((name) => ({ kind: interfaceKind, interface: name })),
      ];
      origins.set('source', given.join(', '));
    }
    if (raw.output === undefined || (Array.isArray(raw.output) && raw.output.length === 0)) {
      const chosen = set.some((setting) => /^\s*output\s*(\.\s*0\s*\.\s*kind\s*)?=/.test(setting));
      // Standard output is one thing only.
      const isTaken = options.write === '-' && logDir === undefined && !chosen;
      raw.output = isTaken ? [] : [chosen ? {} : logDir === undefined ? { kind: 'stdout' } : { kind: 'file', append: false }];
    }
  };
}

/** The options that say one thing of all sources or outputs. */
function overlay(words: readonly string[], options: RunOptions): (raw: Table, origins: Origins) => void {
  const { checksums, workers, ordered, tag = [], node, quiet, verbose } = options;
  const filter = filterOf(words, options);
  const packets = packetOutput(options);
  const chosen = options.decoders === undefined ? undefined : decodersOf(options.decoders);
  return (raw, origins) => {
    if (chosen !== undefined) {
      const tables = (raw.decoder ?? {}) as Table;
      const all = decoderDefinitions.map(({ name }) => [name, withKey(tables[name], 'enabled', chosen.includes(name))]);
      raw.decoder = withKeys(raw.decoder, Object.fromEntries(all));
      for (const { name } of decoderDefinitions) origins.set(`decoder.${name}.enabled`, '--decoders');
    }
    for (const [index, source] of tablesOf(raw.source).entries()) {
      if (filter !== undefined) {
        source.filter = filter.expression;
        origins.set(`source.${index}.filter`, filter.option);
      }
      if (checksums !== undefined) source.checksums = checksums;
    }
    if (workers !== undefined) {
      raw.workers = withKey(raw.workers, 'packet', workersOf(workers));
      origins.set('workers.packet', `-n ${workers}`);
    }
    if (ordered) {
      for (const [index, output] of tablesOf(raw.output).entries()) {
        output.ordered = true;
        origins.set(`output.${index}.ordered`, '--ordered');
      }
    }
    if (packets !== undefined && Array.isArray(raw.output)) {
      origins.set(`output.${raw.output.length}`, '-w');
      raw.output.push(packets);
    }
    if (tag.length > 0) {
      const before = (raw.session as Table | undefined)?.tags ?? [];
      if (Array.isArray(before)) raw.session = withKey(raw.session, 'tags', [...new Set([...before, ...tag])]);
      origins.set('session.tags', '-t');
    }
    if (node !== undefined) {
      raw.arkime = withKey(raw.arkime, 'node', node);
      origins.set('arkime.node', '--node');
    }
    if (quiet || verbose) raw.log = withKey(raw.log, 'level', quiet ? 'warn' : 'debug');
  };
}

/** The effective configuration of a command line. Throws with every problem found. */
export async function loadRun(words: readonly string[], options: RunOptions): Promise<LoadedConfig> {
  const plugins = new Map<string, LoadedPlugin>();
  let records: RecordRegistry | undefined;
  /** Made once, when the options of decoders are known, as these may make fields. */
  const registryOf = (decoders: Config['decoders']): RecordRegistry => {
    if (records !== undefined) return records;
    const definitions = decoderDefinitions.map((each) => withConfiguredFields(each, decoders[each.name]?.options ?? {}));
    records = new RecordRegistry(definitions, Object.values(tcpAnomalies));
    if (definitions.some((each, index) => each !== decoderDefinitions[index])) records.checkNames();
    return records;
  };
  const fieldsOf = (decoders: Config['decoders']): FieldNames => new FieldNames(registryOf(decoders).noted);
  const config = await loadConfig({
    file: options.config,
    settings: options.set ?? [],
    base: base(options),
    overlay: overlay(words, options),
    decoders: decoderDefinitions,
    outputs: async (kind) => {
      const loaded = await findPlugin(kind);
      if (loaded !== undefined) plugins.set(kind, loaded);
      return loaded?.plugin;
    },
    outputKinds: shippedKinds(),
    recordTypesOf: (decoders) => registryOf(decoders).types.map(({ name }) => name),
    fieldsOf,
    recordFieldsOf: (decoders) => registryOf(decoders).fieldNames(),
    checkFilter: (expression) => checkFilter(expression),
  });
  const rules = loadRules(config, () => fieldsOf(config.decoders));
  // The config has been checked with its outputs, and sessions are dealt with as these want; but nothing is written.
  return {
    config: options.dryRun ? Object.freeze({ ...config, outputs: [] }) : config,
    records: registryOf(config.decoders),
    rules,
    plugins,
  };
}
