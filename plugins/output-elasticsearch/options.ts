// The options of output-elasticsearch: its keys in `[[output]]` and the rules between them. Loaded with the plugin's definition,
// on the main thread too, so nothing heavy here.

import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { type Static, Type } from 'typebox';
import { errorCodes, SensorError } from '../../src/errors.ts';
import type { CommonKeys, ConfigProblem } from '../../src/plugin/index.ts';

/** Stands for the record type in `data_stream`. */
export const typePlaceholder = '{type}';

/** Record types that have a place in Arkime's indices. */
const arkimeRecords: readonly string[] = ['session', 'stats', 'file'];

export const optionsSchema = Type.Object(
  {
    mode: Type.Union([Type.Literal('ecs'), Type.Literal('arkime')], {
      default: 'ecs',
      description:
        '`ecs`: every record into a data stream, with format "ecs"; `arkime`: the indices of an Arkime cluster, with format "arkime_bulk".',
    }),
    engine: Type.Union([Type.Literal('elasticsearch'), Type.Literal('opensearch')], {
      default: 'elasticsearch',
      description: 'What the cluster runs: Elasticsearch 8 or later, or OpenSearch 2 or later.',
    }),
    nodes: Type.Array(Type.String({ minLength: 1 }), {
      default: ['http://127.0.0.1:9200'],
      minItems: 1,
      maxItems: 64,
      description: 'Nodes of the cluster, as URLs; requests go to them in turn, and past those that do not answer.',
    }),
    data_stream: Type.String({
      default: `logs-ringtap.${typePlaceholder}-default`,
      pattern: '^[a-z0-9][a-z0-9._{}-]*$',
      description: 'Mode ecs: data stream; `{type}` stands for the record type. An alias or an index will do as well.',
    }),
    template: Type.String({
      default: 'ringtap',
      pattern: '^[a-z0-9][a-z0-9._-]*$',
      description: 'Mode ecs: name of the index template and of the lifecycle policy that `ringtap setup elasticsearch` makes.',
    }),
    rollover_bytes: Type.Integer({
      default: 53687091200,
      minimum: 1048576,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Mode ecs, in the policy that `setup` makes: a new index is begun when a primary shard has grown to this.',
    }),
    retention_days: Type.Integer({
      default: 30,
      minimum: 0,
      maximum: 36500,
      description: 'Mode ecs, in the policy that `setup` makes: indices are deleted after this time; 0: never.',
    }),
    prefix: Type.String({
      default: 'arkime_',
      pattern: '^([a-z0-9][a-z0-9._-]*)?$',
      description:
        "Mode arkime: start of the names of its indices, Arkime's `prefix`; an underscore is added where it lacks one.",
    }),
    username: Type.String({ default: '', description: 'User name; empty: none.' }),
    password: Type.String({ default: '', description: 'Password.' }),
    password_file: Type.String({ default: '', description: 'File with the password, instead; read at the start.' }),
    api_key: Type.String({ default: '', description: 'API key, encoded as Elasticsearch gives it out, instead of a user.' }),
    api_key_file: Type.String({ default: '', description: 'File with the API key, instead; read at the start.' }),
    ca: Type.String({ default: '', description: 'File with the certificates (PEM) of the authority of https nodes.' }),
    fingerprint: Type.String({
      default: '',
      pattern: '^([0-9A-Fa-f]{2}:?){31}[0-9A-Fa-f]{2}$|^$',
      description:
        "SHA-256 fingerprint of the authority's certificate (or of the nodes' own), hexadecimal, instead of `ca`; the nodes have to send that certificate.",
    }),
    certificate: Type.String({ default: '', description: 'File with a client certificate (PEM).' }),
    key: Type.String({ default: '', description: 'File with the key of the client certificate (PEM).' }),
    verify: Type.Boolean({ default: true, description: 'Check the certificates of https nodes; false: anyone may be the node.' }),
    gzip: Type.Boolean({ default: true, description: 'Compress requests.' }),
    bulk_bytes: Type.Integer({
      default: 1048576,
      minimum: 4096,
      maximum: 104857600,
      description: 'Most bytes of a bulk request before compression; a single larger record makes one of its own.',
    }),
    bulk_documents: Type.Integer({
      default: 5000,
      minimum: 1,
      maximum: 100000,
      description: 'Most documents of a bulk request.',
    }),
    bulk_wait_ms: Type.Integer({
      default: 500,
      minimum: 0,
      maximum: 60000,
      description: 'A small bulk request is sent no sooner than this after the one before it, so that records can gather.',
    }),
    concurrency: Type.Integer({
      default: 4,
      minimum: 1,
      maximum: 64,
      description: 'Bulk requests under way at a time. A batch (`batch_bytes`) is dealt to them, so it should hold several.',
    }),
    request_timeout_secs: Type.Number({
      default: 30,
      minimum: 0.1,
      maximum: 3600,
      description: 'A request that has no answer after this time has failed.',
    }),
    item_retry_secs: Type.Number({
      default: 5,
      minimum: 0,
      maximum: 600,
      description:
        'Documents that the cluster cannot take now (429, 5xx) are sent again, with growing pauses, for this time; then their batch has failed and the `policy` decides.',
    }),
    dead_letters: Type.String({
      default: '',
      description:
        'File for documents that the cluster refuses for good, with its reason; relative paths are in the log directory; empty: `<name>-dead-letters.ndjson`.',
    }),
    dead_letter_max_bytes: Type.Integer({
      default: 104857600,
      minimum: 0,
      maximum: Number.MAX_SAFE_INTEGER,
      description: 'Size of that file; beyond, such documents are lost and counted.',
    }),
  },
  { additionalProperties: false },
);

export type Options = Readonly<Static<typeof optionsSchema>>;

/** The rules between keys. */
export function checkOptions(options: Options, common: CommonKeys): readonly ConfigProblem[] {
  const problems: ConfigProblem[] = [];
  const format = options.mode === 'arkime' ? 'arkime_bulk' : 'ecs';
  if (common.format !== format) problems.push(['format', `mode "${options.mode}" needs format = "${format}"`]);
  const homeless = options.mode === 'arkime' ? common.records.filter((type) => !arkimeRecords.includes(type)) : [];
  if (homeless.length > 0)
    problems.push(['records', `Arkime has no index for ${homeless.join(', ')}; only for session, stats, file`]);
  for (const node of options.nodes) {
    const problem = nodeProblem(node, options);
    if (problem !== undefined) problems.push(['nodes', problem]);
  }
  if (given(options, 'password', 'password_file') || given(options, 'api_key', 'api_key_file'))
    problems.push(['password_file', 'give a secret or a file with it, not both']);
  if (options.username !== '' && (options.api_key !== '' || options.api_key_file !== ''))
    problems.push(['username', 'give a user or an API key, not both']);
  if (given(options, 'ca', 'fingerprint')) problems.push(['fingerprint', 'give `ca` or `fingerprint`, not both']);
  if ((options.certificate === '') !== (options.key === ''))
    problems.push(['certificate', 'a client certificate and its key go together']);
  return problems;
}

function given(options: Options, one: keyof Options, other: keyof Options): boolean {
  return options[one] !== '' && options[other] !== '';
}

function nodeProblem(node: string, options: Options): string | undefined {
  const url = URL.parse(node);
  if (url === null || !/^https?:$/.test(url.protocol)) return `${node}: expected a URL as in https://es1.example.org:9200`;
  if (url.username !== '') return `${url.host}: the user belongs into username and password`;
  const secured = options.ca !== '' || options.fingerprint !== '';
  if (secured && url.protocol === 'http:') return `${node}: with ca or fingerprint the nodes are https`;
  return undefined;
}

/** Arkime's own rule: a prefix ends with an underscore; there may be none. */
export function arkimePrefix({ prefix }: Options): string {
  return prefix === '' || prefix.endsWith('_') ? prefix : `${prefix}_`;
}

/** The text of a file of the config; '' where none is named. Throws `RT_OUTPUT` when it cannot be read. */
export function fileText(directory: string, path: string): string {
  if (path === '') return '';
  try {
    return readFileSync(resolve(directory, path), 'utf8');
  } catch (cause) {
    throw new SensorError(errorCodes.output, (cause as Error).message, { cause });
  }
}
