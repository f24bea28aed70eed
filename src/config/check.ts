// Checks tables of the config against their schemas and fills in defaults. Every problem is collected with its key and
// where it came from, so that an operator mends a file in one go. Used while loading; knows no file and no key itself.

import type { TObject, TSchema } from 'typebox';
import { Value } from 'typebox/value';
import type { Origin, Origins } from './origins.ts';

export type ProblemKind = 'value' | 'unknown-key' | 'filter';

export interface Problem {
  /** Path of the key: `source.0.block_bytes`. */
  readonly path: string;
  readonly message: string;
  readonly kind: ProblemKind;
  /** Undefined for what nobody wrote: a key that is missing from a config without a file. */
  readonly origin: Origin | undefined;
}

export class Checker {
  readonly problems: Problem[] = [];
  readonly #origins: Origins;

  constructor(origins: Origins) {
    this.#origins = origins;
  }

  report(path: string, message: string, kind: ProblemKind = 'value'): void {
    this.problems.push({ path, message, kind, origin: this.#origins.of(path) });
  }

  /** `value` as a table; an empty one when it is missing or, with a problem, when it is something else. */
  table(path: string, value: unknown): Record<string, unknown> {
    if (value === undefined) return {};
    if (typeof value === 'object' && value !== null && !Array.isArray(value) && !(value instanceof Date))
      return value as Record<string, unknown>;
    this.report(path, `expected a table, got ${describeValue(value)}`);
    return {};
  }

  /** `value` as an array of tables. */
  tables(path: string, value: unknown): Record<string, unknown>[] {
    if (value === undefined) return [];
    if (Array.isArray(value)) return value.map((entry, index) => this.table(`${path}.${index}`, entry));
    this.report(path, `expected an array of tables ([[${path}]]), got ${describeValue(value)}`);
    return [];
  }

  /** Checks the keys of a flat table and returns it complete. Keys in `others` belong to someone else. */
  flat(
    schema: TObject,
    path: string,
    value: Readonly<Record<string, unknown>>,
    others: readonly string[] = [],
  ): Record<string, unknown> {
    const properties = schema.properties as Record<string, TSchema>;
    const join = (key: string): string => (path === '' ? key : `${path}.${key}`);
    for (const key of Object.keys(value)) {
      if (Object.hasOwn(properties, key) || others.includes(key)) continue;
      this.unknown(join(key), key, [...Object.keys(properties), ...others]);
    }
    const complete: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(properties)) {
      const given = value[key];
      const fallback = (property as { default?: unknown }).default;
      if (given === undefined) {
        if (fallback !== undefined) complete[key] = ownCopy(fallback);
        else if (schema.required?.includes(key)) this.report(join(key), `is missing; expected ${expectation(property)}`);
      } else if (Value.Check(property, given)) {
        complete[key] = given;
      } else {
        this.report(join(key), `expected ${expectation(property)}, got ${describeValue(given)}`);
        complete[key] = ownCopy(fallback);
      }
    }
    return complete;
  }

  unknown(path: string, key: string, known: readonly string[]): void {
    this.report(path, `unknown key; ${suggestion(key, known)}`, 'unknown-key');
  }
}

/** Of a default: the config is frozen in the end, and schemas are not its own. */
function ownCopy(value: unknown): unknown {
  return typeof value === 'object' ? structuredClone(value) : value;
}

/** `did you mean x?`, or what there is to choose from. */
export function suggestion(name: string, known: readonly string[]): string {
  const near = nearest(name, known);
  if (near !== undefined) return `did you mean ${near}?`;
  return known.length === 0 ? 'there are none' : `known are: ${[...known].sort().join(', ')}`;
}

/** As `suggestion`, of names too many to list; `others`: what lists them. */
export function nearMiss(name: string, known: readonly string[], others: string): string {
  const near = nearest(name, known);
  return near === undefined ? others : `did you mean ${near}?`;
}

/** What a value of this schema may be, in words. */
export function expectation(schema: TSchema): string {
  const { type, anyOf, items, minItems, minLength, pattern } = schema as {
    type?: string;
    anyOf?: TSchema[];
    items?: TSchema;
    minItems?: number;
    minLength?: number;
    pattern?: string;
  };
  if ('const' in schema) return JSON.stringify(schema.const);
  const choices = choicesOf(schema);
  if (choices !== undefined) return `one of ${choices.map((choice) => JSON.stringify(choice)).join(', ')}`;
  if (anyOf !== undefined) return anyOf.map((option) => expectation(option)).join(' or ');
  if (type === 'array')
    return `${minItems ? 'a non-empty' : 'an'} array${items === undefined ? '' : `, each ${expectation(items)}`}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string')
    return `${minLength ? 'a non-empty string' : 'a string'}${pattern === undefined ? '' : ` that matches ${pattern}`}`;
  if (type === 'integer' || type === 'number') {
    const range = rangeOf(schema, String);
    return `${type === 'integer' ? 'an integer' : 'a number'}${range === '' ? '' : ` ${range}`}`;
  }
  return 'another value';
}

/** The values to choose from, of a schema that lists them. */
export function choicesOf(schema: TSchema): unknown[] | undefined {
  const { anyOf, enum: listed } = schema as { anyOf?: TSchema[]; enum?: unknown[] };
  if (listed !== undefined) return listed;
  return anyOf?.every((option) => 'const' in option) ? anyOf.map((option) => (option as { const?: unknown }).const) : undefined;
}

/** `from 1 to 64`, `of at least 1`; empty when there are no bounds. */
export function rangeOf(schema: TSchema, show: (bound: number) => string): string {
  const { minimum, maximum } = schema as { minimum?: number; maximum?: number };
  const end = maximum === Number.MAX_SAFE_INTEGER ? undefined : maximum;
  if (minimum !== undefined && end !== undefined) return `from ${show(minimum)} to ${show(end)}`;
  if (minimum !== undefined) return `of at least ${show(minimum)}`;
  return end === undefined ? '' : `of at most ${show(end)}`;
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `the array ${JSON.stringify(value)}`;
  if (value instanceof Date) return `the date ${value.toISOString()}`;
  if (typeof value === 'object') return 'a table';
  return typeof value === 'string' ? `the string ${JSON.stringify(value)}` : `${String(value)}`;
}

/** The known name that is nearest to what was written, if any is near enough to be meant. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  let best: string | undefined;
  let least = Math.max(2, Math.floor(name.length / 3)) + 1;
  for (const candidate of known) {
    const contains = name.length > 3 && (candidate.includes(name) || name.includes(candidate));
    const distance = contains ? 1 : editDistance(name, candidate);
    if (distance < least) {
      least = distance;
      best = candidate;
    }
  }
  return best;
}

function editDistance(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const cost = a[i - 1] === b[j - 1] ? 0 : 1;
      next.push(Math.min((next[j - 1] as number) + 1, (row[j] as number) + 1, (row[j - 1] as number) + cost));
    }
    row = next;
  }
  return row[b.length] as number;
}
