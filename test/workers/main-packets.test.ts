// The packet worker that needs no thread: which runs have it, that it makes the records of one on a thread, and that nothing hangs
// or is lost uncounted when its output is slow, when it dies and when the run is cut short.

import assert from 'node:assert/strict';
import { copyFileSync, readFileSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import fileOutput from '../../plugins/output-file/index.ts';
import { errorCodes } from '../../src/errors.ts';
import type { Batch, Output } from '../../src/plugin/index.ts';
import { type RuleDefinition, readRuleFiles } from '../../src/rules/index.ts';
import type { PacketThread } from '../../src/workers/thread.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { recordsOf, type SensorRecord, startSensor, temporaryFolder } from '../e2e/sensor.ts';
import { writeRules } from '../rules/kit.ts';
import { endOf, light, threadsStarted } from './light-output.ts';
import { createRun, loadFixture, type RunUnderTest } from './run.ts';

const golden = (name: string): string => fileURLToPath(new URL(`../golden/${name}.pcap`, import.meta.url));
/** The smallest ring that a config may ask for: a few hundred records. */
const smallRing = 1 << 18;

interface Options {
  readonly workers?: Readonly<Record<string, unknown>>;
  readonly output?: Readonly<Record<string, unknown>>;
  readonly admin?: Readonly<Record<string, unknown>>;
  readonly rules?: readonly RuleDefinition[];
}

async function runOf(context: TestContext, path: string, output: Output, options: Options = {}): Promise<RunUnderTest> {
  return await createRun(
    context,
    {
      source: [{ kind: 'file', paths: [path], checksums: 'none' }],
      workers: { packet: 1, ...options.workers },
      output: [{ kind: 'light', ring_bytes: smallRing, ...options.output }],
      admin: options.admin ?? {},
    },
    [light(() => output)],
    temporaryFolder(context),
    options.rules,
  );
}

function traceOf(context: TestContext, sessions: number): { readonly path: string; readonly packets: number } {
  const path = join(temporaryFolder(context), 'small.pcap');
  return { path, packets: writeTrace('small', path, sessions).packets as number };
}

/** Keeps records; once `hold` was called none until `release` is. */
class Gate implements Output {
  readonly records: SensorRecord[] = [];
  #open = Promise.resolve();
  #release = (): void => {};

  hold(): void {
    ({ promise: this.#open, resolve: this.#release } = Promise.withResolvers<void>());
  }

  release(): void {
    this.#release();
  }

  async write(batch: Batch): Promise<void> {
    await this.#open;
    for (let index = 0; index < batch.count; index++) this.records.push(...recordsOf(batch.record(index).toString()));
  }
}

/** Its output stands still from the start, and it waits for that. */
async function heldBack(context: TestContext, path: string, options: Options = {}): Promise<{ run: RunUnderTest; gate: Gate }> {
  const gate = new Gate();
  gate.hold();
  const run = await runOf(context, path, gate, options);
  await run.supervisor.start();
  await run.until(() => run.total('output_ring', 'waits') > 0);
  return { run, gate };
}

const packetWorkerOf = ({ supervisor }: RunUnderTest): PacketThread =>
  supervisor.threads().find(({ name }) => name === 'packet-0') as PacketThread;

const idsOf = (records: readonly SensorRecord[]): Set<string> => new Set(records.map(({ session }) => session.id));

/** Every session came once, and nothing was lost. */
function assertComplete(run: RunUnderTest, records: readonly SensorRecord[], sessions: number): void {
  assert.equal(records.length, sessions);
  assert.equal(idsOf(records).size, sessions);
  assert.deepEqual([run.packets().balanced, run.packets().droppedTotal], [true, 0]);
  assert.deepEqual([run.records().balanced, run.records().droppedTotal], [true, 0]);
}

test('one packet worker over files with light outputs has no thread, all others have', async (context) => {
  const started = threadsStarted(context);
  const { path } = traceOf(context, 10);
  const startedBy = async (options: Options): Promise<readonly string[]> => {
    await endOf(await runOf(context, path, new Gate(), options));
    return started.splice(0);
  };
  assert.deepEqual(await startedBy({}), []);
  assert.deepEqual(await startedBy({ workers: { packet: 2 } }), ['packet-0', 'packet-1']);
  assert.deepEqual(await startedBy({ workers: { cpus: [0] } }), ['packet-0']);
  assert.deepEqual(await startedBy({ output: { policy: 'drop' } }), ['packet-0']);
  const large = join(temporaryFolder(context), 'large.pcap');
  copyFileSync(path, large);
  truncateSync(large, (128 << 20) + 1);
  const long = await runOf(context, large, new Gate());
  await long.supervisor.start();
  long.supervisor.abort();
  await long.supervisor.finished;
  assert.deepEqual(started.splice(0), ['packet-0']);
  const other = await loadFixture('refusing-output');
  const raw = {
    source: [{ kind: 'file', paths: [path], checksums: 'none' }],
    workers: { packet: 1 },
    output: [
      { kind: 'file', path: 'records.ndjson' },
      { kind: 'refusing', folder: '/nowhere' },
    ],
  };
  const plugins = [{ plugin: fileOutput, url: 'ringtap-test:none' }, other];
  const run = await createRun(context, raw, plugins, temporaryFolder(context));
  await run.supervisor.start();
  run.supervisor.abort();
  await run.supervisor.finished;
  assert.deepEqual(started, ['output-refusing', 'packet-0']);
});

for (const name of ['databases', 'dns', 'http', 'mail', 'sessions', 'tls', 'tunnels', 'windows']) {
  test(`its records are those of a worker on a thread: ${name}`, async (context) => {
    const textsOf = async (workers: Readonly<Record<string, unknown>>): Promise<string[]> => {
      const gate = new Gate();
      const run = await runOf(context, golden(name), gate, { workers });
      await endOf(run);
      assert.equal(run.packets().balanced, true);
      return gate.records.map((record) => JSON.stringify({ ...record, event: { ...record.event, ingested: undefined } })).sort();
    };
    const texts = await textsOf({});
    assert.ok(texts.length > 0);
    assert.deepEqual(texts, await textsOf({ cpus: [0] }));
  });
}

test('to who asks it is a thread like others, and its pauses are counted', async (context) => {
  const { path } = traceOf(context, 1000);
  const run = await runOf(context, path, new Gate(), { admin: { enabled: true } });
  assert.deepEqual(run.supervisor.status()[1], { name: 'packet-0', state: 'starting', restarts: 0 });
  await endOf(run);
  assert.deepEqual(run.supervisor.status()[1], { name: 'packet-0', state: 'done', restarts: 0 });
  const counted = run.supervisor.counters.snapshot().filter(({ set, name }) => set === 'thread' && name === 'gc_pauses');
  assert.ok(counted.some(({ labels }) => labels.thread === 'packet-0'));
});

test('an output that stands still holds it back, also at the end of all sessions, and its ring is used from the beginning again', async (context) => {
  const { path, packets } = traceOf(context, 6000);
  const { run, gate } = await heldBack(context, path);
  const [ring] = run.supervisor.rings().filter(({ to }) => to === 'output-light');
  assert.ok((ring?.usedBytes ?? 0) >= smallRing / 2, 'the wait is for the output');
  const taken = run.packets().processed;
  await new Promise((resolve) => setTimeout(resolve, 20));
  assert.equal(run.packets().processed, taken);
  gate.release();
  await run.supervisor.finished;
  assertComplete(run, gate.records, 6000);
  assert.equal(run.packets().processed, packets);
  const bytes = run.total('output_ring', 'bytes');
  assert.ok(bytes > 8 * smallRing, 'the ring was used many times over');
  assert.ok(run.total('output_ring', 'waits') >= bytes / smallRing / 4);
  const [{ highWaterBytes } = { highWaterBytes: 0 }] = run.supervisor.rings().filter(({ to }) => to === 'output-light');
  assert.ok(highWaterBytes < 8 * smallRing, `${highWaterBytes} bytes were in use`);
});

test('one that is ended gets a successor that goes on, and packets and sessions add up', async (context) => {
  const { path, packets } = traceOf(context, 4000);
  const { run, gate } = await heldBack(context, path, { workers: { ring_bytes: 1 << 20 } });
  const victim = packetWorkerOf(run);
  await victim.terminate();
  assert.equal(victim.restarts, 1);
  gate.release();
  await run.supervisor.finished;
  const accounts = run.packets();
  assert.deepEqual([accounts.received, accounts.balanced], [packets, true], JSON.stringify(accounts));
  const lost = accounts.dropped.filter(({ value }) => value > 0);
  assert.deepEqual(lost, [{ stage: 'worker', reason: 'died', value: 1 }]);
  assert.equal(run.records().balanced, true);
  assert.equal(run.total('supervisor', 'workers_died'), 1);
  assert.ok(run.total('supervisor', 'lost_sessions') > 0);
  assert.equal(run.total('session', 'active_sessions'), 0);
  assert.ok(run.log.some((line) => /packet-0 died with \d+ open sessions/.test(line)));
});

test('one that is ended again and again ends the run at the limit of restarts', async (context) => {
  const { path } = traceOf(context, 4000);
  const { run, gate } = await heldBack(context, path, { workers: { restart_limit: 2 } });
  for (let deaths = 0; deaths < 3; deaths++) await packetWorkerOf(run).terminate();
  gate.release();
  await assert.rejects(run.supervisor.finished, { code: errorCodes.worker });
  assert.equal(run.supervisor.status()[1]?.state, 'failed');
});

test('a run that is cut short while the output stands still ends, and what is left is counted', async (context) => {
  const { path, packets } = traceOf(context, 6000);
  const { run } = await heldBack(context, path, { workers: { ring_bytes: 1 << 20 } });
  run.supervisor.abort();
  await run.supervisor.finished;
  const accounts = run.packets();
  assert.deepEqual([accounts.balanced, accounts.received < packets], [true, true], JSON.stringify(accounts));
  assert.ok(accounts.dropped.some(({ stage, reason, value }) => stage === 'worker' && reason === 'stopped' && value > 0));
  assert.equal(run.records().balanced, true);
  // Nobody takes them any more, so no more go into the ring than it is meant to hold.
  assert.ok(run.total('output_ring', 'dropped_stopped_records') > 0);
});

test('a run that is cut short ends with sources that have ended and some that have not', async (context) => {
  const [long, short] = [traceOf(context, 6000), traceOf(context, 10)];
  for (const paths of [
    [long.path, short.path],
    [short.path, long.path],
  ]) {
    const gate = new Gate();
    gate.hold();
    const run = await createRun(
      context,
      {
        source: paths.map((path, index) => ({ kind: 'file', name: `source-${index}`, paths: [path], checksums: 'none' })),
        workers: { packet: 1, ring_bytes: 1 << 20 },
        output: [{ kind: 'light', ring_bytes: smallRing }],
      },
      [light(() => gate)],
    );
    await run.supervisor.start();
    await run.until(() => run.total('output_ring', 'waits') > 0);
    run.supervisor.abort();
    await run.supervisor.finished;
    assert.equal(run.packets().balanced, true);
    assert.equal(run.records().balanced, true);
  }
});

const rule = (context: TestContext, tag: string): RuleDefinition[] => {
  const text = `version: 1\nrules:\n  - {name: a, when: beforeFinalSave, fields: {ip.protocol: [tcp, udp]}, ops: {tags: ${tag}}}\n`;
  return readRuleFiles([writeRules(context, text)], {}, []);
};

test('other rules are taken while it waits for its output; a fault in them is a death, and its successor has what is in force', async (context) => {
  const { path } = traceOf(context, 6000);
  for (const isFaulty of [false, true]) {
    const { run, gate } = await heldBack(context, path, { rules: rule(context, 'before') });
    if (isFaulty) packetWorkerOf(run).send({ type: 'rules', rules: [undefined as unknown as RuleDefinition] });
    assert.equal(run.supervisor.setRules(rule(context, 'after')), undefined);
    if (isFaulty) await run.until(() => packetWorkerOf(run).restarts === 1);
    gate.release();
    await run.supervisor.finished;
    const tags = gate.records.map((record) => record.tags.join());
    assert.deepEqual(new Set(tags), new Set(['before', 'after']));
    // After the first of the new none of the old comes.
    assert.deepEqual(tags.lastIndexOf('before') + 1, tags.indexOf('after'));
    assert.equal(run.total('supervisor', 'workers_died'), isFaulty ? 1 : 0);
  }
});

test('SIGINT stops the sources, and what was read is drained', async (context) => {
  const { path, packets } = traceOf(context, 15_000);
  const folder = temporaryFolder(context);
  const file = join(folder, 'ringtap.ndjson');
  const files = Array.from({ length: 4 }, () => ['-r', path]).flat();
  const sensor = startSensor(context, [...files, '-n', '1', '-k', 'none', '-l', folder, '-v']);
  const written = (): string => {
    try {
      return readFileSync(file, 'utf8');
    } catch {
      return '';
    }
  };
  while (written() === '') await new Promise((resolve) => setTimeout(resolve, 2));
  sensor.kill('SIGINT');
  const { code, stderr } = await sensor.result;
  assert.equal(code, 0, stderr);
  const processed = Number(/^ringtap: ([\d,]+) packets/m.exec(stderr)?.[1]?.replaceAll(',', ''));
  assert.ok(processed > 0 && processed < packets * 4, `${processed} of 4 * ${packets} packets\n${stderr}`);
  assert.match(stderr, /losses {5}none/);
  assert.ok(idsOf(recordsOf(written())).size > 0);
});
