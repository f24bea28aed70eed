// Session fields that the config makes of headers: entries `name[:type][:count]` in the options of protocols with
// headers. Called where such options are read, once an options table.

import type { SessionField } from '../record/index.ts';

/** A header that the config gives a field of its own. */
export interface HeaderField {
  /** Lower case. */
  readonly header: string;
  readonly type: 'text' | 'lower' | 'integer' | 'ip';
  readonly field: SessionField;
}

/** Form of an entry. */
export const headerFieldPattern = "^[-!#$%&'*+.^_`|~0-9A-Za-z]{1,128}(:(text|lower|integer|ip))?(:count)?$";

const kinds = { text: 'termfield', lower: 'lotermfield', integer: 'integer', ip: 'ip' } as const;
const types = { text: 'keyword', lower: 'keyword', integer: 'long', ip: 'ip' } as const;

/** What the names of a protocol's fields begin with: `http.request_header.`, `http.request-`, `http.request.`. */
export interface HeaderFieldNames {
  readonly name: string;
  readonly path: string;
  readonly expression: string;
  /** Goes on `… x-priority.` */
  readonly meaning: string;
}

/** What an entry that fits `headerFieldPattern` says. */
export function headerFieldOf(entry: string, names: HeaderFieldNames): HeaderField {
  const [name = '', ...words] = entry.split(':');
  const header = name.toLowerCase();
  const word = words[0] ?? 'text';
  const type = word === 'lower' || word === 'integer' || word === 'ip' ? word : 'text';
  const arkime = { path: `${names.path}${header}`, expression: `${names.expression}${header}`, kind: kinds[type] };
  const field: SessionField = {
    name: `${names.name}${header.replace(/[^a-z0-9_]/g, '_')}`,
    type: types[type],
    many: true,
    meaning: `${names.meaning} ${header}.`,
    arkime: words.includes('count') ? { ...arkime, count: 'Cnt' } : arkime,
    only: 'arkime',
    empty: true,
  };
  return { header, type, field };
}
