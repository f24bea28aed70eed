// The commented reference of config.toml, made from the schemas: `ringtap config` prints it and the file at the top of
// the repository is it (a test compares them). Every key stands commented out with its default.

import type { TObject, TSchema } from 'typebox';
import { expectation } from './check.ts';
import type { DecoderSchema, OutputSchema } from './load.ts';
import { afPacketSourceSchema, decoderCommonSchema, fileSourceSchema, outputCommonSchema, tableSchemas } from './schema.ts';

const width = 110;

function comment(text: string, indent = '# '): string[] {
  const lines: string[] = [];
  let line = indent;
  for (const word of text.split(' ')) {
    if (line.length + word.length > width && line !== indent) {
      lines.push(line.trimEnd());
      line = indent;
    }
    line += `${word} `;
  }
  lines.push(line.trimEnd());
  return lines;
}

function tomlValue(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(tomlValue).join(', ')}]`;
  return JSON.stringify(value);
}

/** The default, or an example for keys that have none. */
function exampleOf(key: string, schema: TSchema): unknown {
  const { default: fallback, const: literal } = schema as { default?: unknown; const?: unknown };
  if (fallback !== undefined) return fallback;
  if (literal !== undefined) return literal;
  return { interface: 'eth0', paths: ['capture.pcap'], kind: 'file' }[key] ?? '';
}

/** Keys of a table. `active`: keys without a default are written out, not commented out. */
function keys(schema: TObject, skip: readonly string[] = []): string[] {
  return Object.entries(schema.properties as Record<string, TSchema>).flatMap(([key, property]) => {
    if (skip.includes(key)) return [];
    const { description } = property as { description?: string };
    const kind = expectation(property);
    return [...comment(`${description ?? ''} (${kind})`.trim()), `# ${key} = ${tomlValue(exampleOf(key, property))}`, ''];
  });
}

function title(schema: TSchema, fallback = ''): string[] {
  const { description } = schema as { description?: string };
  return comment(description ?? fallback);
}

export function configReference(decoders: readonly DecoderSchema[], outputs: readonly OutputSchema[]): string {
  const out: string[] = [
    ...comment(
      'Ringtap configuration. Every option stands here with its default; remove the # of those that you change. Tables marked [[…]] may be repeated.',
    ),
    ...comment(
      '`ringtap check -c FILE` checks a file and prints what it comes to; `--set table.key=value` on the command line goes before the file.',
    ),
    '',
    ...comment('Where packets come from. -r and -i on the command line take the place of all [[source]] tables.'),
    '# [[source]]',
    '# kind = "file"',
    ...keys(fileSourceSchema, ['kind']),
    '# [[source]]',
    '# kind = "af_packet"',
    ...keys(afPacketSourceSchema, ['kind', ...commonKeys(fileSourceSchema, afPacketSourceSchema)]),
  ];
  for (const [name, schema] of Object.entries(tableSchemas)) {
    if (name === 'admin') out.push(...decoderTables(decoders), ...outputTables(outputs));
    out.push(...title(schema), `[${name}]`, ...keys(schema));
  }
  return `${out.join('\n').trimEnd()}\n`;
}

function commonKeys(a: TObject, b: TObject): string[] {
  return Object.keys(a.properties).filter((key) => key in b.properties);
}

function decoderTables(decoders: readonly DecoderSchema[]): string[] {
  return decoders.flatMap((decoder) => [
    ...comment(`${decoder.title}.`),
    `[decoder.${decoder.name}]`,
    ...keys(decoderCommonSchema(decoder.ports)),
    ...keys(decoder.options),
  ]);
}

function outputTables(outputs: readonly OutputSchema[]): string[] {
  return [
    ...comment(
      'Where records go. Without any [[output]], records go to standard output (or with -l DIR to files in it). Keys of every output:',
    ),
    '# [[output]]',
    ...keys(outputCommonSchema),
    ...outputs.flatMap((output) => [
      ...comment(`${output.description} Its own keys:`),
      '# [[output]]',
      `# kind = "${output.name}"`,
      ...keys(output.config),
    ]),
  ];
}
