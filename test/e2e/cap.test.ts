// Capture with libpcap through the whole sensor, beside AF_PACKET on the same loopback interface of a network namespace that the
// test makes and removes: both see the same packets and write the same records. Needs root, `ip`, `tcpreplay` and the package
// cap, built; skipped with the reason elsewhere.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { root } from '../source-tree.ts';
import { type SensorRecord, startSensor } from './sensor.ts';

function unavailable(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const made = spawnSync('ip', ['netns', 'add', 'ringtap-probe-cap'], { encoding: 'utf8' });
  if (made.error !== undefined) return 'needs the program ip (apt-get install iproute2)';
  if (made.status !== 0) return `network namespaces are not permitted here: ${made.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', 'ringtap-probe-cap']);
  if (spawnSync('tcpreplay', ['--version']).error !== undefined) return 'needs tcpreplay (apt-get install tcpreplay)';
  try {
    createRequire(import.meta.url)('cap');
  } catch {
    return 'needs the package cap (npm run install-cap)';
  }
  return false;
}

const skip = unavailable();
let made = 0;

/** A namespace whose loopback interface is up. */
function makeLoopback(context: TestContext): readonly string[] {
  const name = `ringtap-c${process.pid}-${made++}`;
  context.after(() => spawnSync('ip', ['netns', 'del', name]));
  for (const args of [
    ['netns', 'add', name],
    ['-n', name, 'link', 'set', 'lo', 'up'],
  ])
    assert.equal(spawnSync('ip', args).status, 0);
  return ['ip', 'netns', 'exec', name];
}

function replay(wrapper: readonly string[], capture: string): void {
  const [program, ...args] = [...wrapper, 'tcpreplay', '--quiet', '--pps=2000', '--intf1=lo'] as unknown as [string, ...string[]];
  const { status, stderr } = spawnSync(program, [...args, join(root, 'test/golden', `${capture}.pcap`)], { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

/** A record without what depends on the moment at which a packet was seen. */
function timeless(record: SensorRecord): string {
  const clone = structuredClone(record);
  delete clone['@timestamp'];
  delete clone.session.id;
  for (const key of ['start', 'end', 'duration', 'created']) delete clone.event[key];
  return JSON.stringify(clone, (key, value: unknown) => (/(rtt|_us|_ms|duration|handshake)/.test(key) ? undefined : value));
}

const received = /^ringtap: ([\d,]+) packets, (.+) in/m;

test('libpcap and AF_PACKET see the same packets and give the same records', { skip }, async (context) => {
  const wrapper = makeLoopback(context);
  const common = ['-i', 'lo', '-n', '1', '-k', 'none', '-f', 'ip and not udp port 9'];
  const byRing = startSensor(context, common, { wrapper });
  const byCap = startSensor(context, [...common, '--set', 'source.0.kind=cap'], { wrapper });
  await Promise.all([byRing.stderrLine(/capturing on lo/), byCap.stderrLine(/capturing on lo with libpcap/)]);
  for (const capture of ['http', 'dns', 'tls']) replay(wrapper, capture);
  await new Promise((done) => setTimeout(done, 500));
  byRing.kill('SIGTERM');
  byCap.kill('SIGTERM');
  const [ring, cap] = await Promise.all([byRing.result, byCap.result]);
  assert.deepEqual([ring.code, cap.code], [0, 0], cap.stderr);
  assert.deepEqual(received.exec(cap.stderr)?.slice(1), received.exec(ring.stderr)?.slice(1), 'packets and bytes');
  assert.match(cap.stderr, /losses {5}none/);
  assert.deepEqual(cap.records.map(timeless).sort(), ring.records.map(timeless).sort());
  assert.ok(cap.records.length > 40, String(cap.records.length));
});

test('a snap length cuts packets, whose lengths on the wire stay known', { skip }, async (context) => {
  const wrapper = makeLoopback(context);
  const cut = ['--set', 'source.0.kind=cap', '--set', 'source.0.snap_length=64'];
  const running = startSensor(context, ['-i', 'lo', '-n', '1', '-k', 'none', ...cut], { wrapper });
  await running.stderrLine(/capturing on lo with libpcap/);
  replay(wrapper, 'tls');
  await new Promise((done) => setTimeout(done, 500));
  running.kill('SIGTERM');
  const { code, records, stderr } = await running.result;
  assert.equal(code, 0, stderr);
  const sessions = records.filter(({ event }) => event.dataset === 'session');
  assert.ok(
    sessions.some(({ source }) => source.bytes / source.packets > 64),
    'bytes on the wire',
  );
  assert.ok(!records.some(({ tls }) => tls?.client?.server_name !== undefined), 'no names in what was cut off');
});

test('an interface that is not there is an error at the start', { skip }, async (context) => {
  const args = ['-i', 'no-such-interface', '--set', 'source.0.kind=cap'];
  const { code, stderr } = await startSensor(context, args).result;
  assert.equal(code, 1);
  assert.match(stderr, /no-such-interface: .*\n {2}hint: ringtap interfaces shows what there is/);
});

test('a capturing process that dies is started again, and that the interface was away is told', { skip }, async (context) => {
  const wrapper = makeLoopback(context);
  const running = startSensor(context, ['-i', 'lo', '-k', 'none', '--set', 'source.0.kind=cap'], { wrapper });
  await running.stderrLine(/capturing on lo with libpcap/);
  const children = spawnSync('pgrep', ['-P', String(running.pid)], { encoding: 'utf8' })
    .stdout.trim()
    .split('\n');
  // The sensor is the child of nobody else: `ip netns exec` has become it.
  process.kill(Number(children[0]), 'SIGKILL');
  await running.stderrLine(/lo: went away \(SIGKILL\); looking for it every second/);
  await running.stderrLine(/lo: is up again/);
  replay(wrapper, 'dns');
  await new Promise((done) => setTimeout(done, 500));
  running.kill('SIGTERM');
  const { code, stderr, records } = await running.result;
  assert.equal(code, 0, stderr);
  assert.ok(
    records.some(({ event }) => event.dataset === 'dns'),
    stderr,
  );
});
