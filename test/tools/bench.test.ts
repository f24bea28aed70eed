// The bench tools, as far as they are no timing: how figures are read, compared with the truth and written, how rates are
// searched, and that a run over a trace of our own comes out exact. Also the truth of the elephant trace.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as sleep } from 'node:timers/promises';
import { judge } from '../../tools/bench/allocation.ts';
import { readable, spreadOf, spreadText, table } from '../../tools/bench/figures.ts';
import { ringtapCounts, suricataCounts, tcpdumpCounts } from '../../tools/bench/live-sensors.ts';
import { childSeconds, measure, peakOf } from '../../tools/bench/measure.ts';
import { sections, withSection } from '../../tools/bench/page.ts';
import { otherSensor } from '../../tools/bench/programs.ts';
import { highestRate } from '../../tools/bench/rate-search.ts';
import { countLines, countRecords, recordType } from '../../tools/bench/record-counts.ts';
import { sentOf } from '../../tools/bench/replay.ts';
import { partOf, splitTrace } from '../../tools/bench/split-trace.ts';
import { suricataConfig } from '../../tools/bench/suricata-config.ts';
import { countPackets, openTrace } from '../../tools/bench/trace-files.ts';
import { findings, findingsText, readTruth } from '../../tools/bench/truth-check.ts';
import { lostIn, wireObstacle } from '../../tools/bench/wire.ts';
import { defaultWorkers, imbalance, pinning } from '../../tools/bench-scale.ts';
import { root } from '../../tools/step.ts';
import { ipv4, udpFrame, writeTrace } from '../../tools/traces/index.ts';
import { runSensor, temporaryFolder } from '../e2e/sensor.ts';

test('records are counted by type, as Suricata and as ECS name it', (context) => {
  assert.equal(recordType('{"timestamp":"x","event_type":"dns","dns":{"type":"query"}}'), 'dns');
  assert.equal(recordType('{"@timestamp":"x","event":{"kind":"event","dataset":"session"}}'), 'session');
  assert.equal(recordType('{"a":1}'), 'no type');
  assert.equal(recordType('3'), 'not a record');
  assert.equal(recordType('{"event_type":"fl'), 'not JSON');
  const path = join(temporaryFolder(context), 'eve.json');
  const line = `{"event_type":"flow","text":"${'é'.repeat(3000)}"}\n`;
  // Longer than one read, so that lines and letters lie across the ends of reads.
  writeFileSync(path, `${line.repeat(1000)}\n{"event_type":"http"}\n{"event_type":"ht`);
  assert.deepEqual(countRecords(path), { flow: 1000, http: 1, 'not JSON': 1 });
  assert.equal(countLines(path), 1002);
});

test('what was found is compared with the truth, kind by kind', () => {
  const expect = { flow: 1000, http: 500, dns_messages: 20 };
  const kinds = { flow: 'session', http: 'http', tls: 'tls' };
  const list = findings({ session: 1003, http: 499 }, expect, kinds);
  assert.deepEqual(list, [
    { kind: 'flow', expected: 1000, found: 1003, recall: 1, surplus: 3 },
    { kind: 'http', expected: 500, found: 499, recall: 0.998, surplus: 0 },
  ]);
  assert.equal(findingsText(list), 'flow all +3, http 99.80 %');
  assert.equal(findingsText(findings({ session: 1000 }, expect, { flow: 'session' })), 'flow exact');
  // 99.999 % is not everything.
  assert.equal(findingsText(findings({ dns: 99_999 }, { dns: 100_000 }, { dns: 'dns' })), 'dns 99.99 %');
  assert.deepEqual(findings({}, {}, kinds), []);
});

test('figures of several runs, and tables', () => {
  assert.deepEqual(spreadOf([3, 1, 2]), { median: 2, min: 1, max: 3 });
  assert.deepEqual(spreadOf([4, 1]), { median: 2.5, min: 1, max: 4 });
  assert.equal(spreadText([1.234]), '1.23');
  assert.equal(spreadText([1, 2, 4]), '2.00 (1.00–4.00)');
  assert.deepEqual([readable(9_460_000), readable(311_200), readable(42), readable(9.333)], ['9.46 M', '311.2 k', '42', '9.33']);
  assert.equal(
    table(
      [{ title: 'name' }, { title: 'n', right: true }],
      [
        ['a|b', '1'],
        ['c', '1000'],
      ],
    ),
    ['| name |    n |', '|------|-----:|', '| a\\|b |    1 |', '| c    | 1000 |'].join('\n'),
  );
});

test('CPU time and peak memory as the kernel writes them', () => {
  const stat = '42 (a (b) c) S 1 42 42 0 -1 4194304 100 200 0 0 7 8 150 25 20 0 1 0 100 0 0';
  assert.deepEqual(childSeconds(stat), { user: 1.5, system: 0.25 });
  assert.equal(peakOf('Name:\tx\nVmHWM:\t    1024 kB\nVmRSS:\t 5 kB\n'), 1024 * 1024);
  assert.equal(peakOf('Name:\tx\nState:\tZ (zombie)\n'), 0);
});

test('a measured program is charged for itself and its children, and a failure says why', async (context) => {
  const folder = temporaryFolder(context);
  const burn =
    'const end = process.cpuUsage().user + 300_000; const held = Buffer.alloc(80 << 20, 1); while (process.cpuUsage().user < end); process.exitCode = held[0] - 1';
  for (const timeProgram of ['/usr/bin/time', '/nonexistent']) {
    const usage = await measure(['sh', '-c', 'exec "$0" -e "$1"', process.execPath, burn], { folder, timeProgram });
    assert.ok(usage.cpuSeconds >= 0.3, `${usage.cpuSeconds} CPU-s`);
    assert.ok(usage.peakBytes >= 80 << 20, `${usage.peakBytes} bytes`);
    assert.ok(usage.wallSeconds > 0);
  }
  const child = await measure(['sh', '-c', '"$0" -e "$1"; exit $?', process.execPath, burn], { folder });
  assert.ok(child.cpuSeconds >= 0.3, `${child.cpuSeconds} CPU-s of a child`);
  await assert.rejects(measure(['sh', '-c', 'echo no such thing >&2; exit 3'], { folder }), /ended with 3: no such thing/);
});

test('what the sensors say of packets seen and dropped', () => {
  const summary = 'x\nringtap: 1,234,567 packets, 11.3 kB in 0.48 s: 1 packets/s\nringtap: records    http 12\n';
  assert.deepEqual(ringtapCounts(`${summary}ringtap: losses     none\n`), { seen: 1_234_567, dropped: 0 });
  assert.deepEqual(ringtapCounts(`${summary}ringtap: losses     kernel packets ring_full 1,000, ring packets full 567\n`), {
    seen: 1_233_000,
    dropped: 1567,
  });
  assert.equal(ringtapCounts('nothing'), undefined);
  const tcpdump = '100 packets captured\n107 packets received by filter\n7 packets dropped by kernel\n';
  assert.deepEqual(tcpdumpCounts(tcpdump), { seen: 100, dropped: 7 });
  assert.deepEqual(suricataCounts('i: device: tap0: packets: 100, drops: 10 (10.00%), invalid chksum: 0'), {
    seen: 90,
    dropped: 10,
  });
  const sent = sentOf('Actual: 19982 packets (1198920 bytes) sent in 1.00 seconds\n\tFailed packets:            3\n');
  assert.deepEqual(sent, { packets: 19_982, bytes: 1_198_920, seconds: 1, failed: 3 });
  assert.equal(sentOf('Fatal Error: no such device'), undefined);
  assert.equal(lostIn('[{"stats64":{"rx":{"dropped":1,"errors":2},"tx":{"dropped":3,"errors":4}}}]'), 10);
});

test("the sensor's summary of a run with losses is what the live bench reads", async (context) => {
  const path = join(temporaryFolder(context), 'dns.pcap');
  const truth = writeTrace('dns', path, 40);
  const { stderr } = await runSensor(context, '-r', path);
  assert.deepEqual(ringtapCounts(stderr), { seen: truth.packets, dropped: 0 });
});

test('the search finds the highest rate without a loss to 5 %, and says when the sender was the limit', async () => {
  for (const limit of [1000, 60_000, 99_000, 250_000, 499_000]) {
    const asked: number[] = [];
    const { best, tooMuch } = await highestRate(500_000, async (rate) => {
      asked.push(rate);
      return { rate, lossless: rate <= limit };
    });
    assert.ok(best <= limit && (tooMuch ?? 0) > limit, `${limit}: ${best}, ${tooMuch}`);
    assert.ok(best >= limit * 0.94, `${limit}: ${best}`);
    assert.ok(asked.length < 20);
  }
  const borne = await highestRate(500_000, async (rate) => ({ rate: rate * 0.9, lossless: true }));
  assert.deepEqual(borne, { best: 450_000, tooMuch: undefined });
  const hopeless = await highestRate(500_000, async (rate) => ({ rate, lossless: false }));
  assert.equal(hopeless.best, 0);
});

test('one section of the page is replaced, the others stay, in their order', () => {
  const first = withSection('# old page without sections\n', 'micro', '## Micro\nfigures');
  const second = withSection(first, 'peers', '## Peers\nfigures\n');
  assert.ok(second.indexOf('## Peers') < second.indexOf('## Micro'));
  const third = withSection(second, 'micro', '## Micro\nnew');
  assert.match(third, /## Peers\nfigures\n<!-- \/bench:peers -->/);
  assert.match(third, /## Micro\nnew\n<!-- \/bench:micro -->/);
  assert.doesNotMatch(third, /old page|Micro\nfigures/);
  assert.equal(withSection(third, 'micro', '## Micro\nnew'), third);
});

test('the committed page consists of the sections that the tools write', () => {
  const page = readFileSync(join(root, 'docs/benchmarks.md'), 'utf8');
  const [name] = sections.filter((section) => page.includes(`<!-- bench:${section} -->`));
  assert.ok(name !== undefined);
  const body = page
    .slice(page.indexOf(`<!-- bench:${name} -->`), page.indexOf(`<!-- /bench:${name} -->`))
    .split('\n')
    .slice(1)
    .join('\n');
  assert.equal(withSection(page, name, body), page);
});

test('workers, pins and imbalance of the scaling bench', () => {
  assert.deepEqual(defaultWorkers(1), [1, 2]);
  assert.deepEqual(defaultWorkers(2), [1, 2, 4]);
  assert.deepEqual(defaultWorkers(12), [1, 2, 4, 8, 12]);
  assert.deepEqual(pinning(4, 3), { captureCpus: [0], packetCpus: [1, 2, 0, 1] });
  assert.equal(imbalance([5, 5]), 1);
  assert.equal(imbalance([30, 0, 0]), 3);
  assert.equal(imbalance([0, 0]), 1);
});

test('allocation: a tenth more fails, a tenth less asks for a new baseline, the grain of the heap is neither', () => {
  const baseline = { http: 1000, dns: 1000, small: 1000, elephant: 1 };
  const verdicts = judge({ http: 1101, dns: 1099, small: 899, elephant: 4, tls: 7 }, baseline).map(({ verdict }) => verdict);
  assert.deepEqual(verdicts, ['worse', 'same', 'better', 'same', 'new']);
});

test('Suricata gets what the bench promises: no rules, no checksums, the records named', () => {
  const file = suricataConfig({ types: ['flow', 'tls: {extended: yes}'] }, '/x');
  assert.match(file, /types: \[flow, \{tls: \{extended: yes\}\}\]/);
  assert.match(file, /pcap-file: \{checksum-checks: no\}/);
  assert.match(file, /rule-files: \[\]/);
  assert.doesNotMatch(file, /af-packet/);
  const live = suricataConfig({ types: ['flow'], capture: { interface: 'tap0', threads: 2, ringPackets: 100 } }, '/x');
  assert.match(live, /interface: tap0\n {4}threads: 2\n/);
});

test('the elephant trace holds what its truth says: one flow with nine packets of ten, and the mice', async (context) => {
  const path = join(temporaryFolder(context), 'elephant.pcap');
  const truth = writeTrace('elephant', path, 50);
  assert.equal(countPackets(path), truth.packets);
  assert.ok((truth.elephant_packets as number) > 0.85 * (truth.packets as number));
  const { records } = await runSensor(context, '-r', path, '-k', 'all');
  assert.equal(records.length, 51);
  const bytesOf = (record: { source: { bytes: number }; destination: { bytes: number } }): number =>
    record.source.bytes + record.destination.bytes;
  const [elephant, ...mice] = [...records].sort((a, b) => bytesOf(b) - bytesOf(a));
  assert.equal(elephant.network.packets, truth.elephant_packets);
  assert.equal(elephant.source.port, 40_000);
  assert.ok(mice.every((mouse) => bytesOf(mouse) < bytesOf(elephant) / 1000));
  assert.equal(
    mice.reduce((sum, { network }) => sum + network.packets, 0),
    (truth.packets as number) - (truth.elephant_packets as number),
  );
  assert.deepEqual(readTruth(path), { expect: { flow: 51 }, packets: truth.packets });
});

test('the tls trace holds whole handshakes of both versions, and certificates that can be read', async (context) => {
  const path = join(temporaryFolder(context), 'tls.pcap');
  const truth = writeTrace('tls', path, 60);
  const { records, stderr } = await runSensor(context, '-r', path, '-k', 'all');
  assert.doesNotMatch(stderr, /anomalies/);
  const handshakes = records.filter(({ event }) => event.dataset === 'tls');
  assert.equal(handshakes.length, 60);
  for (const version of ['1.2', '1.3']) {
    const ofVersion = handshakes.filter(({ tls }) => tls.version === version && tls.established);
    assert.equal(ofVersion.length, truth[`version ${version}`]);
    for (const { tls } of ofVersion) {
      assert.match(tls.client.server_name, /^[a-z]+\d+\.example$/);
      if (version === '1.2') assert.deepEqual(tls.server.x509.subject.common_name, [tls.client.server_name]);
    }
  }
});

test('traces are files or names, and what is neither is said', (context) => {
  const path = join(temporaryFolder(context), 'mine.pcap');
  const truth = writeTrace('small', path, 30);
  assert.deepEqual(openTrace(path), {
    name: 'mine',
    path,
    packets: truth.packets,
    bytes: truth.file_bytes,
    expect: { flow: 30 },
    origin: 'a file',
  });
  assert.throws(() => openTrace('nonsense'), /no such file, and no trace that can be made \(http, dns, small, tls, elephant/);
  assert.throws(() => openTrace('dns:many'), /no such file/);
  writeFileSync(path, 'no pcap at all, but long enough to be one');
  assert.throws(() => countPackets(path), /no plain little-endian pcap/);
});

test('a trace is split by conversations, and nothing is lost', (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'http.pcap');
  const truth = writeTrace('http', path, 200);
  const parts = [join(folder, 'a.pcap'), join(folder, 'b.pcap')];
  splitTrace(path, parts);
  const packets = parts.map(countPackets);
  assert.equal((packets[0] as number) + (packets[1] as number), truth.packets);
  assert.ok(Math.min(...packets) > 0);
  const client = { address: ipv4('10.0.0.1'), port: 1 };
  const server = { address: ipv4('10.0.0.77'), port: 2 };
  for (const bytes of [0, 20]) {
    const there = udpFrame(client, server, Buffer.alloc(bytes));
    const back = udpFrame(server, client, Buffer.alloc(bytes));
    assert.equal(partOf(there, 0, there.length, 7), partOf(back, 0, back.length, 7));
    const tagged = Buffer.concat([there.subarray(0, 12), Buffer.from('81000005', 'hex'), there.subarray(12)]);
    assert.equal(partOf(tagged, 0, tagged.length, 7), partOf(there, 0, there.length, 7));
    for (let cut = 0; cut < 34; cut++) assert.equal(partOf(there, 0, cut, 7), 0);
  }
});

test('another build of the sensor is a command with the trace and a folder', () => {
  const other = otherSensor('before=node /old/src/main.ts -r {trace} -l {folder} -q');
  assert.equal(other.name, 'before');
  assert.deepEqual(other.command('/t.pcap', '/o'), ['node', '/old/src/main.ts', '-r', '/t.pcap', '-l', '/o', '-q']);
  assert.throws(() => otherSensor('nothing'), /expected NAME=COMMAND/);
});

function tool(name: string, ...args: string[]): { code: number | null; out: string; err: string } {
  const { status, stdout, stderr } = spawnSync(process.execPath, [`tools/${name}.ts`, ...args], { cwd: root, encoding: 'utf8' });
  return { code: status, out: stdout, err: stderr };
}

test('bench:peers runs the sensor over a trace made on the spot, and finds it exact', () => {
  const { code, out, err } = tool('bench-peers', '--runs', '2', '--only', 'ringtap,ringtap-flow', 'dns:300');
  assert.equal(code, 0, err);
  assert.match(out, /### dns: \d+ packets/);
  assert.match(out, /\| ringtap +\|.*\| flow exact, dns exact +\| (dns 300, session 300|session 300, dns 300) +\|/);
  assert.match(out, /\| ringtap-flow +\|.*\| flow exact +\| session 300 +\|/);
  assert.equal(tool('bench-peers').code, 2);
  const unknown = tool('bench-peers', '--only', 'nonsense', 'dns:10');
  assert.equal(unknown.code, 1);
  assert.match(unknown.err, /no such program: nonsense; there are ringtap, suri-basic/);
});

test('bench:scale says what each worker had, pinned and not', () => {
  const { code, out, err } = tool('bench-scale', '--workers', '1,2', '--runs', '1', 'elephant:20');
  assert.equal(code, 0, err);
  const rows = out.split('\n').filter((line) => /^\| +\d \|/.test(line));
  assert.deepEqual(
    rows.map((row) =>
      row
        .split('|')
        .slice(1, 3)
        .map((cell) => cell.trim())
        .join(' '),
    ),
    ['1 no', '1 yes', '2 no', '2 yes'],
  );
  assert.match(rows[0] as string, /\| 100 % +\| +1\.00 \|/);
  assert.match(rows[2] as string, /\| 9\d %, \d\.\d % +\| +1\.[89]\d \||\| \d\.\d %, 9\d % +\| +1\.[89]\d \|/);
  assert.equal(tool('bench-scale', '--workers', 'x', 'small').code, 2);
});

/** A process that has ended may wait for a while to be buried. */
function lives(pid: number): boolean {
  try {
    return !/^\d+ \(.*\) Z /.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false;
  }
}

test('an interrupted bench takes the running program and its folders along', async (context) => {
  const folder = temporaryFolder(context);
  const peers = spawn(process.execPath, ['tools/bench-peers.ts', '--runs', '99', '--only', 'ringtap', 'dns:2000'], {
    cwd: root,
    env: { ...process.env, TMPDIR: folder },
  });
  const children = `/proc/${peers.pid}/task/${peers.pid}/children`;
  let running: number[] = [];
  while (running.length === 0) {
    await sleep(5);
    running = readFileSync(children, 'utf8').split(' ').filter(Boolean).map(Number);
  }
  assert.ok(readdirSync(folder).length > 0);
  peers.kill('SIGTERM');
  assert.equal(await new Promise((resolve) => peers.once('close', resolve)), 143);
  while (running.some(lives)) await sleep(5);
  assert.deepEqual(readdirSync(folder), []);
});

const noWire =
  wireObstacle() ?? (spawnSync('ip', ['netns', 'add', 'ringtap-bench-probe']).status === 0 ? false : 'no namespaces here');
if (noWire === false) spawnSync('ip', ['netns', 'del', 'ringtap-bench-probe']);

test('bench:live measures on a wire of its own, and SIGINT takes the wire away', { skip: noWire }, async () => {
  const live = spawn(process.execPath, ['tools/bench-live.ts', '--seconds', '1', '--only', 'ringtap', 'dns:2000'], { cwd: root });
  const namespaces = (): string[] =>
    spawnSync('ip', ['netns'], { encoding: 'utf8' })
      .stdout.split('\n')
      .filter((line) => line.includes(`-${live.pid}`));
  let said = '';
  live.stderr.setEncoding('utf8');
  for await (const text of live.stderr) {
    said += text;
    if (/ringtap +[\d.]+ k? ?packets\/s: /.test(said)) break;
  }
  assert.match(said, /the sender can do/);
  assert.equal(namespaces().length, 2, said);
  live.kill('SIGINT');
  assert.equal(await new Promise((resolve) => live.once('exit', resolve)), 130);
  assert.equal(namespaces().length, 0);
});

test('bench:live says what it needs where it cannot run, and how it is called', () => {
  assert.equal(tool('bench-live').code, 2);
  const { status, stderr } = spawnSync(process.execPath, ['tools/bench-live.ts', 'dns:10'], {
    cwd: root,
    encoding: 'utf8',
    ...(process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {}),
  });
  assert.equal(status, 1);
  assert.match(stderr, /bench:live cannot run here: it needs root/);
});
