// The JSON Schema of config.toml, for editors and for whoever makes configs by program. `ringtap config --schema`
// prints it. Rules between keys are the loader's alone.

import { type TObject, type TSchema, Type } from 'typebox';
import type { DecoderSchema, OutputSchema } from './load.ts';
import { decoderCommonSchema, outputCommonSchema, sourceSchemas, tableSchemas } from './schema.ts';
import { signatureSchema } from './signatures.ts';

/** Keys with a default need not be written. */
function table(schema: TObject, description?: string): TObject {
  const properties = Object.entries(schema.properties as Record<string, TSchema>).map(([key, property]) => [
    key,
    'default' in property ? Type.Optional(property) : property,
  ]);
  const text = description ?? (schema as { description?: string }).description;
  return Type.Object(Object.fromEntries(properties), {
    additionalProperties: false,
    ...(text === undefined ? {} : { description: text }),
  });
}

function merged(a: TObject, b: TObject, description: string): TObject {
  return table(Type.Object({ ...a.properties, ...b.properties }), description);
}

function outputTable(output: OutputSchema): TObject {
  const kind = Type.Literal(output.name, { description: output.description });
  return merged(Type.Object({ ...outputCommonSchema.properties, kind }), output.config, output.description);
}

/** Of npm plugins the schema knows only that they are named; their own keys are checked by the sensor. */
function foreignOutputTable(outputs: readonly OutputSchema[]): TObject {
  const { kind: _, ...common } = outputCommonSchema.properties as Record<string, TSchema>;
  const known = outputs.map(({ name }) => name.replace(/[\\^$.*+?()[\]{}|]/g, '\\$&')).join('|');
  const optional = Object.fromEntries(Object.entries(common).map(([key, property]) => [key, Type.Optional(property)]));
  return Type.Object(
    {
      kind: Type.String({ pattern: `^(?!(${known})$).+`, description: 'Name of an npm package that is a Ringtap plugin.' }),
      ...optional,
    },
    { description: 'An output plugin from an npm package.' },
  );
}

/** As JSON Schema, draft 2020-12. */
export function jsonSchema(decoders: readonly DecoderSchema[], outputs: readonly OutputSchema[]): TObject {
  const decoderTables = decoders.map((decoder) => [
    decoder.name,
    Type.Optional(merged(decoderCommonSchema(decoder.ports), decoder.options, `${decoder.title}.`)),
  ]);
  return Type.Object(
    {
      source: Type.Optional(
        Type.Array(Type.Union(Object.values(sourceSchemas).map((schema) => table(schema))), {
          description: 'Where packets come from.',
        }),
      ),
      ...Object.fromEntries(Object.entries(tableSchemas).map(([name, schema]) => [name, Type.Optional(table(schema))])),
      signature: Type.Optional(Type.Array(table(signatureSchema), { description: 'Names for protocols by their first bytes.' })),
      decoder: Type.Optional(
        Type.Object(Object.fromEntries(decoderTables), { additionalProperties: false, description: 'Protocol decoders.' }),
      ),
      output: Type.Optional(
        Type.Array(Type.Union([...outputs.map(outputTable), foreignOutputTable(outputs)]), {
          description: 'Where records go.',
        }),
      ),
    },
    {
      $schema: 'https://json-schema.org/draft/2020-12/schema',
      title: 'Ringtap configuration (config.toml)',
      additionalProperties: false,
    },
  );
}
