// The commented reference of config.toml, made from the schemas: `ringtap config` prints it, and the file at the top of
// the repository is it. Explanations begin with `# `, options with `#` alone, so that taking that one sign away switches
// an option on.

import { type TObject, type TSchema, Type } from 'typebox';
import { choicesOf, rangeOf } from './check.ts';
import type { DecoderSchema, OutputSchema } from './load.ts';
import { decoderCommonSchema, outputCommonSchema, sourceSchemas, tableSchemas } from './schema.ts';
import { signatureSchema } from './signatures.ts';

const width = 100;

function comment(text: string): string[] {
  const lines: string[] = [];
  let line = '#';
  for (const word of text.split(' ')) {
    if (line.length + 1 + word.length > width && line !== '#') {
      lines.push(line);
      line = '#';
    }
    line += ` ${word}`;
  }
  lines.push(line);
  return lines;
}

/** Numbers in groups of three, as TOML allows: `8_388_608`. */
function numberText(value: number): string {
  if (!Number.isInteger(value) || Math.abs(value) < 10_000) return String(value);
  return String(value).replace(/\B(?=(\d{3})+$)/g, '_');
}

const binaryUnits = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'];

/** `8 MiB` where that is exact. */
function bytesText(value: number): string {
  let rest = value;
  let unit = 0;
  while (rest >= 1024 && rest % 1024 === 0 && unit < binaryUnits.length - 1) {
    rest /= 1024;
    unit++;
  }
  return `${numberText(rest)} ${binaryUnits[unit]}`;
}

const isBytes = (key: string): boolean => key.endsWith('_bytes');

function valueText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(valueText).join(', ')}]`;
  return typeof value === 'number' ? numberText(value) : JSON.stringify(value);
}

/** What a value may be, where description and default do not show it. */
function limits(key: string, schema: TSchema): string {
  const choices = choicesOf(schema);
  if (choices !== undefined) return choices.length > 1 ? `One of ${choices.map(valueText).join(', ')}.` : '';
  const range = rangeOf(schema, isBytes(key) ? bytesText : numberText).replace(/^of /, '');
  if (range === '' || range === `at least ${isBytes(key) ? bytesText(0) : 0}`) return '';
  return `${range.charAt(0).toUpperCase()}${range.slice(1)}.`;
}

const examples: Readonly<Record<string, unknown>> = { interface: 'eth0', paths: ['capture.pcap'], directory: 'captures' };

interface OptionSchema {
  readonly default?: unknown;
  readonly description?: string;
  readonly examples?: readonly unknown[];
}

/** `#ring_bytes = 8_388_608  # 8 MiB`, under its explanation. */
function option(key: string, schema: TSchema): string[] {
  const { default: fallback, description = '', examples: own } = schema as OptionSchema;
  const value = fallback ?? own?.[0] ?? examples[key] ?? '';
  const line = `#${key} = ${valueText(value)}`;
  const unit = isBytes(key) && typeof value === 'number' && value >= 1024 && value % 1024 === 0 ? `  # ${bytesText(value)}` : '';
  return [...comment(`${description} ${limits(key, schema)}`.trim()), line + unit, ''];
}

function options(schema: TObject, skip: readonly string[] = []): string[] {
  return Object.entries(schema.properties as Record<string, TSchema>).flatMap(([key, property]) =>
    skip.includes(key) ? [] : option(key, property),
  );
}

function heading(text: string): string[] {
  return [`# ${'─'.repeat(width - 2)}`, ...comment(text), ''];
}

/** The head of one table of an array, commented out: there may be none or several. */
function arrayTable(name: string, kind: string, text: string): string[] {
  return [...comment(text), `#[[${name}]]`, `#kind = ${valueText(kind)}`, ''];
}

function sourceTables(): string[] {
  const { file, folder, af_packet, cap } = sourceSchemas;
  const common = Object.keys(file.properties).filter((key) => key in af_packet.properties);
  const own = (schema: TObject): string[] => options(schema, common);
  return [
    ...heading('Sources: where packets come from. Each is a table [[source]] of its own.'),
    ...comment('-r, -R and -i on the command line take the place of all of them.'),
    '',
    ...arrayTable('source', 'file', 'Capture files or standard input.'),
    ...own(file),
    ...options(file, ['kind', ...Object.keys(file.properties).filter((key) => !common.includes(key))]),
    ...arrayTable('source', 'folder', `A folder of capture files. It has ${listed(common.slice(1))} too, as above.`),
    ...own(folder),
    ...arrayTable('source', 'af_packet', 'A network interface (Linux). It has these too.'),
    ...own(af_packet),
    ...arrayTable('source', 'cap', 'A network interface by libpcap, where there is no AF_PACKET. It has these too.'),
    ...own(cap),
  ];
}

function signatureTables(): string[] {
  const { description } = signatureSchema as { description?: string };
  // One that is complete: without any pattern it would fit everything.
  const { name, bytes, ...others } = signatureSchema.properties as Record<string, TSchema>;
  return [
    ...comment(description ?? ''),
    '#[[signature]]',
    '',
    ...option('name', { ...name, default: 'acme' } as TSchema),
    ...option('bytes', { ...bytes, default: ['ACME/1'] } as TSchema),
    ...options(Type.Object(others)),
  ];
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? names.join('') : `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`;
}

function decoderTables(decoders: readonly DecoderSchema[]): string[] {
  return [
    ...heading('Decoders: the protocols that are read.'),
    ...decoders.flatMap((decoder) => [
      ...comment(`${decoder.title}.`),
      `[decoder.${decoder.name}]`,
      '',
      ...options(decoderCommonSchema(decoder.ports)),
      ...options(decoder.options),
    ]),
  ];
}

function outputTables(outputs: readonly OutputSchema[]): string[] {
  return [
    ...heading('Outputs: where records go. Each is a table [[output]] of its own.'),
    ...comment(
      'Without any, records go to standard output, or with -l DIR to the file ringtap.ndjson in that folder. `kind` is the plugin: one of those below, or the name of an npm package.',
    ),
    '',
    ...outputs.flatMap((output, position) => [
      ...arrayTable('output', output.name, output.description),
      ...options(output.config),
      ...(position === 0
        ? [...comment('Every output has the following too.'), '', ...options(outputCommonSchema, ['kind'])]
        : []),
    ]),
  ];
}

export function configReference(decoders: readonly DecoderSchema[], outputs: readonly OutputSchema[]): string {
  const out: string[] = [
    ...comment('Ringtap configuration.'),
    '#',
    ...comment(
      'Every option stands here with its default: take the # in front of an option away to change it. `ringtap check -c FILE` checks a file and prints what it comes to, and `--set table.key=value` on the command line goes before the file. `_bytes` are bytes, `_secs` seconds and `_ms` milliseconds.',
    ),
    '',
    ...sourceTables(),
  ];
  for (const [name, schema] of Object.entries(tableSchemas)) {
    if (name === 'admin') out.push(...decoderTables(decoders), ...outputTables(outputs));
    out.push(...heading((schema as { description?: string }).description ?? name), `[${name}]`, '', ...options(schema));
    if (name === 'names') out.push(...signatureTables());
  }
  return `${out.join('\n').trimEnd()}\n`;
}
