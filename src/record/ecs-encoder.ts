// The `ecs` encoding: one JSON document a record, nested as in the Elastic Common Schema, newline at its end. Runs on
// packet workers (and on the main thread for stats). Each record type is compiled once, when its first record comes, into what its
// scribe needs to write it straight into the target.

import { type FactField, type Field, type FieldHead, fieldsOf, type RecordType, type SessionField } from './contract.ts';
import type { FactPlan, PathOf } from './fact-plan.ts';
import { type CompiledRecord, compileRecord } from './record-compiler.ts';
import type { Scribe } from './scribe.ts';
import type { SessionFacts } from './session-facts.ts';
import { flowFields } from './session-record.ts';

export const ecsVersion = '9.0.0';

/** What `event` starts with in every record of a type. */
function eventHead(dataset: string): string {
  const [kind, category] = heads[dataset] ?? ['event', 'network'];
  const types = eventTypes[dataset] ?? ['connection', 'protocol'];
  return `"kind":"${kind}","category":["${category}"],"type":${JSON.stringify(types)},"dataset":${JSON.stringify(dataset)}`;
}

/** ECS `event.kind` and `event.category` of what is not about the network. */
const heads: Readonly<Record<string, readonly [kind: string, category: string]>> = {
  stats: ['metric', 'host'],
  file: ['event', 'file'],
};

/** ECS `event.type` by dataset; those of decoders are about a protocol on a connection. */
const eventTypes: Readonly<Record<string, readonly string[]>> = {
  session: ['connection'],
  anomaly: ['info'],
  stats: ['info'],
  file: ['info'],
};

/** The fields that the encoding itself adds, for `ringtap fields`. */
export const ecsOwnFields: readonly FieldHead[] = [
  { name: '@timestamp', type: 'date', meaning: "Time of the record: the session's first packet, the request's first byte." },
  { name: 'event.kind', type: 'keyword', meaning: '`event`; `metric` for stats.' },
  { name: 'event.category', type: 'keyword', many: true, meaning: '`network`; `host` for stats, `file` for capture files.' },
  {
    name: 'event.type',
    type: 'keyword',
    many: true,
    meaning:
      '`connection` for sessions, with `protocol` for transactions and handshakes; `info` for anomalies, stats and capture files.',
  },
  { name: 'event.dataset', type: 'keyword', meaning: 'Record type: session, http, dns, tls, anomaly, stats, file.' },
  { name: 'ecs.version', type: 'keyword', meaning: 'Version of the Elastic Common Schema that the names follow.' },
];

/** What every record ends with. */
const recordTail = `,"ecs":{"version":"${ecsVersion}"}}\n`;

/** The fields that are written from the session's notes: those in objects where nothing else is. */
function notedFields(type: RecordType<never>): ReadonlySet<Field<never>> {
  const groupOf = ({ name }: FieldHead): string => name.split('.', 1)[0] as string;
  const isNoted = (field: FactField | Field<never>): boolean => 'noted' in field && field.noted !== undefined;
  const others = new Set([...ecsOwnFields, ...flowFields, ...fieldsOf(type).filter((field) => !isNoted(field))].map(groupOf));
  return new Set(type.fields.filter((field) => field.noted !== undefined && !others.has(groupOf(field))));
}

interface EcsCompiled extends CompiledRecord {
  /** What is noted of sessions, and written as values. */
  readonly notedValues: readonly SessionField[];
}

function compile(type: RecordType<never>, withSession: boolean, isWanted: (field: FieldHead) => boolean): EcsCompiled {
  const all = withSession ? notedFields(type) : new Set<Field<never>>();
  const noted = new Set([...all].filter(isWanted));
  const pathOf: PathOf = (field) => {
    const known = [...noted].find((each) => each.noted === field);
    return known === undefined ? undefined : { path: known.name, many: field.many };
  };
  const fields = [
    ...(withSession ? [...flowFields, ...((type.facts ?? []) as readonly (FactField | Field<never>)[])] : []),
    ...type.fields.filter((field) => !all.has(field)),
  ].filter(isWanted);
  const compiled = compileRecord({
    head: '{"@timestamp":',
    constants: [{ object: 'event', members: eventHead(type.name) }],
    fields,
    notes: noted.size === 0 ? undefined : pathOf,
    tail: recordTail,
  });
  const notedValues = fields.flatMap((field) => ('noted' in field && field.noted !== undefined ? [field.noted] : []));
  return { ...compiled, notedValues };
}

/** A record type, with or without a session around its records, ready to be encoded. */
export class EcsRecord {
  /** For records of no session. */
  readonly #scribe: Scribe;
  readonly #compiled: EcsCompiled;
  /** For what may not fit. */
  #elsewhere: Buffer;

  constructor(scribe: Scribe, compiled: EcsCompiled) {
    this.#scribe = scribe;
    this.#compiled = compiled;
    this.#elsewhere = Buffer.alloc(0);
  }

  /** What a record without values is written by. */
  get plan(): FactPlan {
    return this.#compiled.plan;
  }

  /** What is noted of sessions that is a value of a record, and so not in its plan. */
  get notedValues(): readonly SessionField[] {
    return this.#compiled.notedValues;
  }

  /**
   * Writes one record at `from`, never at or past `limit`.
   * @returns the end of what was written, or -1 when it does not fit.
   */
  encode(record: unknown, facts: SessionFacts | undefined, timeUs: number, target: Buffer, from: number, limit: number): number {
    const { plan, fill } = this.#compiled;
    const scribe = facts === undefined ? this.#scribe : facts.scribe;
    fill(record, scribe.begin());
    const { most } = plan;
    if (from + most <= limit) {
      const end = scribe.write(plan, target, from, limit - most, timeUs);
      if (end >= 0) return end;
    }
    return this.#encodeTight(scribe, timeUs, target, from, limit);
  }

  /** What may not fit is written elsewhere first. */
  #encodeTight(scribe: Scribe, timeUs: number, target: Buffer, from: number, limit: number): number {
    const { plan } = this.#compiled;
    const room = Math.max(0, limit - from);
    if (this.#elsewhere.length < room + plan.most) this.#elsewhere = Buffer.allocUnsafeSlow(room + plan.most);
    const elsewhere = this.#elsewhere;
    const length = scribe.write(plan, elsewhere, 0, room, timeUs);
    if (length < 0 || length > room) return -1;
    elsewhere.copy(target, from, 0, length);
    return from + length;
  }
}

export class EcsEncoder {
  readonly name = 'ecs';
  readonly #scribe: Scribe;
  readonly #records = new Map<RecordType<never>, { with?: EcsRecord; without?: EcsRecord }>();
  readonly #isWanted: (field: FieldHead) => boolean;

  /** `scribe`: for records of no session; `without`: fields that are left out, and objects with all that is in them. */
  constructor(scribe: Scribe, without: readonly string[] = []) {
    this.#scribe = scribe;
    this.#isWanted = ({ name }) => !without.some((left) => name === left || name.startsWith(`${left}.`));
  }

  /** How records of a type are encoded; made when first asked for. */
  of<R>(type: RecordType<R>, withSession: boolean): EcsRecord {
    let made = this.#records.get(type as RecordType<never>);
    if (made === undefined) {
      made = {};
      this.#records.set(type as RecordType<never>, made);
    }
    const key = withSession ? 'with' : 'without';
    made[key] ??= this.#make(type as RecordType<never>, withSession);
    return made[key];
  }

  #make(type: RecordType<never>, withSession: boolean): EcsRecord {
    return new EcsRecord(this.#scribe, compile(type, withSession, this.#isWanted));
  }

  /**
   * Writes one record at `from`, never at or past `limit`.
   * @returns the end of what was written, or -1 when it does not fit.
   */
  encode<R>(
    type: RecordType<R>,
    record: R,
    facts: SessionFacts | undefined,
    timeUs: number,
    target: Buffer,
    from: number,
    limit: number,
  ): number {
    return this.of(type, facts !== undefined).encode(record, facts, timeUs, target, from, limit);
  }
}
