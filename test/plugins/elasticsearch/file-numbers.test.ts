// Numbers of capture files that a cluster counts: what is asked of it, what is kept on disk for when it is away, and whole runs of
// sensors of one name, none of which ever has a number of another.

import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import plugin from '../../../plugins/output-elasticsearch/index.ts';
import { LastNumber } from '../../../plugins/output-pcap/last-number.ts';
import { ReservedNumbers } from '../../../plugins/output-pcap/reserved-numbers.ts';
import type { NumberSource } from '../../../src/plugin/index.ts';
import { writeTrace } from '../../../tools/traces/index.ts';
import { runSensor, temporaryFolder } from '../../e2e/sensor.ts';
import { listedFiles, packetsOf } from '../capture-file.ts';
import { ClusterDouble } from './cluster-double.ts';
import { contextIn, doubleOf, optionsOf, prepareArkime } from './output-kit.ts';

function sequenceOf(context: TestContext, url: string, node: string): NumberSource {
  const options = optionsOf({ nodes: [url], mode: 'arkime', prefix: 'arkime' });
  const source = plugin.fileNumbers?.(contextIn(temporaryFolder(context)), options, node);
  assert.ok(source !== undefined);
  context.after(() => source.close());
  return source;
}

test('mode ecs counts no files', (context) => {
  assert.equal(plugin.fileNumbers?.(contextIn(temporaryFolder(context)), optionsOf({}), 'n'), undefined);
});

test('the sequence: begins at 101 as Arkime does, goes up with every number, is raised to what is taken', async (context) => {
  const { cluster, url } = await doubleOf(context);
  const source = sequenceOf(context, url, 'a/b');
  await assert.rejects(source.reserve(1, 0), /no such index/);
  assert.equal(cluster.documents.size, 0);
  prepareArkime(cluster);
  assert.deepEqual(await source.reserve(3, 0), [101, 102, 103]);
  assert.deepEqual(await sequenceOf(context, url, 'a/b').reserve(2, 0), [104, 105]);
  assert.deepEqual(await sequenceOf(context, url, 'other').reserve(1, 0), [101]);
  // Files of the node have had higher numbers: the cluster was made anew.
  assert.deepEqual(await source.reserve(2, 500), [501, 502]);
  assert.equal(cluster.documents.get('arkime_sequence/fn-a/b')?.version, 502);
  cluster.itemError = () => ({ status: 429, type: 'busy' });
  await assert.rejects(source.reserve(2, 0), /cannot be written now/);
  cluster.mishaps.push({ kind: 'status', status: 503 });
  await assert.rejects(source.reserve(2, 0), /HTTP 503/);
});

class Counter implements NumberSource {
  readonly id: string;
  isAway = false;
  #number = 100;

  constructor(id = 'one') {
    this.id = id;
  }

  async reserve(count: number, above: number): Promise<number[]> {
    await pause(1);
    if (this.isAway) throw new Error('away');
    this.#number = Math.max(this.#number, above);
    return Array.from({ length: count }, () => ++this.#number);
  }

  async close(): Promise<void> {}
}

test('numbers are kept for when the cluster is away, and no run has a number of another', async (context) => {
  const folder = temporaryFolder(context);
  const source = new Counter();
  let kept = 0;
  const numbersOf = (from: NumberSource, least = 0): ReservedNumbers =>
    new ReservedNumbers({
      folder,
      node: 'n',
      last: new LastNumber(folder, 'n', least),
      source: from,
      most: 4,
      changed: (by) => {
        kept += by;
      },
    });
  const first = numbersOf(source);
  assert.equal(await first.next(), 101);
  assert.equal(kept, 3);
  const second = numbersOf(source);
  const given = await Promise.all([first, second, first, second, first, second, first].map((numbers) => numbers.next()));
  assert.equal(new Set(given).size, given.length);
  await Promise.all([first.close(), second.close()]);
  source.isAway = true;
  // Those runs were killed; another goes on with what they left.
  const third = numbersOf(source);
  for (;;) {
    const number = await third.next().catch(() => undefined);
    if (number === undefined) break;
    given.push(number);
  }
  assert.ok(given.length > 7);
  assert.equal(new Set(given).size, given.length);
  await assert.rejects(third.next(), /away/);
  source.isAway = false;
  given.push(await third.next());
  assert.equal(new Set(given).size, given.length);
  // Another cluster knows nothing of those: it is told, and what the first has given stays where it is.
  const most = Math.max(...given);
  assert.equal(await numbersOf(new Counter('two')).next(), most + 1);
  assert.deepEqual(readdirSync(join(folder, 'n.number')), [`${most + 1}`]);
  assert.ok((await numbersOf(source).next()) > most + 1);
});

/** A run that stores packets and writes sessions to the cluster. Returns the numbers and the paths of its files. */
async function store(context: TestContext, folder: string, url: string, input: string, own = ''): Promise<Map<number, string>> {
  const config = join(folder, 'config.toml');
  const before = new Set(numbersIn(folder).keys());
  writeFileSync(
    config,
    `[[output]]
kind = "elasticsearch"
mode = "arkime"
format = "arkime_bulk"
nodes = ["${url}"]
policy = "spill"
retry_max_secs = 0.2
bulk_wait_ms = 0
[[output]]
kind = "pcap"
${own}
[arkime]
node = "sensor1"
[workers]
packet = 1
stop_timeout_secs = 1
`,
  );
  const { code, stderr } = await runSensor(context, '-r', input, '-c', config, '-l', folder);
  assert.equal(code, 0, stderr);
  assert.doesNotMatch(stderr, /kept frames/);
  return new Map([...numbersIn(folder)].filter(([number]) => !before.has(number)));
}

function numbersIn(folder: string): Map<number, string> {
  try {
    return new Map([...listedFiles(join(folder, 'pcap')).values()].map(({ number, path }) => [number, path]));
  } catch {
    return new Map();
  }
}

test('sensors of one name, one after another and together, share the numbers of the cluster; away, they have those kept', async (context) => {
  const { cluster, url } = await doubleOf(context);
  prepareArkime(cluster);
  const [one, two] = [temporaryFolder(context), temporaryFolder(context)];
  const input = join(one, 'in.pcap');
  writeTrace('http', input, 60);
  const rotating = 'rotate_bytes = 30000\nreserved_numbers = 4';
  const runs = await Promise.all([store(context, one, url, input, rotating), store(context, two, url, input, rotating)]);
  runs.push(await store(context, one, url, input, rotating));
  const numbers = runs.flatMap((run) => [...run.keys()]);
  assert.ok(numbers.length >= 6 && Math.min(...numbers) > 100, `${numbers}`);
  assert.equal(new Set(numbers).size, numbers.length);
  for (const [number, path] of runs.flatMap((run) => [...run]))
    assert.equal(cluster.documents.get(`arkime_files/sensor1-${number}`)?.source.name, path);
  const left = readdirSync(join(one, 'pcap')).find((name) => name.startsWith('sensor1.numbers-')) as string;
  const kept = readdirSync(join(one, 'pcap', left)).length;
  assert.ok(kept >= 2, `${kept}`);
  await cluster.close();
  const away = await store(context, one, url, input, rotating.replace('30000', '5000'));
  // The last file goes on beyond its size.
  assert.equal(away.size, kept);
  assert.equal(new Set([...numbers, ...away.keys()]).size, numbers.length + away.size);
  assert.deepEqual(
    [...away.values()].flatMap((path) => packetsOf(readFileSync(path))),
    packetsOf(readFileSync(input)),
  );
});

test('without any number a run over files waits for the cluster', async (context) => {
  const { cluster, url } = await doubleOf(context);
  await cluster.close();
  const folder = temporaryFolder(context);
  const input = join(folder, 'in.pcap');
  writeTrace('http', input, 20);
  const run = store(context, folder, url, input);
  await pause(2500);
  const back = new ClusterDouble();
  prepareArkime(back);
  await back.listen(Number(new URL(url).port));
  context.after(() => back.close());
  const files = await run;
  assert.deepEqual([...files.keys()], [101]);
  assert.deepEqual(packetsOf(readFileSync(files.get(101) as string)), packetsOf(readFileSync(input)));
});
