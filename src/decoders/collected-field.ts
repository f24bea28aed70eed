// Session fields that collect the distinct values of a session, as most protocols of few fields have them. Called where
// such a protocol declares its fields.

import type { ArkimeField, SessionField } from '../record/index.ts';

export interface CollectedArkimeField {
  /** Path in Arkime's document, and the search expression where that is not the same. */
  readonly path: string;
  readonly expression?: string;
  /** Default: `ip` for addresses, `integer` for numbers, else `termfield`. */
  readonly kind?: ArkimeField['kind'];
  /** False: the number of values is not written beside it. Default true. */
  readonly counted?: boolean;
}

/** A field with all the distinct values of a session. `meaning` as in `SessionField`. */
export function collected(
  type: 'keyword' | 'long' | 'ip',
  name: string,
  meaning: string,
  arkime: CollectedArkimeField,
): SessionField {
  const kind = arkime.kind ?? (type === 'ip' ? 'ip' : type === 'long' ? 'integer' : 'termfield');
  const place = { path: arkime.path, expression: arkime.expression ?? arkime.path, kind };
  return { name, type, many: true, meaning, arkime: arkime.counted === false ? place : { ...place, count: 'Cnt' } };
}
