// A cluster that is killed in mid-load: every session is there in the end, once, whether the cluster comes back while the sensor
// runs or only for the next run; and what the disk queue cannot hold is counted.

import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { startSensor, temporaryFolder } from '../../e2e/sensor.ts';
import type { Mishap } from './cluster-double.ts';
import { doubleOf } from './output-kit.ts';
import { clusterRun } from './sensor-run.ts';

const program = fileURLToPath(new URL('./cluster-double.ts', import.meta.url));

class DoubleProcess {
  readonly url: string;
  readonly #port: number;
  readonly #journal: string;
  #child: ChildProcess | undefined;

  private constructor(port: number, journal: string) {
    this.url = `http://127.0.0.1:${port}`;
    this.#port = port;
    this.#journal = journal;
  }

  static async start(context: TestContext, folder: string): Promise<DoubleProcess> {
    const probe = createServer();
    await new Promise<void>((resolve) => probe.listen(0, '127.0.0.1', resolve));
    const { port } = probe.address() as AddressInfo;
    await new Promise((resolve) => probe.close(resolve));
    const double = new DoubleProcess(port, join(folder, 'journal'));
    context.after(() => double.kill());
    await double.run();
    return double;
  }

  async run(): Promise<void> {
    const child = spawn(process.execPath, [program, String(this.#port), this.#journal], { stdio: ['ignore', 'pipe', 'inherit'] });
    this.#child = child;
    await new Promise((resolve) => child.stdout.once('data', resolve));
  }

  kill(): void {
    this.#child?.kill('SIGKILL');
  }

  /** Waits until it holds some documents. */
  async holds(bytes: number): Promise<void> {
    while (!existsSync(this.#journal) || statSync(this.#journal).size < bytes) await pause(5);
  }

  /** Ids of the sessions it has taken, each as often as it was written. A line that the kill has cut was never answered. */
  sessions(): string[] {
    const lines = readFileSync(this.#journal, 'utf8').split('\n');
    return lines.filter((line) => line.endsWith('}')).map((line) => JSON.parse(line).document.source.session.id);
  }
}

const flows = 6000;

test('killed, and back while the sensor runs: each session is there once', async (context) => {
  const folder = temporaryFolder(context);
  const cluster = await DoubleProcess.start(context, folder);
  const run = clusterRun(folder, cluster.url, flows, 30, '');
  const sensor = startSensor(context, ['-r', run.pcap, '-c', run.config, '-l', folder]);
  await cluster.holds(200_000);
  cluster.kill();
  await pause(700);
  assert.ok(cluster.sessions().length < run.sessions);
  await cluster.run();
  const { code, stderr } = await sensor.result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /losses +none/);
  const ids = cluster.sessions();
  assert.equal(ids.length, run.sessions);
  assert.equal(new Set(ids).size, run.sessions);
});

test('killed, and away until the next run: that run sends what was kept', async (context) => {
  const folder = temporaryFolder(context);
  const cluster = await DoubleProcess.start(context, folder);
  const run = clusterRun(folder, cluster.url, flows, 1, '');
  const sensor = startSensor(context, ['-r', run.pcap, '-c', run.config, '-l', folder]);
  await cluster.holds(200_000);
  cluster.kill();
  const first = await sensor.result;
  assert.equal(first.code, 0, first.stderr);
  assert.match(first.stderr, /\d+ records stay in the disk queue/);
  assert.match(first.stderr, /losses +none/);
  await cluster.run();
  const second = await startSensor(context, ['-r', run.small, '-c', run.config, '-l', folder]).result;
  assert.equal(second.code, 0, second.stderr);
  assert.doesNotMatch(second.stderr, /stay in the disk queue/);
  const ids = cluster.sessions();
  assert.equal(ids.length, run.sessions + run.smallSessions);
  assert.equal(new Set(ids).size, ids.length);
});

test('a disk queue that is too small: what was lost is counted, and with what was written makes up all', async (context) => {
  const folder = temporaryFolder(context);
  const cluster = await DoubleProcess.start(context, folder);
  const run = clusterRun(folder, cluster.url, flows, 1, 'spill_max_bytes = 1048576\nring_bytes = 262144');
  cluster.kill();
  const first = await startSensor(context, ['-r', run.pcap, '-c', run.config, '-l', folder]).result;
  const lost = Number(/losses .*spill_full ([\d,]+)/.exec(first.stderr)?.[1]?.replaceAll(',', ''));
  await cluster.run();
  await startSensor(context, ['-r', run.small, '-c', run.config, '-l', folder]).result;
  const ids = cluster.sessions();
  assert.ok(ids.length < run.sessions, first.stderr);
  assert.equal(ids.length + lost, run.sessions + run.smallSessions, first.stderr);
});

test('a cluster that never answers does not hold up the end: records are on disk, or counted where the policy has none', async (context) => {
  for (const engine of ['elasticsearch', 'opensearch']) {
    for (const policy of ['spill', 'block']) {
      const { cluster, url } = await doubleOf(context);
      cluster.mishaps.push(...Array.from({ length: 20 }, (): Mishap => ({ kind: 'slow', ms: 60_000 })));
      const folder = temporaryFolder(context);
      const set = [`engine=${engine}`, `nodes=["${url}"]`, `policy=${policy}`].flatMap((key) => ['--set', `output.0.${key}`]);
      const words = ['-r', 'test/golden/http.pcap', '-l', folder, '--set', 'output.0.kind=elasticsearch', ...set];
      const sensor = startSensor(context, [...words, '--set', 'workers.stop_timeout_secs=1']);
      while (cluster.mostAtOnce === 0) await pause(20);
      const stoppedMs = performance.now();
      sensor.kill('SIGINT');
      const { stderr } = await sensor.result;
      assert.ok(performance.now() - stoppedMs < 8000, stderr);
      assert.doesNotMatch(stderr, /died/);
      if (policy === 'spill') assert.match(stderr, /\d+ records stay in the disk queue[\s\S]*losses +none/);
      else assert.match(stderr, /losses +output records failed \d+/);
      const kept = Number(/(\d+) records stay|records failed (\d+)/.exec(stderr)?.slice(1).find(Boolean));
      const [, ...ofTypes] = /ringtap: records +(.*)\n/.exec(stderr)?.[1]?.split(/\D+/).map(Number) ?? [];
      assert.equal(
        kept,
        ofTypes.reduce((sum, count) => sum + count, 0),
        stderr,
      );
    }
  }
});
