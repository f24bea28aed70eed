// What leaves a packet worker. A record type is a list of fields, each with a name, a type, a meaning and a way to
// read its value from the object that a decoder hands over. Encoders (ecs, later arkime) walk that list; `ringtap
// fields` and docs/fields.md print it. Decoders fill their record objects and know nothing of encodings.

import type { ByteText, JsonText } from './encoded-values.ts';
import type { FactName } from './fact-plan.ts';
import type { SessionFacts } from './session-facts.ts';

export type FieldType = 'keyword' | 'text' | 'ip' | 'long' | 'float' | 'boolean' | 'date' | 'object';

/** Strings may come as bytes (`ByteText`), any value as finished JSON (`JsonText`). `object` values and items are plain JSON-able objects without cycles, at most 4 deep. */
export type FieldValue =
  | ByteText
  | JsonText
  | string
  | number
  | boolean
  | readonly (string | number | boolean)[]
  | object
  | undefined;

/** What documents say of a field. */
export interface FieldHead {
  /** ECS path with dots (`http.request.method`), or one in our own namespace where ECS has none. */
  readonly name: string;
  readonly type: FieldType;
  /** True when the value is an array. */
  readonly many?: boolean;
  /** One sentence, with the unit and the source (RFC section) where it matters. */
  readonly meaning: string;
}

export interface Field<R> extends FieldHead {
  /** undefined, '' and empty arrays are left out of the record. `date` values are microseconds since 1970. */
  readonly value: (record: R) => FieldValue;
  /** A field of the session's record that decoders note: encoders write it from the notes, as few sessions have it. */
  readonly noted?: SessionField;
}

/** A field whose value the session itself writes. */
export interface FactField extends FieldHead {
  readonly fact: FactName;
  /** The side, or which of several; default 0. */
  readonly which?: number;
}

export interface RecordType<R> {
  /** `event.dataset` of the record: `http`, `dns`, `tls`. */
  readonly name: string;
  readonly meaning: string;
  /** Fields of the type itself; those of the session (addresses, ports, ids) are added to every record that has a session. */
  readonly fields: readonly Field<R>[];
  /** What the session's own record has of its facts, before the fields. */
  readonly facts?: readonly (FactField | Field<SessionFacts>)[];
}

/** All fields of a type itself, in their order. */
export function fieldsOf(type: RecordType<never>): readonly (FactField | Field<never>)[] {
  return [...((type.facts ?? []) as readonly (FactField | Field<never>)[]), ...type.fields];
}

/** Identity function that gives inference: `defineRecordType<HttpTransaction>({...})`. */
export function defineRecordType<R>(type: RecordType<R>): RecordType<R> {
  return type;
}

/** A field that a decoder adds to its session's own record. */
export interface SessionField {
  /** As in the ECS record: the ECS name where there is one, else `<protocol>.<thing>` in snake_case. */
  readonly name: string;
  /** Values of `object` fields are `JsonText`s. */
  readonly type: Exclude<FieldType, 'date'>;
  /** True: distinct values are collected into an array (bounded). False: the first value stays. */
  readonly many: boolean;
  readonly meaning: string;
  /** What it is in Arkime's session document; without it the field is not there. */
  readonly arkime?: ArkimeField;
  /** The values are numbers of which the record has the sum; only with `many: false`. */
  readonly sum?: boolean;
  /** With `many`: every value noted is kept in its order, equal ones too. */
  readonly repeats?: true;
  /** Empty text is a value, because it says that there was one. Only lists in pairs (`repeats`) have it otherwise. */
  readonly empty?: true;
  /** Of a text with a fixed set of values, noted as their numbers: the texts by number. What a session has already is so known at once. */
  readonly names?: readonly string[];
  /** `arkime`: the ECS record does without it, because records of their own say the same. */
  readonly only?: 'arkime';
}

/** A field of Arkime's session document (its `fields` index; names, kinds and flags are those of Arkime 6.7). */
export interface ArkimeField {
  /** Path in the document: `ssh.hasshServer`. Arrays are written for fields with `many`. */
  readonly path: string;
  /** Name in search expressions: `ssh.hasshServer`, `host.http`. */
  readonly expression: string;
  /** Type of the `fields` document. */
  readonly kind:
    | 'integer'
    | 'seconds'
    | 'date'
    | 'ip'
    | 'termfield'
    | 'lotermfield'
    | 'uptermfield'
    | 'textfield'
    | 'lotextfield';
  /** The number of values is written beside it, with this ending. */
  readonly count?: 'Cnt' | '-cnt';
  /** The values stay when a long session is saved in parts. */
  readonly linked?: boolean;
  /** Text is UTF-8. Without it every byte from 0x80 on is a character of Latin-1, as Arkime has it. */
  readonly utf8?: boolean;
}

/** Something seen on the wire that is not as it should be. Closed list: each room declares its own. */
export interface Anomaly {
  /** `<room or protocol>.<what>`, snake_case: `http.bad_chunk_size`. */
  readonly name: string;
  readonly meaning: string;
}

/** Declares the anomalies of one room: `defineAnomalies('http', { bad_chunk_size: 'A chunk size …' })`. */
export function defineAnomalies<const Name extends string>(
  room: string,
  meanings: Record<Name, string>,
): Readonly<Record<Name, Anomaly>> {
  const entries = Object.entries(meanings) as [Name, string][];
  return Object.fromEntries(entries.map(([name, meaning]) => [name, { name: `${room}.${name}`, meaning }])) as Record<
    Name,
    Anomaly
  >;
}
