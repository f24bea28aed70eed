// The elasticsearch output under test, without rings and threads, and the cluster double that it writes to.

import type { TestContext } from 'node:test';
import type { TObject } from 'typebox';
import { Value } from 'typebox/value';
import plugin from '../../../plugins/output-elasticsearch/index.ts';
import type { Output, OutputContext, SensorFacts } from '../../../src/plugin/index.ts';
import { temporaryFolder } from '../../e2e/sensor.ts';
import { ClusterDouble, type DoubleOptions } from './cluster-double.ts';

export const sensor: SensorFacts = {
  node: 'sensor1',
  fields: [
    { name: '@timestamp', type: 'date', many: false, meaning: 'Time.', records: ['session'] },
    { name: 'source.ip', type: 'ip', many: false, meaning: 'Address.', records: ['session'] },
    { name: 'http.request.method', type: 'keyword', many: false, meaning: 'Method.', records: ['http'] },
    { name: 'stats.counters', type: 'object', many: false, meaning: 'Counters.', records: ['stats'] },
  ],
  noted: [
    {
      name: 'ssh.hassh_server',
      type: 'keyword',
      many: true,
      meaning: 'Fingerprint of the server.',
      arkime: { path: 'ssh.hasshServer', expression: 'ssh.hasshServer', kind: 'lotermfield', count: 'Cnt' },
    },
    { name: 'ssh.other', type: 'keyword', many: true, meaning: 'Not for Arkime.' },
  ],
};

type Changes = Readonly<Record<string, unknown>>;

export function optionsOf(changes: Changes): never {
  return { ...(Value.Create(plugin.config as TObject) as object), bulk_wait_ms: 0, ...changes } as never;
}

export interface OutputUnderTest {
  readonly output: Required<Pick<Output, 'start' | 'write' | 'stop'>>;
  readonly counts: Record<string, number>;
  readonly log: string[];
  readonly folder: string;
}

export function contextIn(folder: string): OutputContext & { readonly counts: Record<string, number>; readonly lines: string[] } {
  const counts: Record<string, number> = {};
  const lines: string[] = [];
  const at = (level: string) => (message: string) => void lines.push(`${level} ${message}`);
  return {
    name: 'es',
    directory: folder,
    sensor,
    log: { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') },
    count: (name, by = 1) => {
      counts[name] = (counts[name] ?? 0) + by;
    },
    counts,
    lines,
  };
}

export function outputOf(context: TestContext, changes: Changes): OutputUnderTest {
  const folder = temporaryFolder(context);
  const outputContext = contextIn(folder);
  const output = plugin.create(outputContext, optionsOf(changes)) as OutputUnderTest['output'];
  context.after(() => output.stop(1000));
  return { output, counts: outputContext.counts, log: outputContext.lines, folder };
}

/** A cluster with the index template of mode ecs. */
export async function doubleOf(
  context: TestContext,
  options: DoubleOptions = {},
): Promise<{ cluster: ClusterDouble; url: string }> {
  const cluster = new ClusterDouble(options);
  cluster.resources.set('/_index_template/ringtap', {});
  const url = await cluster.listen();
  context.after(() => cluster.close());
  return { cluster, url };
}

/** What `db.pl init` leaves. */
export function prepareArkime(cluster: ClusterDouble, version = 86): void {
  cluster.resources.set('/_template/arkime_sessions3_template', {
    arkime_sessions3_template: { mappings: { _meta: { molochDbVersion: version } } },
  });
  for (const name of ['sequence', 'files', 'stats', 'dstats', 'fields']) cluster.resources.set(`arkime_${name}`, {});
}
