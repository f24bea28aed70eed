// From config.toml and the command line to the frozen Config. Main thread, at start and on reload. Problems are thrown as one
// SensorError that lists them all: file, line, key, what is wrong and what was probably meant.

import { readFileSync } from 'node:fs';
import { getSystemErrorMessage } from 'node:util';
import { parse, TomlError } from 'smol-toml';
import type { TObject } from 'typebox';
import { errorCodes, SensorError } from '../errors.ts';
import { ecsOwnFields, type FieldNames } from '../record/index.ts';
import { arkimeSessionDefaults } from '../session/index.ts';
import { Checker, nearMiss, type Problem, suggestion } from './check.ts';
import { outputName, sourceName } from './names.ts';
import { Origins } from './origins.ts';
import {
  type Config,
  type DecoderConfig,
  decoderCommonSchema,
  type OutputConfig,
  outputCommonSchema,
  type SourceConfig,
  sourceSchemas,
  tableSchemas,
} from './schema.ts';
import { applySetting } from './settings.ts';
import { checkNames, checkSignature } from './signatures.ts';
import { lineMap } from './toml-lines.ts';

/** What a decoder brings to the config; `DecoderDefinition` fits. */
export interface DecoderSchema {
  readonly name: string;
  readonly title: string;
  readonly ports: readonly number[];
  readonly options: TObject;
}

/** What an output plugin brings; `OutputPlugin` fits. */
export interface OutputSchema {
  readonly name: string;
  readonly description: string;
  readonly config: TObject;
  /** Rules between its keys and those of every output: [key, problem]. */
  check?(config: never, common: OutputConfig['common']): readonly (readonly [key: string, message: string])[];
  /** It takes packets; whether it stores them so that documents can point to them. */
  readonly packets?: { stores(config: never): boolean } | undefined;
}

export interface LoadOptions {
  /** config.toml; undefined: defaults only. */
  readonly file: string | undefined;
  /** `a.b=value` of the command line, in order; values are TOML, or else taken as strings. */
  readonly settings: readonly string[];
  /** Laid over the file before `settings`, which can then refine it: sources of -r and -i, outputs where there are none. */
  readonly base?: (raw: Record<string, unknown>, origins: Origins) => void;
  /** Laid over everything: what the other options of the command line stand for. */
  readonly overlay: (raw: Record<string, unknown>, origins: Origins) => void;
  readonly decoders: readonly DecoderSchema[];
  /** Output plugins by kind; asked for each `[[output]]`. */
  readonly outputs: (kind: string) => Promise<OutputSchema | undefined>;
  /** Kinds that exist, for suggestions. */
  readonly outputKinds: readonly string[];
  /** Names of the record types, with the decoders as they are configured; asked for only where an output names some. */
  readonly recordTypesOf: (decoders: Config['decoders']) => readonly string[];
  /** Fields that signatures can set, with the decoders as they are configured. Without it they are not checked. */
  readonly fieldsOf?: (decoders: Config['decoders']) => FieldNames;
  /** Names of all fields of records, likewise; asked for only where some are left out. */
  readonly recordFieldsOf?: (decoders: Config['decoders']) => readonly string[];
  /** Throws `RT_FILTER` when a capture filter is wrong. Without it filters are taken as they are. */
  readonly checkFilter?: (expression: string) => void;
}

/** As Arkime's capture writes them. */
const arkimeStatsSecs = 2;

const tableNames = [
  'source',
  'workers',
  'fragments',
  'session',
  'names',
  'signature',
  'rules',
  'decoder',
  'output',
  'records',
  'arkime',
  'admin',
  'log',
] as const;

export async function loadConfig(options: LoadOptions): Promise<Config> {
  const { raw, origins } = options.file === undefined ? { raw: {}, origins: new Origins() } : readToml(options.file);
  options.base?.(raw, origins);
  for (const setting of options.settings) applySetting(raw, setting, origins);
  options.overlay(raw, origins);
  const checker = new Checker(origins);
  for (const key of Object.keys(raw)) if (!(tableNames as readonly string[]).includes(key)) checker.unknown(key, key, tableNames);
  const flat = (name: keyof typeof tableSchemas): Record<string, unknown> =>
    checker.flat(tableSchemas[name], name, checker.table(name, raw[name]));
  const decoders = checkDecoders(checker, checker.table('decoder', raw.decoder), options.decoders);
  const storing = new Set<string>();
  const fields = raw.signature === undefined ? undefined : options.fieldsOf?.(decoders);
  const config = {
    sources: checker.tables('source', raw.source).map((table, index) => checkSource(checker, `source.${index}`, table)),
    workers: flat('workers'),
    fragments: flat('fragments'),
    session: checker.flat(tableSchemas.session, 'session', withArkimeDefaults(checker.table('session', raw.session), raw.output)),
    names: flat('names'),
    signatures: checker
      .tables('signature', raw.signature)
      .map((table, index) => checkSignature(checker, `signature.${index}`, table, fields)),
    rules: withPlainValues(flat('rules')),
    decoders,
    outputs: await Promise.all(
      checker
        .tables('output', raw.output)
        .map((table, index) => checkOutput(checker, `output.${index}`, table, options, decoders, storing)),
    ),
    records: flat('records'),
    arkime: flat('arkime'),
    admin: checker.flat(tableSchemas.admin, 'admin', withArkimeInterval(checker.table('admin', raw.admin), raw.output)),
    log: flat('log'),
  } as unknown as Config;
  checkNames(checker, config.names.off);
  if (config.records.without.length > 0 && options.recordFieldsOf !== undefined)
    checkFieldsLeftOut(checker, config.records.without, options.recordFieldsOf(decoders));
  for (const path of [...storing].slice(1))
    checker.report(
      `${path}.kind`,
      'another output stores packets already, and documents name them by one file; give this one a path',
    );
  checkTogether(checker, config);
  checkFilters(checker, config, options.checkFilter);
  if (checker.problems.length > 0) throw problemsError(checker.problems);
  return deepFreeze(config);
}

/** Objects count as fields too: all that is in them is left out. */
function checkFieldsLeftOut(checker: Checker, without: readonly string[], fields: readonly string[]): void {
  for (const name of without) {
    if (ecsOwnFields.some((field) => field.name === name)) checker.report('records.without', `${name} is in every record`);
    else if (!fields.some((field) => field === name || field.startsWith(`${name}.`)))
      checker.report(
        'records.without',
        `there is no field ${JSON.stringify(name)}; ${nearMiss(name, fields, 'ringtap fields lists them')}`,
      );
  }
}

function readToml(file: string): { raw: Record<string, unknown>; origins: Origins } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    const { errno, message } = cause as NodeJS.ErrnoException;
    throw new SensorError(errorCodes.config, `${file}: ${errno === undefined ? message : getSystemErrorMessage(errno)}`, {
      cause,
      hint: 'ringtap config > config.toml writes one to start from',
    });
  }
  try {
    return { raw: parse(text) as Record<string, unknown>, origins: new Origins(file, lineMap(text)) };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = (cause.message.split('\n')[0] as string).replace(/^Invalid TOML document: /, '');
    throw new SensorError(errorCodes.config, `${file}:${cause.line}:${cause.column}: this is not TOML: ${reason}`, { cause });
  }
}

function checkSource(checker: Checker, path: string, table: Record<string, unknown>): SourceConfig {
  const kinds = Object.keys(sourceSchemas);
  const likely = table.interface !== undefined ? 'af_packet' : table.directory !== undefined ? 'folder' : 'file';
  const kind = kinds.find((known) => known === table.kind) as keyof typeof sourceSchemas | undefined;
  if (table.kind !== undefined && kind === undefined)
    checker.report(
      `${path}.kind`,
      `there is no kind of source ${JSON.stringify(table.kind)}; ${suggestion(String(table.kind), kinds)}`,
    );
  return checker.flat(sourceSchemas[kind ?? likely], path, { ...table, kind: kind ?? likely }) as SourceConfig;
}

function checkDecoders(
  checker: Checker,
  tables: Record<string, unknown>,
  decoders: readonly DecoderSchema[],
): Record<string, DecoderConfig> {
  const names = decoders.map((decoder) => decoder.name);
  for (const key of Object.keys(tables)) if (!names.includes(key)) checker.unknown(`decoder.${key}`, key, names);
  const commonSchema = decoderCommonSchema([]);
  const commonKeys = Object.keys(commonSchema.properties);
  return Object.fromEntries(
    decoders.map((decoder) => {
      const path = `decoder.${decoder.name}`;
      const table = checker.table(path, tables[decoder.name]);
      const own = checker.flat(decoder.options, path, table, commonKeys);
      const common = checker.flat(commonSchema, path, pick(table, commonKeys));
      const ports = table.ports === undefined ? [...decoder.ports] : (common.ports as number[]);
      return [decoder.name, { enabled: common.enabled as boolean, ports, options: own }];
    }),
  );
}

/** `storing`: gets the path of an output that stores packets. */
async function checkOutput(
  checker: Checker,
  path: string,
  table: Record<string, unknown>,
  options: LoadOptions,
  decoders: Config['decoders'],
  storing: Set<string>,
): Promise<OutputConfig> {
  const commonKeys = Object.keys(outputCommonSchema.properties);
  const common = checker.flat(outputCommonSchema, path, pick(table, commonKeys)) as OutputConfig['common'];
  const plugin = typeof table.kind === 'string' ? await options.outputs(table.kind) : undefined;
  if (plugin === undefined) {
    if (typeof table.kind === 'string') {
      checker.report(
        `${path}.kind`,
        `there is no output plugin ${JSON.stringify(table.kind)}; ${suggestion(table.kind, options.outputKinds)}`,
      );
    }
    return { common, own: {} };
  }
  if (common.records.length > 0) {
    const known = options.recordTypesOf(decoders);
    for (const type of common.records.filter((name) => !known.includes(name)))
      checker.report(`${path}.records`, `there is no record type ${JSON.stringify(type)}; ${suggestion(type, known)}`);
  }
  const known = checker.problems.length;
  const own = checker.flat(plugin.config, path, table, commonKeys);
  // What is not even of the right type has been reported, and is nothing to reason about.
  if (checker.problems.length > known) return { common, own };
  for (const [key, message] of plugin.check?.(own as never, common) ?? []) checker.report(`${path}.${key}`, message);
  if (plugin.packets !== undefined && common.policy === 'spill')
    checker.report(`${path}.policy`, 'packets cannot be spilled to disk; choose policy "block", "drop" or "auto"');
  if (plugin.packets?.stores(own as never) === true) storing.add(path);
  return { common, own };
}

/** Rules between keys. */
function checkTogether(checker: Checker, config: Config): void {
  const powerOfTwo = (path: string, value: unknown): void => {
    if (typeof value === 'number' && !Number.isInteger(Math.log2(value)))
      checker.report(path, `expected a power of two, got ${value}`);
  };
  powerOfTwo('workers.ring_bytes', config.workers.ring_bytes);
  const names = new Set<string>();
  config.outputs.forEach(({ common }, index) => {
    powerOfTwo(`output.${index}.ring_bytes`, common.ring_bytes);
    if (common.ordered && common.policy === 'spill') {
      checker.report(
        `output.${index}.ordered`,
        'an output cannot be both ordered and spilled to disk; choose policy "block" or "drop"',
      );
    }
    const name = outputName(common);
    if (name === undefined) return;
    if (names.has(name))
      checker.report(
        `output.${index}.name`,
        `there is another output named ${JSON.stringify(name)}; give each a name of its own`,
      );
    names.add(name);
  });
  const sourceNames = new Set<string>();
  config.sources.forEach((source, index) => {
    if (source.kind === 'af_packet') powerOfTwo(`source.${index}.block_bytes`, source.block_bytes);
    // A source that lacks what it is named by has its problem already.
    if (checker.problems.some(({ path }) => path.startsWith(`source.${index}.`))) return;
    const name = sourceName(source);
    if (sourceNames.has(name)) {
      checker.report(
        `source.${index}.name`,
        `there is another source named ${JSON.stringify(name)}; give each a name of its own`,
      );
    }
    sourceNames.add(name);
  });
}

/** Filters by libpcap's own judgement, which needs no right to capture. */
function checkFilters(checker: Checker, { sources, session }: Config, check: LoadOptions['checkFilter']): void {
  if (check === undefined) return;
  const filters = [
    ...sources.map(({ filter }, index) => [`source.${index}.filter`, filter] as const),
    ...session.keep_packets.map(({ filter }, index) => [`session.keep_packets.${index}.filter`, filter] as const),
  ];
  for (const [path, filter] of filters) {
    if (typeof filter !== 'string' || filter === '') continue;
    try {
      check(filter);
    } catch (error) {
      if (!(error instanceof SensorError) || error.code !== errorCodes.filter) throw error;
      checker.report(path, error.message, 'filter');
    }
  }
}

/** One line a problem, in the order of the file; what the command line brought comes last. */
function problemsError(problems: readonly Problem[]): SensorError {
  const line = ({ origin }: Problem): number => origin?.line ?? Number.MAX_SAFE_INTEGER;
  const text = problems
    .toSorted((a, b) => line(a) - line(b))
    .map(({ path, message, origin }) => `${origin === undefined ? '' : `${origin.where}: `}${displayPath(path)}: ${message}`);
  const [only, ...others] = new Set(problems.map(({ kind }) => kind));
  if (others.length === 0 && only === 'filter')
    return new SensorError(errorCodes.filter, text.join('\n'), { hint: 'man pcap-filter describes the language' });
  const code = others.length === 0 && only === 'unknown-key' ? errorCodes.configUnknownKey : errorCodes.config;
  return new SensorError(code, text.join('\n'), { hint: 'ringtap config prints every option with its default and range' });
}

/** `source.0.paths` is `source[0].paths` to people. */
function displayPath(path: string): string {
  return path.replace(/\.(\d+)(?=\.|$)/g, '[$1]');
}

function pick(table: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table).filter(([key]) => keys.includes(key)));
}

function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  for (const member of Object.values(value)) deepFreeze(member);
  return Object.freeze(value);
}

/** The parser's tables have no prototype; those of a config have. */
function withPlainValues(rules: Record<string, unknown>): Record<string, unknown> {
  return { ...rules, values: { ...(rules.values as object) } };
}

/** Where an output has an arkime format, sessions are Arkime's unless the file says otherwise. */
function withArkimeDefaults(session: Record<string, unknown>, outputs: unknown): Record<string, unknown> {
  return hasArkime(outputs, ({ format }) => isArkime(format)) ? { ...arkimeSessionDefaults, ...session } : session;
}

/** Where an output fills Arkime's indices, statistics come as often as its pages expect them, unless the file says otherwise. */
function withArkimeInterval(admin: Record<string, unknown>, outputs: unknown): Record<string, unknown> {
  const fills = hasArkime(outputs, ({ mode, format }) => mode === 'arkime' && isArkime(format));
  return fills ? { stats_secs: arkimeStatsSecs, ...admin } : admin;
}

interface RawOutput {
  readonly format?: unknown;
  readonly mode?: unknown;
}

function hasArkime(outputs: unknown, fits: (output: RawOutput) => boolean): boolean {
  return Array.isArray(outputs) && outputs.some((output: RawOutput | null) => output !== null && fits(output));
}

function isArkime(format: unknown): boolean {
  return String(format).startsWith('arkime');
}
