// A run under signals and a config that changes: records read from a pipe that stays open, files moved away, draining,
// quitting, losses on purpose.

import assert from 'node:assert/strict';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { writeTrace } from '../../tools/traces/index.ts';
import {
  datasets,
  type RunningSensor,
  recordsOf,
  runSensor,
  type SensorRecord,
  startSensor,
  temporaryFolder,
} from '../e2e/sensor.ts';

/** Length of the pcap file header and of each packet header. */
const fileHeader = 24;
const packetHeader = 16;

/** A capture cut into two parts, the first with this many packets. */
function twoParts(bytes: Buffer, packets: number): [Buffer, Buffer] {
  let at = fileHeader;
  for (let packet = 0; packet < packets; packet++) at += packetHeader + bytes.readUInt32LE(at + 8);
  return [bytes.subarray(0, at), bytes.subarray(at)];
}

function trace(context: TestContext, count: number): Buffer {
  const path = join(temporaryFolder(context), 'dns.pcap');
  writeTrace('dns', path, count);
  return readFileSync(path);
}

async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 10));
}

const adminOn = ['--set', 'admin.enabled=true', '--set', 'admin.port=0'];

/** The admin interface of a sensor with `adminOn`: its URL, and a counter's total over all instances. */
async function adminOf(sensor: RunningSensor): Promise<{ url: string; total(set: string, name: string): Promise<number> }> {
  const url = /http:\S+/.exec(await sensor.stderrLine(/admin interface at http:\S+\n/))?.[0] as string;
  return {
    url,
    total: async (set, name) => {
      const stats = (await (await fetch(`${url}/stats`)).json()) as {
        counters: Record<string, Record<string, Record<string, number>>>;
      };
      return Object.values(stats.counters[set] ?? {}).reduce((sum, instance) => sum + (instance[name] ?? 0), 0);
    },
  };
}

const packetsIn = (records: readonly SensorRecord[]): number =>
  records.filter(({ event }) => event.dataset === 'session').reduce((sum, { network }) => sum + network.packets, 0);

test('SIGTERM drains while standard input is open: records come out, the accounting comes out, exit code 0', async (context) => {
  const [first] = twoParts(trace(context, 300), 400);
  const sensor = startSensor(context, ['-r', '-', '-n', '2', ...adminOn], { input: first, openStdin: true });
  const { total } = await adminOf(sensor);
  await until(async () => (await total('capture', 'received_packets')) === 400);
  sensor.kill('SIGTERM');
  const { code, records, stderr } = await sensor.result;
  assert.equal(code, 0, stderr);
  assert.equal(packetsIn(records), 400);
  assert.match(stderr, /info {2}SIGTERM: draining what was received; a second signal quits at once\n/);
  assert.match(stderr, /^ringtap: 400 packets,/m);
  assert.match(stderr, /^ringtap: losses {5}none$/m);
  assert.doesNotMatch(stderr, /accounting/);
});

test('SIGHUP follows files that were moved away, takes over the log, and names what waits for a restart', async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'config.toml');
  const out = join(folder, 'out.ndjson');
  const log = join(folder, 'sensor.log');
  const write = (level: string, workers: number, more = ''): void =>
    writeFileSync(
      config,
      `[[source]]\npaths = ["-"]\n[workers]\npacket = ${workers}\n[[output]]\nkind = "file"\npath = "out.ndjson"\n` +
        `[admin]\nenabled = true\nport = 0\n${more}[log]\nlevel = "${level}"\nformat = "text"\n`,
    );
  write('info', 1);
  const [first, second] = twoParts(trace(context, 300), 400);
  const sensor = startSensor(context, ['-c', config, '-l', folder], { input: first, openStdin: true });
  const { url, total } = await adminOf(sensor);
  await until(async () => (await total('capture', 'received_packets')) === 400);
  await until(async () => (await total('output', 'written_records')) > 0);

  renameSync(out, `${out}.1`);
  write('debug', 2);
  sensor.kill('SIGHUP');
  await sensor.stderrLine(/SIGHUP: now in force: log\.level\n/);
  await sensor.stderrLine(/SIGHUP: changes of workers\.packet take effect with a restart\n/);
  await until(() => existsSync(out));

  // Once more: admin moves to another port, the log to a file.
  write('debug', 2, 'stats_secs = 30\naddress = "127.0.0.2"\n');
  writeFileSync(config, `${readFileSync(config, 'utf8')}file = "sensor.log"\n`);
  sensor.kill('SIGHUP');
  await until(() => existsSync(log) && /admin interface at http:\/\/127\.0\.0\.2:\d+\n/.test(readFileSync(log, 'utf8')));
  await assert.rejects(fetch(`${url}/healthz`));

  // A config that is wrong changes nothing.
  writeFileSync(config, '[log]\nlevel = "loud"\n[wrokers]\n');
  sensor.kill('SIGHUP');
  await until(() => readFileSync(log, 'utf8').includes('wrokers'));
  assert.match(readFileSync(log, 'utf8'), /error SIGHUP: \/.*config\.toml:2: log\.level: expected one of .*\n/);

  sensor.stdin.end(second);
  const { code, stderr, stdout } = await sensor.result;
  assert.deepEqual([code, stdout], [0, ''], stderr);
  const records = [`${out}.1`, out].flatMap((path) => recordsOf(readFileSync(path, 'utf8')));
  const whole = await startSensor(context, ['-r', '-'], { input: Buffer.concat([first, second]) }).result;
  assert.deepEqual(datasets(records), datasets(whole.records));
  assert.equal(packetsIn(records), packetsIn(whole.records));
  assert.doesNotMatch(stderr, /accounting/);
});

test('SIGUSR1 prints the counters so far', async (context) => {
  const [first, second] = twoParts(trace(context, 50), 40);
  const sensor = startSensor(context, ['-r', '-', ...adminOn], { input: first, openStdin: true });
  const { total } = await adminOf(sensor);
  await until(async () => (await total('worker', 'processed_packets')) === 40);
  sensor.kill('SIGUSR1');
  await sensor.stderrLine(/^ringtap: 40 packets,(?:.*\n)*?ringtap: in flight {2}0 packets\n/m);
  sensor.stdin.end(second);
  assert.equal((await sensor.result).code, 0);
});

/** An output that never takes a batch. */
const fullDisk = ['--set', 'output.0.kind=file', '--set', 'output.0.path=/dev/full', '--set', 'output.0.retry_max_secs=0.1'];

test('a second signal quits at once', async (context) => {
  const sensor = startSensor(context, ['-r', '-', ...fullDisk], { input: trace(context, 50), openStdin: true });
  await sensor.stderrLine(/records were refused, next try in \d+ ms: \/dev\/full: no space left on device/);
  sensor.kill('SIGINT');
  await sensor.stderrLine(/SIGINT: draining/);
  const again = setInterval(() => sensor.kill('SIGINT'), 300);
  context.after(() => clearInterval(again));
  const { code, stderr } = await sensor.result;
  assert.equal(code, 130, stderr);
});

test('what cannot be drained within the deadline is lost and counted, which --fail-on-drop makes an error', async (context) => {
  const args = ['-r', '-', '--fail-on-drop', '--set', 'workers.stop_timeout_secs=1', ...fullDisk];
  const sensor = startSensor(context, args, { input: trace(context, 50) });
  await sensor.stderrLine(/records were refused/);
  sensor.kill('SIGTERM');
  const { code, stderr } = await sensor.result;
  assert.equal(code, 1, stderr);
  assert.match(stderr, /^ringtap: losses {5}output records failed \d+$/m);
});

test('--fail-on-drop is satisfied where nothing is lost, -q leaves only the records, --set refines -r and -l', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'dns.pcap');
  const { packets } = writeTrace('dns', path, 50);
  const refined = ['--set', 'output.0.path=only.ndjson', '--set', 'output.0.records=["dns"]'];
  const [quiet, other] = await Promise.all([
    runSensor(context, '-r', path, '-q', '--fail-on-drop'),
    runSensor(context, '-r', path, '-l', join(folder, 'out'), ...refined),
  ]);
  assert.deepEqual([quiet.code, quiet.stderr], [0, '']);
  assert.equal(packetsIn(quiet.records), packets);
  assert.equal(other.code, 0, other.stderr);
  assert.deepEqual(Object.keys(datasets(recordsOf(readFileSync(join(folder, 'out/only.ndjson'), 'utf8')))), ['dns']);
});

test('an admin address that cannot be had is an error before the first packet', async (context) => {
  const path = join(temporaryFolder(context), 'dns.pcap');
  writeTrace('dns', path, 5);
  const { code, stdout, stderr } = await runSensor(context, '-r', path, ...adminOn, '--set', 'admin.address=192.0.2.99');
  assert.deepEqual([code, stdout], [1, ''], stderr);
  assert.match(stderr, /^ringtap: admin interface: .*\n {2}hint: choose another admin\.address or admin\.port in the config\n$/);
});

test('--decoders runs only those named, and says which are not there', async (context) => {
  const pcap = fileURLToPath(new URL('../golden/http.pcap', import.meta.url));
  const { code, stdout } = await runSensor(context, '-r', pcap, '--decoders', 'dns,tls');
  assert.equal(code, 0);
  assert.doesNotMatch(stdout, /"dataset":"http"/);
  const refused = await runSensor(context, '-r', pcap, '--decoders', 'htp');
  assert.deepEqual([refused.code, /there is no decoder htp/.test(refused.stderr)], [2, true]);
});
