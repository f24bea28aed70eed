// All record types of a run and the document of their fields. Built once on the main thread (for `ringtap fields`,
// docs and checks) and once on each packet worker (record type numbers).

import { type Anomaly, type FieldType, fieldsOf, type RecordType, type SessionField } from './contract.ts';
import { ecsOwnFields } from './ecs-encoder.ts';
import { fileRecordType } from './file-record.ts';
import { anomalyRecordType, statsRecordType } from './sensor-records.ts';
import type { SessionFacts } from './session-facts.ts';
import { flowFields, sessionRecordType } from './session-record.ts';
import { commonFields } from './shared-fields.ts';

/** What a decoder brings to the registry; `DecoderDefinition` fits. */
export interface RecordProvider {
  readonly name: string;
  readonly records: readonly RecordType<never>[];
  readonly sessionFields: readonly SessionField[];
  readonly anomalies: readonly Anomaly[];
}

export interface FieldDocument {
  readonly name: string;
  readonly type: FieldType;
  readonly many: boolean;
  readonly meaning: string;
  /** Record types that have the field. */
  readonly records: readonly string[];
}

export class RecordRegistry {
  readonly session: RecordType<SessionFacts>;
  /** What decoders add to the session's record, those fields included that only Arkime's document has. */
  readonly noted: readonly SessionField[];
  /** In the order of their numbers in output rings. */
  readonly types: readonly RecordType<never>[];
  readonly anomalies: readonly Anomaly[];
  /** Names of the decoders. */
  readonly protocols: readonly string[];
  readonly #numbers: ReadonlyMap<RecordType<never>, number>;

  constructor(providers: readonly RecordProvider[], roomAnomalies: readonly Anomaly[] = []) {
    const noted = new Map<string, SessionField>(commonFields.map((field) => [field.name, field]));
    for (const provider of providers)
      for (const field of provider.sessionFields) noted.set(field.name, noted.get(field.name) ?? field);
    this.noted = [...noted.values()];
    this.session = sessionRecordType(this.noted.filter((field) => field.only === undefined));
    this.types = [
      this.session,
      anomalyRecordType,
      statsRecordType,
      fileRecordType,
      ...providers.flatMap((provider) => provider.records),
    ] as RecordType<never>[];
    this.anomalies = [...roomAnomalies, ...providers.flatMap((provider) => provider.anomalies)];
    this.protocols = providers.map((provider) => provider.name);
    this.#numbers = new Map(this.types.map((type, number) => [type, number]));
  }

  /**
   * Throws where a name is not one type everywhere, or both a value and an object around other values: Elasticsearch would refuse
   * such a mapping. Of the decoders as they are a test has made sure, so it is for what a config adds.
   */
  checkNames(): void {
    const typeOf = new Map<string, FieldType>();
    for (const field of flowFields) typeOf.set(field.name, field.type);
    for (const type of this.types) {
      const own = new Set<string>();
      for (const field of fieldsOf(type)) {
        if (own.has(field.name)) throw new Error(`record type ${type.name} declares ${field.name} twice`);
        own.add(field.name);
        const known = typeOf.get(field.name);
        if (known !== undefined && known !== field.type) throw new Error(`field ${field.name} is ${known} and ${field.type}`);
        typeOf.set(field.name, field.type);
      }
    }
    for (const [name, type] of typeOf) {
      for (let dot = name.indexOf('.'); dot >= 0; dot = name.indexOf('.', dot + 1)) {
        const parent = typeOf.get(name.slice(0, dot));
        if (parent !== undefined)
          throw new Error(`field ${name.slice(0, dot)} (${parent}) is also the parent of ${name} (${type})`);
      }
    }
  }

  /** Number of a type in output rings. */
  numberOf(type: RecordType<never>): number {
    const number = this.#numbers.get(type);
    if (number === undefined) throw new Error(`record type ${type.name} is not registered`);
    return number;
  }

  /** Names of every field of every record type. */
  fieldNames(): string[] {
    const names = new Set([...ecsOwnFields, ...flowFields].map(({ name }) => name));
    for (const type of this.types) for (const { name } of fieldsOf(type)) names.add(name);
    return [...names];
  }

  /** Every field of every record type, sorted by name. */
  document(): FieldDocument[] {
    const byName = new Map<string, { type: FieldType; many: boolean; records: string[]; meanings: Map<string, string[]> }>();
    const add = (name: string, type: FieldType, many: boolean, meaning: string, record: string): void => {
      const entry = byName.get(name) ?? { type, many, records: [], meanings: new Map<string, string[]>() };
      byName.set(name, entry);
      if (!entry.records.includes(record)) entry.records.push(record);
      entry.meanings.set(meaning, [...(entry.meanings.get(meaning) ?? []), record]);
    };
    for (const type of this.types) {
      for (const field of ecsOwnFields) add(field.name, field.type, field.many ?? false, field.meaning, type.name);
      if (type !== (statsRecordType as RecordType<never>) && type !== (fileRecordType as RecordType<never>)) {
        for (const field of flowFields) add(field.name, field.type, field.many ?? false, field.meaning, type.name);
      }
      for (const field of fieldsOf(type)) add(field.name, field.type, field.many ?? false, field.meaning, type.name);
    }
    return [...byName]
      .map(([name, { type, many, records, meanings }]) => ({ name, type, many, records, meaning: meaningOf(meanings) }))
      .sort((a, b) => (a.name < b.name ? -1 : 1));
  }
}

/** Record types that share a name may each say what it means with them. */
function meaningOf(meanings: ReadonlyMap<string, readonly string[]>): string {
  if (meanings.size === 1) return [...meanings.keys()][0] as string;
  return [...meanings].map(([meaning, records]) => `${records.join(', ')}: ${meaning}`).join(' ');
}
