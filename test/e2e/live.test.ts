// Live capture through the whole sensor, over a veth pair in network namespaces that the test makes and removes: what is
// replayed on one end is counted on the other, to the packet. Needs root, `ip` and `tcpreplay`; skipped with the reason elsewhere.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeTrace } from '../../tools/traces/index.ts';
import { datasets, startSensor, temporaryFolder } from './sensor.ts';

function unavailable(): string | false {
  if (process.getuid?.() !== 0) return 'needs root';
  const made = spawnSync('ip', ['netns', 'add', 'ringtap-probe'], { encoding: 'utf8' });
  if (made.error !== undefined) return 'needs the program ip (apt-get install iproute2)';
  if (made.status !== 0) return `network namespaces are not permitted here: ${made.stderr.trim()}`;
  spawnSync('ip', ['netns', 'del', 'ringtap-probe']);
  if (spawnSync('tcpreplay', ['--version']).error !== undefined) return 'needs tcpreplay (apt-get install tcpreplay)';
  return false;
}

const skip = unavailable();

function ip(...args: string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  assert.equal(status, 0, `ip ${args.join(' ')}: ${stderr}`);
}

let made = 0;

/** Two namespaces joined by a veth pair: `tap0` in the sensor's, `wire0` in the other. */
function makeWire(context: TestContext): { sensor: string; sender: string } {
  const number = `${process.pid}-${made++}`;
  const sensor = `ringtap-s${number}`;
  const sender = `ringtap-w${number}`;
  context.after(() => {
    spawnSync('ip', ['netns', 'del', sensor]);
    spawnSync('ip', ['netns', 'del', sender]);
  });
  ip('netns', 'add', sensor);
  ip('netns', 'add', sender);
  ip('-n', sensor, 'link', 'add', 'tap0', 'type', 'veth', 'peer', 'name', 'wire0', 'netns', sender);
  for (const [namespace, name] of [
    [sensor, 'tap0'],
    [sender, 'wire0'],
  ] as const) {
    // Without IPv6 no neighbour discovery of the kernel's own is on the wire, and counts come out exactly.
    spawnSync('ip', ['netns', 'exec', namespace, 'sysctl', '-qw', `net.ipv6.conf.${name}.disable_ipv6=1`]);
    ip('-n', namespace, 'link', 'set', name, 'up', 'arp', 'off');
  }
  return { sensor, sender };
}

/** Sends the frames of a capture file on `wire0`. */
function send(namespace: string, path: string): void {
  const command = ['netns', 'exec', namespace, 'tcpreplay', '--quiet', '--pps=20000', '--intf1=wire0', path];
  const { status, stderr } = spawnSync('ip', command, { encoding: 'utf8' });
  assert.equal(status, 0, stderr);
}

const processed = /^ringtap: ([\d,]+) packets/m;

test('what is replayed over a wire is counted to the packet, by one capture worker and by two', { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'http.pcap');
  const truth = writeTrace('http', path, 300);
  for (const workers of [1, 2]) {
    const { sensor, sender } = makeWire(context);
    const running = startSensor(context, ['-i', 'tap0', '--set', `source.0.workers=${workers}`, '-n', '2'], {
      wrapper: ['ip', 'netns', 'exec', sensor],
    });
    await running.stderrLine(/capturing on tap0/);
    send(sender, path);
    // What the kernel has queued comes out with the drain.
    running.kill('SIGTERM');
    const { code, stderr, records } = await running.result;
    assert.equal(code, 0, stderr);
    assert.equal(processed.exec(stderr)?.[1]?.replaceAll(',', ''), String(truth.packets), stderr);
    assert.match(stderr, /losses {5}none/);
    assert.deepEqual(datasets(records), { session: truth.tcp_flows, http: 300 });
  }
});

test('the filter of a live source runs in the kernel, and leaves out what does not match', { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'dns.pcap');
  const truth = writeTrace('dns', path, 200);
  const { sensor, sender } = makeWire(context);
  const running = startSensor(context, ['-i', 'tap0', 'udp', 'and', 'dst', 'port', '53'], {
    wrapper: ['ip', 'netns', 'exec', sensor],
  });
  await running.stderrLine(/capturing on tap0/);
  send(sender, path);
  running.kill('SIGTERM');
  const { stderr } = await running.result;
  assert.equal(processed.exec(stderr)?.[1], String(truth.queries), stderr);
});

test('an interface that goes away and comes back is captured on again', { skip }, async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'dns.pcap');
  const truth = writeTrace('dns', path, 20);
  const { sensor, sender } = makeWire(context);
  const running = startSensor(context, ['-i', 'tap0'], { wrapper: ['ip', 'netns', 'exec', sensor] });
  await running.stderrLine(/capturing on tap0/);
  ip('-n', sensor, 'link', 'set', 'tap0', 'down');
  await running.stderrLine(/tap0[^\n]*(down|gone|disappeared)/);
  ip('-n', sensor, 'link', 'set', 'tap0', 'up');
  await running.stderrLine(/tap0[^\n]*(back|up again)/);
  send(sender, path);
  running.kill('SIGTERM');
  const { stderr } = await running.result;
  assert.equal(processed.exec(stderr)?.[1], String(truth.packets), stderr);
});
