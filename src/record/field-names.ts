// Finds the fields that people name in rules and signatures: by the name in ECS records, by Arkime's search expression, or by
// the path in Arkime's document. Main thread while loading, packet workers at their start.

import { isIP } from 'node:net';
import type { SessionField } from './contract.ts';

export class FieldNames {
  readonly #byName: ReadonlyMap<string, readonly SessionField[]>;

  constructor(fields: readonly SessionField[]) {
    const byName = new Map<string, SessionField[]>();
    const add = (name: string, field: SessionField): void => {
      const known = byName.get(name);
      if (known === undefined) byName.set(name, [field]);
      else if (!known.includes(field)) known.push(field);
    };
    for (const field of fields) {
      add(field.name, field);
      if (field.arkime === undefined) continue;
      add(field.arkime.expression, field);
      add(field.arkime.path, field);
    }
    this.#byName = byName;
  }

  /** Several fields may share a name of Arkime's; none: there is no such field. */
  find(name: string): readonly SessionField[] {
    return this.#byName.get(name) ?? [];
  }

  /** Every name that `find` knows. */
  get names(): readonly string[] {
    return [...this.#byName.keys()];
  }
}

/** A value as the field's values are written: of some kinds in Arkime's document in lower or upper case. */
export function inCaseOf({ arkime }: SessionField, text: string): string {
  const kind = arkime?.kind ?? '';
  if (kind.startsWith('lo')) return text.toLowerCase();
  return kind.startsWith('up') ? text.toUpperCase() : text;
}

/** A value of a field from text; undefined when it is none. */
export function fieldValueOf(field: SessionField, text: string): string | number | boolean | undefined {
  switch (field.type) {
    case 'long':
      return /^-?\d{1,15}$/.test(text) ? Number(text) : undefined;
    case 'float':
      return /^-?\d+(\.\d+)?$/.test(text) ? Number(text) : undefined;
    case 'boolean':
      return text === 'true' || text === '1' ? true : text === 'false' || text === '0' ? false : undefined;
    case 'ip':
      return isIP(text) > 0 ? text : undefined;
    case 'object':
      return undefined;
    default:
      return text === '' ? undefined : inCaseOf(field, text);
  }
}
