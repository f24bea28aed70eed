// Checks tables of the config against their schemas and fills in defaults. Every problem is collected with its key and
// line, so that an operator mends a file in one go.

import { type TObject, type TSchema, Type } from 'typebox';
import { Value } from 'typebox/value';
import type { LineMap } from './toml-lines.ts';

export interface Problem {
  /** Path of the key: `source.0.block_bytes`. */
  readonly path: string;
  readonly message: string;
  readonly unknownKey: boolean;
  /** Line in the file; undefined when the value came from the command line. */
  readonly line: number | undefined;
}

export class Checker {
  readonly problems: Problem[] = [];
  readonly #lines: LineMap;

  constructor(lines: LineMap) {
    this.#lines = lines;
  }

  report(path: string, message: string, unknownKey = false): void {
    this.problems.push({ path, message, unknownKey, line: this.#lineOf(path) });
  }

  /** The line of the key, or of the nearest table around it. */
  #lineOf(path: string): number | undefined {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const line = this.#lines.get(at);
      if (line !== undefined) return line;
    }
    return undefined;
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
    const known = [...Object.keys(properties), ...others];
    const join = (key: string): string => (path === '' ? key : `${path}.${key}`);
    for (const key of Object.keys(value)) if (!known.includes(key)) this.unknown(join(key), key, known);
    const complete: Record<string, unknown> = {};
    for (const [key, property] of Object.entries(properties)) {
      const given = value[key];
      const fallback = (property as { default?: unknown }).default;
      if (given === undefined) {
        if (fallback === undefined) this.report(join(key), `is missing: ${expectation(property)}`);
        complete[key] = structuredClone(fallback);
      } else if (Value.Check(property, given)) {
        complete[key] = given;
      } else {
        this.report(join(key), `expected ${expectation(property)}, got ${describeValue(given)}`);
        complete[key] = structuredClone(fallback);
      }
    }
    return complete;
  }

  unknown(path: string, key: string, known: readonly string[]): void {
    const near = nearest(key, known);
    const help = near === undefined ? `known are: ${[...known].sort().join(', ')}` : `did you mean ${near}?`;
    this.report(path, `unknown key; ${help}`, true);
  }
}

/** What a value of this schema may be, in words. */
export function expectation(schema: TSchema): string {
  const { type, minimum, maximum, anyOf, items, minItems, minLength, pattern } = schema as {
    type?: string;
    minimum?: number;
    maximum?: number;
    anyOf?: { const?: unknown }[];
    items?: TSchema;
    minItems?: number;
    minLength?: number;
    pattern?: string;
  };
  if (Type.IsLiteral(schema)) return JSON.stringify(schema.const);
  if (anyOf !== undefined) return `one of ${anyOf.map((option) => JSON.stringify(option.const)).join(', ')}`;
  if (type === 'array')
    return `${minItems ? 'a non-empty' : 'an'} array${items === undefined ? '' : `, each ${expectation(items)}`}`;
  if (type === 'boolean') return 'true or false';
  if (type === 'string')
    return `${minLength ? 'a non-empty string' : 'a string'}${pattern === undefined ? '' : ` that matches ${pattern}`}`;
  if (type === 'integer' || type === 'number') {
    const noun = type === 'integer' ? 'an integer' : 'a number';
    if (minimum !== undefined && maximum !== undefined) return `${noun} from ${minimum} to ${maximum}`;
    if (minimum !== undefined) return `${noun} of at least ${minimum}`;
    return maximum === undefined ? noun : `${noun} of at most ${maximum}`;
  }
  return 'another value';
}

function describeValue(value: unknown): string {
  if (Array.isArray(value)) return `an array ${JSON.stringify(value)}`;
  if (typeof value === 'bigint') return `${value}`;
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
