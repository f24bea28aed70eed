// `ringtap setup elasticsearch` against a double, and what the config of the output is checked for.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { checkOptions } from '../../../plugins/output-elasticsearch/options.ts';
import { setUp } from '../../../plugins/output-elasticsearch/setup.ts';
import { runSensor, temporaryFolder } from '../../e2e/sensor.ts';
import { contextIn, doubleOf, optionsOf, prepareArkime } from './output-kit.ts';

test('the template has each field with its type; a policy that is there stays', async (context) => {
  const { cluster, url } = await doubleOf(context);
  cluster.resources.clear();
  const outputContext = contextIn(temporaryFolder(context));
  const options = optionsOf({ nodes: [url], retention_days: 7, rollover_bytes: 1048576 });
  assert.deepEqual(await setUp(outputContext, options, false), [
    'policy ringtap made',
    'index template ringtap made, for logs-ringtap.*-default',
  ]);
  assert.deepEqual(cluster.resources.get('/_ilm/policy/ringtap'), {
    policy: {
      phases: {
        hot: { actions: { rollover: { max_primary_shard_size: '1048576b', max_age: '30d' } } },
        delete: { min_age: '7d', actions: { delete: {} } },
      },
    },
  });
  const { index_patterns, data_stream, template } = cluster.resources.get('/_index_template/ringtap') as Record<string, unknown>;
  assert.deepEqual([index_patterns, data_stream], [['logs-ringtap.*-default'], {}]);
  const { settings, mappings } = template as { settings: { index: object }; mappings: { properties: object } };
  assert.deepEqual((settings.index as { lifecycle: object }).lifecycle, { name: 'ringtap' });
  const keyword = { type: 'keyword', ignore_above: 8191 };
  assert.deepEqual(mappings.properties, {
    '@timestamp': { type: 'date' },
    source: { properties: { ip: { type: 'ip' } } },
    http: { properties: { request: { properties: { method: keyword } } } },
    stats: { properties: { counters: { type: 'object', dynamic: true } } },
  });
  assert.match((await setUp(outputContext, options, false))[0] ?? '', /is there already and stays/);
});

test('a dry run asks nobody', async (context) => {
  const outputContext = contextIn(temporaryFolder(context));
  const nowhere = { nodes: ['http://127.0.0.1:9'] };
  const [policy = '', template = ''] = await setUp(outputContext, optionsOf(nowhere), true);
  assert.match(policy, /^PUT \/_ilm\/policy\/ringtap\n\{/);
  assert.match(template, /^PUT \/_index_template\/ringtap\n\{/);
  const [open = ''] = await setUp(outputContext, optionsOf({ ...nowhere, engine: 'opensearch' }), true);
  assert.match(open, /^PUT \/_plugins\/_ism\/policies\/ringtap\n\{/);
  assert.match((await setUp(outputContext, optionsOf({ mode: 'arkime' }), true))[0] ?? '', /db\.pl .* init/);
  await assert.rejects(setUp(outputContext, optionsOf(nowhere), false), { code: 'RT_OUTPUT', message: /ECONNREFUSED/ });
});

test("in mode arkime it adds the fields, once Arkime's own set-up has run", async (context) => {
  const { cluster, url } = await doubleOf(context);
  const outputContext = contextIn(temporaryFolder(context));
  const options = optionsOf({ nodes: [url], mode: 'arkime' });
  await assert.rejects(setUp(outputContext, options, false), { message: /not prepared for Arkime/ });
  prepareArkime(cluster);
  await setUp(outputContext, options, false);
  assert.ok(cluster.documents.has('arkime_fields/ssh.hasshServer'));
});

test('keys that do not go together', () => {
  const common = { format: 'ecs', records: [], policy: 'spill' };
  const keys = (changes: object, own = common): string[] => checkOptions(optionsOf(changes as never), own).map(([key]) => key);
  assert.deepEqual(keys({}), []);
  assert.deepEqual(keys({ mode: 'arkime' }), ['format']);
  assert.deepEqual(keys({}, { ...common, format: 'arkime' }), ['format']);
  assert.deepEqual(keys({ mode: 'arkime' }, { ...common, format: 'arkime_bulk', records: ['session', 'http'] as never }), [
    'records',
  ]);
  assert.deepEqual(keys({ nodes: ['es1:9200', 'ftp://es', 'https://me:secret@es'] }), ['nodes', 'nodes', 'nodes']);
  assert.deepEqual(keys({ fingerprint: 'aa' }), ['nodes']);
  assert.deepEqual(keys({ nodes: ['https://es'], fingerprint: 'aa', ca: 'ca.pem' }), ['fingerprint']);
  assert.deepEqual(keys({ username: 'a', password: 'b', api_key: 'c' }), ['username']);
  assert.deepEqual(keys({ api_key: 'c', api_key_file: 'c' }), ['password_file']);
  assert.deepEqual(keys({ certificate: 'a.pem' }), ['certificate']);
});

test('on the command line: what is wrong has its key, and the registry makes the template', async (context) => {
  const set = (...settings: string[]): string[] =>
    ['output.0.kind=elasticsearch', ...settings].flatMap((setting) => ['--set', setting]);
  const wrong = await runSensor(context, 'check', ...set('output.0.mode=arkime'));
  assert.equal(wrong.code, 2);
  assert.match(wrong.stderr, /output\[0\]\.format: mode "arkime" needs format = "arkime_bulk"/);
  const { code, stdout } = await runSensor(context, 'setup', 'elasticsearch', '--print', ...set());
  assert.equal(code, 0);
  const template = JSON.parse(stdout.slice(stdout.indexOf('\n', stdout.indexOf('PUT /_index_template')) + 1));
  assert.equal(template.template.mappings.properties.dns.properties.question.properties.name.type, 'keyword');
  const none = await runSensor(context, 'setup', 'elasticsearch', '--set', 'output.0.kind=stdout', '-l', join('/tmp'));
  assert.equal(none.code, 2);
  assert.match(none.stderr, /there is no \[\[output\]\] with kind = "elasticsearch"/);
});
