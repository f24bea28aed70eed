// From config.toml and the command line to the frozen Config. Main thread, at start and on reload. Problems are thrown as one
// SensorError that lists them all: file, line, key, what is wrong and what was probably meant.

import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import { type TObject, Type } from 'typebox';
import { errorCodes, SensorError } from '../errors.ts';
import { Checker, type Problem } from './check.ts';
import {
  afPacketSourceSchema,
  type Config,
  type DecoderConfig,
  decoderCommonSchema,
  fileSourceSchema,
  type OutputConfig,
  outputCommonSchema,
  type SourceConfig,
  tableSchemas,
} from './schema.ts';
import { type LineMap, lineMap } from './toml-lines.ts';

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
}

export interface LoadOptions {
  /** config.toml; undefined: defaults only. */
  readonly file: string | undefined;
  /** `a.b=value` of the command line, in order; values are TOML, or else taken as strings. */
  readonly settings: readonly string[];
  /** Laid over the file: what -r, -i, -w and the like stand for. */
  readonly overlay: (raw: Record<string, unknown>) => void;
  readonly decoders: readonly DecoderSchema[];
  /** Output plugins by kind; asked for each `[[output]]`. */
  readonly outputs: (kind: string) => Promise<OutputSchema | undefined>;
  /** Kinds that exist, for suggestions. */
  readonly outputKinds: readonly string[];
  readonly recordTypes: readonly string[];
}

const tableNames = ['source', 'workers', 'fragments', 'session', 'decoder', 'output', 'admin', 'log'] as const;

export async function loadConfig(options: LoadOptions): Promise<Config> {
  const { raw, lines } = options.file === undefined ? { raw: {}, lines: new Map<string, number>() } : readToml(options.file);
  for (const setting of options.settings) applySetting(raw, setting);
  options.overlay(raw);
  const checker = new Checker(lines);
  for (const key of Object.keys(raw)) if (!(tableNames as readonly string[]).includes(key)) checker.unknown(key, key, tableNames);
  const flat = (name: keyof typeof tableSchemas): Record<string, unknown> =>
    checker.flat(tableSchemas[name], name, checker.table(name, raw[name]));
  const config = {
    sources: checker.tables('source', raw.source).map((table, index) => checkSource(checker, `source.${index}`, table)),
    workers: flat('workers'),
    fragments: flat('fragments'),
    session: flat('session'),
    decoders: checkDecoders(checker, checker.table('decoder', raw.decoder), options.decoders),
    outputs: await Promise.all(
      checker.tables('output', raw.output).map((table, index) => checkOutput(checker, `output.${index}`, table, options)),
    ),
    admin: flat('admin'),
    log: flat('log'),
  } as unknown as Config;
  checkTogether(checker, config);
  if (checker.problems.length > 0) throw problemsError(options.file, checker.problems);
  return deepFreeze(config);
}

function readToml(file: string): { raw: Record<string, unknown>; lines: LineMap } {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (cause) {
    throw new SensorError(errorCodes.config, `${file}: ${(cause as Error).message}`, {
      cause,
      hint: 'ringtap config > config.toml writes one to start from',
    });
  }
  try {
    return { raw: parse(text) as Record<string, unknown>, lines: lineMap(text) };
  } catch (cause) {
    if (!(cause instanceof TomlError)) throw cause;
    const reason = cause.message.split('\n')[0] as string;
    throw new SensorError(errorCodes.config, `${file}:${cause.line}:${cause.column}: ${reason}`, { cause });
  }
}

/** `workers.packet=2`, `output.0.path=x.ndjson`. */
function applySetting(raw: Record<string, unknown>, setting: string): void {
  const equals = setting.indexOf('=');
  if (equals <= 0)
    throw new SensorError(errorCodes.usage, `--set ${setting}: expected key=value`, { hint: '--set workers.packet=2' });
  const path = setting.slice(0, equals).trim().split('.');
  let at: Record<string, unknown> = raw;
  for (const [position, part] of path.slice(0, -1).entries()) {
    const next = path[position + 1] as string;
    const child = at[part] ?? (/^\d+$/.test(next) ? [] : {});
    if (typeof child !== 'object' || child === null)
      throw new SensorError(errorCodes.usage, `--set ${setting}: ${part} is no table`);
    at[part] = child;
    at = child as Record<string, unknown>;
  }
  at[path.at(-1) as string] = settingValue(setting.slice(equals + 1).trim());
}

function settingValue(text: string): unknown {
  try {
    return (parse(`v = ${text}`) as { v: unknown }).v;
  } catch {
    return text;
  }
}

function checkSource(checker: Checker, path: string, table: Record<string, unknown>): SourceConfig {
  const kind = table.kind ?? (table.interface === undefined ? 'file' : 'af_packet');
  const schema = kind === 'file' ? fileSourceSchema : afPacketSourceSchema;
  if (kind !== 'file' && kind !== 'af_packet')
    checker.report(`${path}.kind`, `expected one of "file", "af_packet", got ${JSON.stringify(kind)}`);
  return checker.flat(schema, path, { ...table, kind: schema === fileSourceSchema ? 'file' : 'af_packet' }) as SourceConfig;
}

function checkDecoders(
  checker: Checker,
  tables: Record<string, unknown>,
  decoders: readonly DecoderSchema[],
): Record<string, DecoderConfig> {
  const names = decoders.map((decoder) => decoder.name);
  for (const key of Object.keys(tables)) if (!names.includes(key)) checker.unknown(`decoder.${key}`, key, names);
  return Object.fromEntries(
    decoders.map((decoder) => {
      const path = `decoder.${decoder.name}`;
      const table = checker.table(path, tables[decoder.name]);
      const commonKeys = Object.keys(decoderCommonSchema([]).properties);
      const own = checker.flat(decoder.options, path, table, commonKeys);
      const common = checker.flat(decoderCommonSchema(decoder.ports), path, pick(table, commonKeys));
      return [decoder.name, { enabled: common.enabled as boolean, ports: common.ports as number[], options: own }];
    }),
  );
}

async function checkOutput(
  checker: Checker,
  path: string,
  table: Record<string, unknown>,
  options: LoadOptions,
): Promise<OutputConfig> {
  const commonKeys = Object.keys(outputCommonSchema.properties);
  const common = checker.flat(outputCommonSchema, path, pick(table, commonKeys)) as OutputConfig['common'];
  const plugin = typeof table.kind === 'string' ? await options.outputs(table.kind) : undefined;
  if (plugin === undefined) {
    if (typeof table.kind === 'string') {
      checker.report(
        `${path}.kind`,
        `there is no output plugin ${JSON.stringify(table.kind)}; known are: ${options.outputKinds.join(', ')}`,
      );
    }
    return { common, own: {} };
  }
  for (const type of common.records) {
    if (!options.recordTypes.includes(type)) {
      checker.report(
        `${path}.records`,
        `there is no record type ${JSON.stringify(type)}; known are: ${options.recordTypes.join(', ')}`,
      );
    }
  }
  return { common, own: checker.flat(plugin.config, path, table, commonKeys) };
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
    const name = common.name === '' ? common.kind : common.name;
    if (names.has(name))
      checker.report(`output.${index}.name`, `two outputs are named ${JSON.stringify(name)}; give each a name of its own`);
    names.add(name);
  });
  config.sources.forEach((source, index) => {
    if (source.kind === 'af_packet') powerOfTwo(`source.${index}.block_bytes`, source.block_bytes);
  });
}

function problemsError(file: string | undefined, problems: readonly Problem[]): SensorError {
  const text = problems.map(({ path, message, line }) => {
    const where = line === undefined || file === undefined ? '' : `${file}:${line}: `;
    return `${where}${displayPath(path)}: ${message}`;
  });
  const code = problems.every((problem) => problem.unknownKey) ? errorCodes.configUnknownKey : errorCodes.config;
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

/** The JSON Schema of config.toml, for editors. */
export function jsonSchema(decoders: readonly DecoderSchema[], outputs: readonly OutputSchema[]): TObject {
  const optional = (schema: TObject): TObject =>
    Type.Object(
      Object.fromEntries(
        Object.entries(schema.properties).map(([key, property]) => [
          key,
          'default' in property ? Type.Optional(property) : property,
        ]),
      ),
      { additionalProperties: false, ...('description' in schema ? { description: schema.description as string } : {}) },
    );
  const merged = (a: TObject, b: TObject): TObject => optional(Type.Object({ ...a.properties, ...b.properties }));
  return Type.Object(
    {
      source: Type.Optional(Type.Array(Type.Union([optional(fileSourceSchema), optional(afPacketSourceSchema)]))),
      ...Object.fromEntries(Object.entries(tableSchemas).map(([name, schema]) => [name, Type.Optional(optional(schema))])),
      decoder: Type.Optional(
        Type.Object(
          Object.fromEntries(
            decoders.map((decoder) => [decoder.name, Type.Optional(merged(decoderCommonSchema(decoder.ports), decoder.options))]),
          ),
          { additionalProperties: false },
        ),
      ),
      output: Type.Optional(
        Type.Array(
          Type.Union(
            outputs.map((output) =>
              merged(Type.Object({ ...outputCommonSchema.properties, kind: Type.Literal(output.name) }), output.config),
            ),
          ),
        ),
      ),
    },
    { additionalProperties: false },
  );
}
