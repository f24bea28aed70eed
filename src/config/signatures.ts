// `[[signature]]` and `[names]`: what protocols look like that only their names are wanted of. The schema, and what a schema
// cannot say.

import { Type } from 'typebox';
import { type ConfiguredSignature, patternBytes, patternMost, patternRegex, signatures } from '../decoders/index.ts';
import { type FieldNames, fieldValueOf } from '../record/index.ts';
import { type Checker, nearMiss, suggestion } from './check.ts';

export const signatureSchema = Type.Object(
  {
    name: Type.String({ default: '', description: 'Name of the protocol, for `session.protocols` and `protocol`.' }),
    tag: Type.String({ default: '', description: 'A tag for the session, beside the name or instead of it.' }),
    field: Type.String({
      default: '',
      description: "A field of the session's record that is set: its ECS name, or Arkime's expression or path.",
    }),
    value: Type.String({ default: '', description: 'What `field` is set to.' }),
    transports: Type.Array(Type.Union([Type.Literal('tcp'), Type.Literal('udp'), Type.Literal('sctp')]), {
      default: ['tcp'],
      minItems: 1,
      description: 'What carries the protocol.',
    }),
    ports: Type.Array(Type.Integer({ minimum: 0, maximum: 65_535 }), {
      default: [],
      maxItems: 1024,
      description: 'One of the two ports has to be one of these; empty: any.',
    }),
    direction: Type.Union([Type.Literal('any'), Type.Literal('client'), Type.Literal('server')], {
      default: 'any',
      description: 'Whose first bytes are looked at; the client is who opened the session.',
    }),
    bytes: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      maxItems: 256,
      description:
        'Patterns of which one has to stand at `at`: `hex:16 03 01`, or text in which `\\x16`, `\\r`, `\\n`, `\\t`, `\\0` and `\\\\` are one byte each (in TOML best in single quotes).',
    }),
    at: Type.Integer({ default: 0, minimum: 0, maximum: 65_535, description: 'Offset of `bytes` in the payload.' }),
    least: Type.Integer({ default: 0, minimum: 0, maximum: 65_535, description: 'Fewest bytes of payload.' }),
    regex: Type.String({
      default: '',
      description: 'Regular expression (JavaScript) for the first 1024 bytes of the payload as Latin-1 text.',
    }),
    ignore_case: Type.Boolean({ default: false, description: 'Whether `regex` takes upper and lower case for the same.' }),
    desc: Type.String({ default: '', description: 'For people.' }),
  },
  {
    additionalProperties: false,
    description:
      "Signatures: names for protocols by the first payload of either side. Each is a table [[signature]] of its own; they are compiled together with the sensor's own.",
  },
);

const builtIn = [...new Set(signatures.map(({ name }) => name))].sort();

export const namesSchema = Type.Object(
  {
    off: Type.Array(Type.String({ minLength: 1 }), {
      default: [],
      description: "Names of the sensor's own signatures that are not used; `*`: none of them.",
    }),
  },
  { additionalProperties: false, description: 'Protocols that are named by their first bytes alone.' },
);

/** `names`: the fields that signatures can set; undefined: they are not checked. */
export function checkSignature(
  checker: Checker,
  path: string,
  table: Record<string, unknown>,
  names: FieldNames | undefined,
): ConfiguredSignature {
  const given = typeof table.bytes === 'string' ? { ...table, bytes: [table.bytes] } : table;
  const known = checker.problems.length;
  const signature = checker.flat(signatureSchema, path, given) as unknown as ConfiguredSignature;
  if (checker.problems.length > known) return signature;
  const { name, tag, field, value, bytes, regex, ports, least } = signature;
  if (name === '' && tag === '' && field === '')
    checker.report(path, 'gives a session nothing: it needs a name, a tag, or a field with a value');
  if (bytes.length === 0 && regex === '' && ports.length === 0)
    checker.report(path, `fits everything${least > 0 ? ' that is long enough' : ''}: it needs bytes, a regex, or ports`);
  bytes.forEach((pattern, index) => {
    if (patternBytes(pattern) === undefined) {
      checker.report(
        `${path}.bytes`,
        `${JSON.stringify(pattern)}${bytes.length > 1 ? ` (${index + 1} of ${bytes.length})` : ''} is no pattern: expected hex: and pairs of hex digits, or text with escapes like \\x16, of at most ${patternMost} bytes`,
      );
    }
  });
  if (regex !== '') {
    try {
      patternRegex(regex, false);
    } catch (error) {
      checker.report(`${path}.regex`, `is no regular expression: ${(error as Error).message.replace(/^.*: /, '')}`);
    }
  }
  checkField(checker, path, field, value, names);
  return signature;
}

function checkField(checker: Checker, path: string, field: string, value: string, names: FieldNames | undefined): void {
  if (field === '') {
    if (value !== '') checker.report(`${path}.value`, 'goes with a field, and there is none');
    return;
  }
  if (value === '') checker.report(`${path}.field`, 'goes with a value, and there is none');
  if (names === undefined) return;
  const [target] = names.find(field);
  if (target === undefined)
    checker.report(
      `${path}.field`,
      `there is no field ${JSON.stringify(field)} to set; ${nearMiss(field, names.names, 'ringtap fields lists them')}`,
    );
  else if (value !== '' && fieldValueOf(target, value) === undefined)
    checker.report(`${path}.value`, `${JSON.stringify(value)} is no value of ${field}, which is ${target.type}`);
}

export function checkNames(checker: Checker, off: readonly string[]): void {
  for (const name of off) {
    if (name !== '*' && !builtIn.includes(name))
      checker.report('names.off', `there is no signature named ${JSON.stringify(name)}; ${suggestion(name, builtIn)}`);
  }
}
