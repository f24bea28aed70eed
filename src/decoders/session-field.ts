// The forms that session fields of decoders have: the distinct values of a session, its first value, a sum. Called where a
// protocol declares its fields (`fields.ts` of its folder).

import type { ArkimeField, SessionField } from '../record/index.ts';

/** Where a field stands in Arkime's session document. */
export interface ArkimePlace {
  /** Path in the document, and the search expression where that is not the same. */
  readonly path: string;
  readonly expression?: string;
  /** Default: `ip` for addresses, `integer` for numbers, else `termfield`. */
  readonly kind?: ArkimeField['kind'];
  /** Of `collected`: false: the number of values is not written beside it. Default true. */
  readonly counted?: boolean;
  /** The values stay when a long session is saved in parts. */
  readonly linked?: boolean;
  /** Text is UTF-8. */
  readonly utf8?: boolean;
}

/** The field, with empty text among its values. */
export function orEmpty(field: SessionField): SessionField {
  return { ...field, empty: true };
}

/** A field with all the distinct values of a session. `meaning` as in `SessionField`; without `arkime` it is not in Arkime's document. */
export function collected(type: SessionField['type'], name: string, meaning: string, arkime?: ArkimePlace): SessionField {
  if (arkime === undefined) return { name, type, many: true, meaning };
  const place = placeOf(type, arkime);
  return { name, type, many: true, meaning, arkime: arkime.counted === false ? place : { ...place, count: 'Cnt' } };
}

/** As `collected`, of a fixed set of texts that are noted by their number in `names`. */
export function named(names: readonly string[], name: string, meaning: string, arkime?: ArkimePlace): SessionField {
  return { ...collected('keyword', name, meaning, arkime), names };
}

/** As `collected`, but every value is kept in its order, equal ones too: two such fields may be lists in pairs. */
export function repeated(type: SessionField['type'], name: string, meaning: string, arkime?: ArkimePlace): SessionField {
  return { ...collected(type, name, meaning, arkime), repeats: true };
}

/** A field with the first value of a session. */
export function single(type: SessionField['type'], name: string, meaning: string, arkime?: ArkimePlace): SessionField {
  const field = { name, type, many: false, meaning };
  return arkime === undefined ? field : { ...field, arkime: placeOf(type, arkime) };
}

/** A field with the sum of the numbers noted. */
export function summed(name: string, meaning: string, arkime?: ArkimePlace): SessionField {
  return { ...single('long', name, meaning, arkime), sum: true };
}

/** The field, left out of ECS records: records of their own say the same there. */
export function onlyArkime(field: SessionField): SessionField {
  return { ...field, only: 'arkime' };
}

function placeOf(type: SessionField['type'], { path, expression = path, kind, linked, utf8 }: ArkimePlace): ArkimeField {
  return {
    ...{ path, expression, kind: kind ?? (type === 'ip' ? 'ip' : type === 'long' ? 'integer' : 'termfield') },
    ...(linked === true ? { linked } : {}),
    ...(utf8 === true ? { utf8 } : {}),
  };
}
