// The elasticsearch output in mode ecs against a double of a cluster that does what clusters do: every record is accounted for.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { temporaryFolder } from '../../e2e/sensor.ts';
import { batchOf, lines } from '../kit.ts';
import { certificates, lackOfOpenssl } from './certificates.ts';
import type { Mishap } from './cluster-double.ts';
import { doubleOf, outputOf } from './output-kit.ts';

const sessions = (count: number, from = 0): string[] =>
  Array.from({ length: count }, (_, index) => JSON.stringify({ '@timestamp': '2026-01-01T00:00:00Z', n: from + index }));

const numbersOf = (documents: readonly { readonly source: Record<string, unknown> }[]): number[] =>
  documents.map(({ source }) => source.n as number).sort((a, b) => a - b);

const upTo = (count: number): number[] => Array.from({ length: count }, (_, index) => index);

test('records go to the data streams of their types, in bulks within the bounds, some at a time, compressed', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts } = outputOf(context, { nodes: [url], bulk_documents: 7, concurrency: 3, bulk_bytes: 4096 });
  await output.start();
  cluster.mishaps.push(...upTo(3).map((): Mishap => ({ kind: 'slow', ms: 300 })));
  await output.write(batchOf(...sessions(100).map((text, index) => [index % 2 === 0 ? 'session' : 'http', text] as const)));
  assert.equal(cluster.of('logs-ringtap.session-default/').length, 50);
  assert.equal(cluster.of('logs-ringtap.http-default/').length, 50);
  assert.ok(cluster.bulks.every(({ items }) => items <= 7));
  assert.equal(cluster.mostAtOnce, 3);
  assert.ok(cluster.bulks.some(({ gzip }) => gzip));
  assert.deepEqual(counts, { indexed_documents: 100, existing_documents: 0 });
  const large = JSON.stringify({ n: 100, text: 'x'.repeat(10_000) });
  await output.write(lines(...sessions(2, 101), large, ...sessions(2, 103)));
  assert.deepEqual(
    cluster.bulks
      .slice(-3)
      .map(({ items }) => items)
      .sort(),
    [1, 2, 2],
  );
});

test('a batch that comes again is there once, whatever became of the first time', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts } = outputOf(context, { nodes: [url], bulk_documents: 10, concurrency: 2 });
  await output.start();
  cluster.mishaps.push({ kind: 'cut', taken: true }, { kind: 'cut', taken: false });
  await assert.rejects(output.write(lines(...sessions(40))));
  assert.deepEqual(counts, {});
  await output.write(lines(...sessions(40)));
  assert.deepEqual(numbersOf(cluster.of('logs-')), upTo(40));
  assert.equal((counts.indexed_documents ?? 0) + (counts.existing_documents ?? 0), 40);
  assert.ok((counts.existing_documents ?? 0) >= 10);
});

test('items that the cluster cannot take now are sent again alone; faulty ones become dead letters', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts, folder } = outputOf(context, { nodes: [url] });
  await output.start();
  cluster.itemError = ({ n }, attempt) => {
    if ((n as number) % 10 === 3 && attempt < 3) return { status: 429, type: 'es_rejected_execution_exception' };
    if ((n as number) % 10 === 4 && attempt < 2) return { status: 503, type: 'unavailable_shards_exception' };
    if ((n as number) % 10 === 6 && attempt < 2) return { status: 403, type: 'cluster_block_exception' };
    return (n as number) % 10 === 5 ? { status: 400, type: 'document_parsing_exception' } : undefined;
  };
  await output.write(lines(...sessions(100)));
  assert.deepEqual(
    numbersOf(cluster.of('logs-')),
    upTo(100).filter((n) => n % 10 !== 5),
  );
  assert.deepEqual(
    cluster.bulks.map(({ items }) => items),
    [100, 30, 10],
  );
  assert.deepEqual(counts, { indexed_documents: 90, existing_documents: 0, refused_documents: 10, retried_documents: 40 });
  const letters = readFileSync(join(folder, 'es-dead-letters.ndjson'), 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    numbersOf(letters.map(({ document }) => ({ source: document }))),
    upTo(10).map((n) => n * 10 + 5),
  );
  assert.deepEqual([letters[0].status, letters[0].error], [400, { type: 'document_parsing_exception', reason: 'told to' }]);
  assert.equal(letters[0].action.create._index, 'logs-ringtap.session-default');
});

test('a full file of dead letters makes losses that are counted', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts } = outputOf(context, { nodes: [url], dead_letter_max_bytes: 1000 });
  await output.start();
  cluster.itemError = () => ({ status: 400, type: 'no' });
  await output.write(lines(...sessions(20)));
  const { refused_documents: kept = 0, lost_documents: lost = 0 } = counts;
  assert.ok(kept > 0 && lost > 0);
  assert.equal(kept + lost, 20);
});

test('a cluster that stays overloaded or away makes the batch fail, with nothing counted and no dead letters', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts, folder } = outputOf(context, { nodes: [url], item_retry_secs: 0.3, request_timeout_secs: 0.2 });
  await output.start();
  const overloaded: Mishap[] = upTo(20).map(() => ({ kind: 'status', status: 429 }));
  cluster.mishaps.push(...overloaded);
  await assert.rejects(output.write(lines(...sessions(3))), /3 documents were not taken: HTTP 429/);
  cluster.mishaps.length = 0;
  for (const [mishap, message] of [
    [{ kind: 'slow', ms: 1000 }, /timed out/i],
    [{ kind: 'cut', taken: false }, /./],
    [{ kind: 'status', status: 401 }, /HTTP 401/],
  ] as const) {
    cluster.mishaps.push(mishap);
    await assert.rejects(output.write(lines(...sessions(3))), message);
  }
  delete counts.retried_documents;
  assert.deepEqual(counts, {});
  assert.equal(existsSync(join(folder, 'es-dead-letters.ndjson')), false);
  await output.write(lines(...sessions(3)));
  assert.deepEqual(numbersOf(cluster.of('logs-')), upTo(3));
});

test('a request too large for the cluster is halved until it fits; a single such document is a dead letter', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output, counts } = outputOf(context, { nodes: [url] });
  await output.start();
  cluster.maxBulkBytes = 600;
  await output.write(lines(...sessions(20), JSON.stringify({ n: 20, text: 'x'.repeat(1000) })));
  assert.deepEqual(numbersOf(cluster.of('logs-')), upTo(20));
  assert.deepEqual([counts.indexed_documents, counts.refused_documents], [20, 1]);
});

test('few records wait for more, many do not', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output } = outputOf(context, { nodes: [url], bulk_wait_ms: 200, bulk_bytes: 4096 });
  await output.start();
  const startMs = performance.now();
  await output.write(lines(...sessions(1)));
  const many = sessions(100, 1);
  await output.write(lines(...many));
  const betweenMs = performance.now() - startMs;
  await output.write(lines(...sessions(1, 101)));
  assert.ok(betweenMs < 190, `${betweenMs}`);
  assert.ok(performance.now() - startMs >= 190);
  assert.equal(cluster.of('logs-').length, 102);
});

test('without its index template the run does not start; with a cluster that is away it does, and looks when that is back', async (context) => {
  const { cluster, url } = await doubleOf(context);
  cluster.resources.clear();
  const { output } = outputOf(context, { nodes: [url] });
  await assert.rejects(output.start(), {
    code: 'RT_OUTPUT',
    message: 'the cluster has no index template ringtap',
    hint: 'ringtap setup elasticsearch -c FILE makes it',
  });
  const away = outputOf(context, { nodes: ['http://127.0.0.1:9'] });
  await away.output.start();
  assert.match(away.log.join('\n'), /the cluster is away, records wait for it/);
  await assert.rejects(away.output.write(lines('{}')), { code: 'RT_OUTPUT' });
});

test('several nodes: those that do not answer are passed over', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const { output } = outputOf(context, { nodes: ['http://127.0.0.1:9', url, 'http://127.0.0.1:19'] });
  await output.start();
  for (const n of upTo(6)) await output.write(lines(...sessions(5, n * 5)));
  assert.deepEqual(numbersOf(cluster.of('logs-')), upTo(30));
});

test('users and API keys, of the config or of files', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const folder = temporaryFolder(context);
  execFileSync('sh', ['-c', 'echo c2VjcmV0OmtleQ== > key; echo pass > password'], { cwd: folder });
  const basic = `Basic ${Buffer.from('user:pass').toString('base64')}`;
  for (const engine of ['elasticsearch', 'opensearch']) {
    for (const [changes, authorization] of [
      [{ username: 'user', password: 'pass' }, basic],
      [{ username: 'user', password_file: join(folder, 'password') }, basic],
      [{ api_key: 'c2VjcmV0OmtleQ==' }, 'ApiKey c2VjcmV0OmtleQ=='],
      [{ api_key_file: join(folder, 'key') }, 'ApiKey c2VjcmV0OmtleQ=='],
    ] as const) {
      const { output } = outputOf(context, { nodes: [url], engine, ...changes });
      await output.write(lines('{}'));
      assert.equal(cluster.bulks.at(-1)?.authorization, authorization);
    }
  }
  assert.throws(() => outputOf(context, { nodes: [url], api_key_file: 'nowhere' }), { code: 'RT_OUTPUT', message: /nowhere/ });
});

test('https: an authority, the fingerprint of one, or nobody to be believed', { skip: lackOfOpenssl }, async (context) => {
  const folder = temporaryFolder(context);
  const { ca, cert, key } = certificates(folder);
  const { cluster, url } = await doubleOf(context, { tls: { cert, key } });
  const fingerprint = new X509Certificate(ca).fingerprint256;
  const wrong = fingerprint.replace(/^../, (digits) => (digits === '00' ? '11' : '00'));
  for (const engine of ['elasticsearch', 'opensearch']) {
    for (const [changes, works] of [
      [{ ca: join(folder, 'ca.pem') }, true],
      [{ fingerprint }, true],
      [{ fingerprint: fingerprint.replaceAll(':', '').toLowerCase() }, true],
      [{ verify: false }, true],
      [{ fingerprint: wrong }, false],
      [{}, false],
    ] as const) {
      const { output } = outputOf(context, { nodes: [url], engine, ...changes });
      const before = cluster.bulks.length;
      if (works) await output.write(lines('{}'));
      else await assert.rejects(output.write(lines('{}')), { code: 'RT_OUTPUT' });
      assert.equal(cluster.bulks.length, before + (works ? 1 : 0), JSON.stringify(changes));
    }
  }
});

test('a server that is not Elasticsearch is told from one that is; the other client takes it', async (context) => {
  const { cluster, url } = await doubleOf(context, { product: false });
  await assert.rejects(outputOf(context, { nodes: [url] }).output.write(lines('{}')), /set engine = "opensearch"/);
  const { output } = outputOf(context, { nodes: [url], engine: 'opensearch' });
  cluster.itemError = (_, attempt) => (attempt === 1 ? { status: 429, type: 'rejected' } : undefined);
  await output.write(lines(...sessions(10)));
  assert.deepEqual(numbersOf(cluster.of('logs-')), upTo(10));
});

test('a record of another mode, left in the disk queue by an earlier config, is a dead letter', async (context) => {
  const { url } = await doubleOf(context);
  const { output, counts } = outputOf(context, { nodes: [url] });
  await output.write(lines('{"index":{"_index":"sessions3-1"}}\n{"a":1}', '{"n":1}'));
  assert.deepEqual([counts.indexed_documents, counts.refused_documents], [1, 1]);
});
