// The index template of mode `ecs`, made of the sensor's field registry, and the lifecycle policies that go with it.

import { hash } from 'node:crypto';
import type { FieldDocument } from '../../src/record/index.ts';
import { type Options, typePlaceholder } from './options.ts';

export interface IndexTemplate {
  readonly index_patterns: readonly string[];
  readonly data_stream: object;
  readonly priority: number;
  readonly template: { readonly settings: object; readonly mappings: object };
  readonly _meta: { readonly managed_by: 'ringtap'; readonly fields: string };
}

/** Above the templates that Elasticsearch brings for `logs-*-*` (100) and those of its integrations (200). */
const priority = 250;

/** Longer values are kept, but not found; a term must not have more than 32766 bytes. */
const ignoreAbove = 8191;

/** Fields beyond those known now: plugins' decoders, counters of `stats`. */
const spareFields = 2000;

const keyword = { type: 'keyword', ignore_above: ignoreAbove };

type Mapping = { readonly type: string } & Readonly<Record<string, unknown>>;

const mappings: Readonly<Record<FieldDocument['type'], Mapping>> = {
  keyword,
  text: { type: 'text' },
  ip: { type: 'ip' },
  long: { type: 'long' },
  float: { type: 'double' },
  boolean: { type: 'boolean' },
  date: { type: 'date' },
  object: { type: 'object', dynamic: true },
};

interface Properties {
  [name: string]: { properties: Properties } | Mapping;
}

/** `policy`: lifecycle policy that indices are under (Elasticsearch); '' for none. */
export function ecsTemplate(fields: readonly FieldDocument[], options: Options, policy: string): IndexTemplate {
  const properties = propertiesOf(fields);
  return {
    index_patterns: [dataStreamPattern(options)],
    data_stream: {},
    priority,
    template: {
      settings: {
        index: {
          codec: 'best_compression',
          refresh_interval: '5s',
          mapping: {
            total_fields: { limit: fields.length * 2 + spareFields },
            // What the wire says need not fit its field; the document is kept all the same.
            ignore_malformed: true,
          },
          ...(policy === '' ? {} : { lifecycle: { name: policy } }),
        },
      },
      mappings: {
        dynamic: true,
        date_detection: false,
        dynamic_templates: [{ strings: { match_mapping_type: 'string', mapping: keyword } }],
        properties,
      },
    },
    _meta: { managed_by: 'ringtap', fields: hash('sha1', JSON.stringify(properties)) },
  };
}

/** `logs-ringtap.*-default` */
export function dataStreamPattern({ data_stream }: Options): string {
  return data_stream.replaceAll(typePlaceholder, '*');
}

function propertiesOf(fields: readonly FieldDocument[]): Properties {
  const root: Properties = {};
  for (const { name, type } of fields) {
    const path = name.split('.');
    const leaf = path.pop() as string;
    let at = root;
    for (const part of path) {
      const inner = at[part] as { properties: Properties } | undefined;
      const next = inner?.properties ?? {};
      if (inner?.properties === undefined) at[part] = { ...inner, properties: next };
      at = next;
    }
    at[leaf] ??= mappings[type];
  }
  return root;
}

/** Index lifecycle policy of Elasticsearch. */
export function lifecyclePolicy({ rollover_bytes, retention_days }: Options): object {
  const hot = { actions: { rollover: { max_primary_shard_size: `${rollover_bytes}b`, max_age: '30d' } } };
  const deletion = { min_age: `${retention_days}d`, actions: { delete: {} } };
  return { policy: { phases: { hot, ...(retention_days === 0 ? {} : { delete: deletion }) } } };
}

/** The same for the index state management of OpenSearch. */
export function statePolicy(options: Options): object {
  const { rollover_bytes, retention_days } = options;
  const rollover = { rollover: { min_primary_shard_size: `${rollover_bytes}b`, min_index_age: '30d' } };
  const deletion = [{ state_name: 'delete', conditions: { min_rollover_age: `${retention_days}d` } }];
  const hot = { name: 'hot', actions: [rollover], transitions: retention_days === 0 ? [] : deletion };
  const states = retention_days === 0 ? [hot] : [hot, { name: 'delete', actions: [{ delete: {} }], transitions: [] }];
  return {
    policy: {
      description: "Ringtap's records",
      default_state: 'hot',
      states,
      ism_template: [{ index_patterns: [dataStreamPattern(options)], priority }],
    },
  };
}
