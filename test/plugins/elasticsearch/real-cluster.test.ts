// The sensor against a real Elasticsearch and a real OpenSearch: set-up, records of both modes, and a kill -9 in mid-load. Skipped, with
// the reason, where there is no Java or the servers cannot be downloaded.

import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { datasets, runSensor, type SensorResult, startSensor, temporaryFolder } from '../../e2e/sensor.ts';
import { listedFiles } from '../capture-file.ts';
import { certificates, lackOfOpenssl } from './certificates.ts';
import { type Engine, SearchServer, secured } from './search-server.ts';
import { clusterRun } from './sensor-run.ts';

const golden = ['http', 'dns', 'tls'].flatMap((name) => ['-r', `test/golden/${name}.pcap`]);
const flows = 8000;

/** `db.pl init` in small: what this sensor writes to and asks for, with the types that matter. */
async function initArkime(server: SearchServer): Promise<void> {
  for (const name of ['sequence', 'stats', 'dstats', 'fields', 'files']) {
    const properties = name === 'files' ? { name: { type: 'keyword' }, num: { type: 'long' } } : {};
    const settings = { number_of_replicas: 0 };
    await server.ask('PUT', `/arkime_${name}_v30`, { settings, mappings: { properties }, aliases: { [`arkime_${name}`]: {} } });
  }
  await server.ask('PUT', '/_template/arkime_sessions3_template', {
    index_patterns: ['arkime_sessions3-*'],
    settings: { number_of_replicas: 0 },
    mappings: {
      _meta: { molochDbVersion: 86 },
      properties: { firstPacket: { type: 'date' }, source: { properties: { ip: { type: 'ip' } } } },
      dynamic_templates: [{ strings: { match_mapping_type: 'string', mapping: { type: 'keyword' } } }],
    },
  });
}

/** One server an engine, started for the first test that wants it. */
const servers = new Map<Engine, Promise<SearchServer | string>>();

after(async () => {
  for (const starting of servers.values()) {
    const server = await starting;
    if (typeof server !== 'string') server.remove();
  }
});

/** The server of an engine; undefined: the test is skipped with the reason. */
async function serverOf(context: TestContext, engine: Engine): Promise<SearchServer | undefined> {
  const starting = servers.get(engine) ?? SearchServer.start(engine);
  servers.set(engine, starting);
  const server = await starting;
  if (typeof server !== 'string') return server;
  context.skip(server);
  return undefined;
}

test('elasticsearch with TLS: a user with few rights, an authority, its fingerprint; nodes that are not believed get nothing', {
  skip: lackOfOpenssl,
}, async (context) => {
  const folder = temporaryFolder(context);
  const tls = certificates(folder);
  // Those of docs/elasticsearch.md.
  const streams = { names: ['logs-ringtap.*'], privileges: ['create_doc', 'auto_configure'] };
  const rights = { cluster: ['manage_index_templates'], indices: [streams] };
  const server = await SearchServer.start('elasticsearch', secured(tls, 'long-enough', rights));
  if (typeof server === 'string') {
    context.skip(server);
    return;
  }
  context.after(() => server.remove());
  const fingerprint = `fingerprint = "${new X509Certificate(tls.ca).fingerprint256}"`;
  const basics = [`nodes = ["${server.url}"]`, 'policy = "spill"', 'retry_max_secs = 0.2'];
  const run = async (...keys: string[]): Promise<SensorResult> => {
    const config = configIn(folder, [...basics, ...keys, '[workers]', 'stop_timeout_secs = 1']);
    return await runSensor(context, ...golden, '-c', config, '-l', folder);
  };
  const user = ['username = "sensor"', 'password = "long-enough"'];
  const authority = `ca = "${join(folder, 'ca.pem')}"`;
  const setUp = await runSensor(context, 'setup', 'elasticsearch', '-c', configIn(folder, [...basics, ...user, fingerprint]));
  assert.match(setUp.stdout, /index template ringtap made/, setUp.stderr);
  const strangers = await run(...user);
  assert.match(strangers.stderr, /the cluster is away[^\n]*certificate/);
  assert.match(strangers.stderr, /records stay in the disk queue/);
  const wrong = await run('username = "sensor"', 'password = "wrong"', authority);
  assert.match(wrong.stderr, /HTTP 401/);
  assert.equal((await run(...user, authority)).code, 0);
  const { code, stderr } = await run(...user, fingerprint);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /stay in the disk queue|refused/);
  const sessions = Number(/\bsession (\d+)/.exec(stderr)?.[1]);
  assert.equal(await server.count('logs-ringtap.session-default'), sessions);
});

for (const engine of ['elasticsearch', 'opensearch'] as const) {
  test(`${engine}, ecs: without its template the run does not start; set up, every record is in the stream of its type`, async (context) => {
    const server = await serverOf(context, engine);
    if (server === undefined) return;
    const folder = temporaryFolder(context);
    const config = configIn(folder, [`engine = "${engine}"`, `nodes = ["${server.url}"]`]);
    const early = await runSensor(context, ...golden, '-c', config, '-l', folder);
    assert.equal(early.code, 1);
    assert.match(
      early.stderr,
      /the cluster has no index template ringtap\n {2}hint: ringtap setup elasticsearch -c FILE makes it/,
    );
    const setUp = await runSensor(context, 'setup', 'elasticsearch', '-c', config);
    assert.match(setUp.stdout, /index template ringtap made, for logs-ringtap\.\*-default/, setUp.stderr);
    const { code, stderr } = await runSensor(context, ...golden, '-c', config, '-l', folder);
    assert.equal(code, 0, stderr);
    assert.match(stderr, /losses +none/);
    assert.doesNotMatch(stderr, /refused|another version/);
    const expected = datasets((await runSensor(context, ...golden, '--set', 'output.0.kind=stdout')).records);
    for (const [type, count] of Object.entries(expected))
      assert.equal(await server.count(`logs-ringtap.${type}-default`), count, type);
    const { hits } = await server.ask('POST', '/logs-ringtap.http-default/_search', {
      query: { term: { 'destination.ip': '198.51.100.0/24' } },
    });
    assert.ok(hits.total.value > 0);
    assert.match(hits.hits[0]._index, /^\.ds-logs-ringtap\.http-default-/);
    // The same again changes nothing: ids are made of the records' bytes.
    await runSensor(context, ...golden, '-c', config, '-l', folder);
    for (const [type, count] of Object.entries(expected))
      assert.equal(await server.count(`logs-ringtap.${type}-default`), count, type);
  });

  test(`${engine}, arkime: refused before db.pl init, then sessions under their prefix, fields and stats`, async (context) => {
    const server = await serverOf(context, engine);
    if (server === undefined) return;
    const folder = temporaryFolder(context);
    const keys = [
      `engine = "${engine}"`,
      `nodes = ["${server.url}"]`,
      'mode = "arkime"',
      'format = "arkime_bulk"',
      '[arkime]',
      'node = "sensor1"',
    ];
    const config = configIn(folder, keys);
    const early = await runSensor(context, ...golden, '-c', config, '-l', folder);
    assert.equal(early.code, 1);
    assert.match(
      early.stderr,
      /not prepared for Arkime: there is no template arkime_sessions3_template\n {2}hint: run Arkime's db\.pl/,
    );
    await initArkime(server);
    const { code, stderr } = await runSensor(context, ...golden, '-c', config, '-l', folder);
    assert.equal(code, 0, stderr);
    assert.doesNotMatch(stderr, /refused/);
    const sessions = Number(/\bsession (\d+)/.exec(stderr)?.[1]);
    assert.equal(await server.count('arkime_sessions3-*'), sessions);
    assert.ok((await server.count('arkime_fields')) > 50);
    const stats = await server.ask('GET', '/arkime_stats/_doc/sensor1');
    assert.equal(stats._source.nodeName, 'sensor1');
    const { hits } = await server.ask('POST', '/arkime_sessions3-*/_search', {
      query: { term: { 'source.ip': '192.0.2.0/24' } },
    });
    assert.ok(hits.hits.length > 0);
    const [{ _index: index, _id: id, _source: source }] = hits.hits;
    assert.equal(index, `arkime_sessions3-${id.split('-')[0]}`);
    assert.equal(source.node, 'sensor1');
    // Capture files get their numbers from the sequence, in one run after the other and whatever their folders.
    for (const [run, least] of [
      ['one', 101],
      ['two', 102],
    ] as const) {
      const stored = join(folder, run);
      const pcap = ['kind=pcap', `directories=["${stored}"]`].flatMap((setting) => ['--set', `output.1.${setting}`]);
      const kept = await runSensor(context, ...golden, '-c', config, '-l', folder, '-n', '1', ...pcap);
      assert.equal(kept.code, 0, kept.stderr);
      const numbers = [...listedFiles(stored).keys()];
      assert.ok(numbers.length > 0 && Math.min(...numbers) >= least, `${numbers}`);
      for (const number of numbers) {
        const file = await server.ask('GET', `/arkime_files/_doc/sensor1-${number}`);
        assert.ok(file._source.name.startsWith(stored), JSON.stringify(file));
      }
    }
    const sequence = await server.ask('GET', '/arkime_sequence/_doc/fn-sensor1');
    assert.ok(sequence._version >= 102 && sequence._version < 300);
  });

  test(`${engine}, kill -9 in mid-load: each session is there once`, async (context) => {
    const server = await serverOf(context, engine);
    if (server === undefined) return;
    const folder = temporaryFolder(context);
    await setUpSessions(context, folder, server, engine);
    const extra = `engine = "${engine}"
data_stream = "logs-ringtap.killed-default"
concurrency = 1
bulk_documents = 50`;
    const run = clusterRun(folder, server.url, flows, 120, extra);
    const sensor = startSensor(context, ['-r', run.pcap, '-c', run.config, '-l', folder]);
    while ((await server.written('logs-ringtap.killed-default')) < 200) await pause(20);
    server.kill();
    const lack = await server.run(engine);
    assert.equal(lack, undefined);
    const { code, stderr } = await sensor.result;
    assert.equal(code, 0, stderr);
    assert.match(stderr, /records go to the disk queue/);
    assert.match(stderr, /losses +none/);
    assert.equal(await server.count('logs-ringtap.killed-default'), run.sessions);
    const ids = { ids: { cardinality: { field: 'session.id', precision_threshold: 40_000 } } };
    const { aggregations } = await server.ask('POST', '/logs-ringtap.killed-default/_search?size=0', { aggs: ids });
    assert.ok(Math.abs(aggregations.ids.value - run.sessions) < run.sessions / 100);
  });
}

function configIn(folder: string, keys: readonly string[]): string {
  const path = join(folder, 'cluster.toml');
  writeFileSync(path, `[[output]]\nkind = "elasticsearch"\nbulk_wait_ms = 0\n${keys.join('\n')}\n`);
  return path;
}

async function setUpSessions(context: TestContext, folder: string, server: SearchServer, engine: Engine): Promise<void> {
  const config = configIn(folder, [`engine = "${engine}"`, `nodes = ["${server.url}"]`]);
  assert.equal((await runSensor(context, 'setup', 'elasticsearch', '-c', config)).code, 0);
}
