// Capture files through the whole sensor: counts equal to the traces' truth, the same records whatever the number of
// workers, all ways to give files, and what a damaged one does.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { writeTrace } from '../../tools/traces/index.ts';
import { datasets, recordsOf, runSensor, type SensorRecord, startSensor, temporaryFolder } from './sensor.ts';

const countBy = (records: readonly SensorRecord[], key: (record: SensorRecord) => string): Record<string, number> => {
  const counts: Record<string, number> = {};
  for (const record of records) counts[key(record)] = (counts[key(record)] ?? 0) + 1;
  return counts;
};

test('HTTP transactions equal the truth by method and status', async (context) => {
  const path = join(temporaryFolder(context), 'http.pcap');
  const truth = writeTrace('http', path, 1500);
  const { code, records, stderr } = await runSensor(context, '-r', path, '-k', 'all');
  assert.equal(code, 0, stderr);
  assert.deepEqual(datasets(records), { session: truth.tcp_flows, http: 1500 });
  const http = records.filter((record) => record.event.dataset === 'http');
  for (const [method, count] of Object.entries(countBy(http, (record) => record.http.request.method)))
    assert.equal(count, truth[`method ${method}`]);
  for (const [status, count] of Object.entries(countBy(http, (record) => record.http.response.status_code)))
    assert.equal(count, truth[`status ${status}`]);
  assert.equal(http.filter((record) => record.http.response.transfer_encoding === 'chunked').length, truth.chunked);
  const sessions = new Set(records.filter((record) => record.event.dataset === 'session').map((record) => record.session.id));
  assert.ok(
    http.every((record) => sessions.has(record.session.id)),
    'session.id joins the records',
  );
  const packets = records
    .filter((record) => record.event.dataset === 'session')
    .reduce((sum, record) => sum + record.network.packets, 0);
  assert.equal(packets, truth.packets);
  assert.match(stderr, /losses {5}none/);
});

test('DNS transactions equal the truth by type and response code', async (context) => {
  const path = join(temporaryFolder(context), 'dns.pcap');
  const truth = writeTrace('dns', path, 2000);
  const { code, records } = await runSensor(context, '-r', path);
  assert.equal(code, 0);
  const dns = records.filter((record) => record.event.dataset === 'dns');
  assert.equal(dns.length, 2000);
  for (const [type, count] of Object.entries(countBy(dns, (record) => record.dns.question.type)))
    assert.equal(count, truth[`query ${type}`]);
  assert.equal(dns.filter((record) => record.dns.type === 'query').length, truth.unanswered);
  assert.equal(
    dns.reduce((sum, record) => sum + (record.dns.answers_count ?? 0), 0),
    truth.answers,
  );
  const named = { NOERROR: 0, SERVFAIL: 2, NXDOMAIN: 3 };
  for (const [name, code] of Object.entries(named)) {
    assert.equal(dns.filter((record) => record.dns.response_code === name).length, truth[`rcode ${code}`]);
  }
});

test('one, two and four workers give the same records, and ordered ones the same bytes', async (context) => {
  const folder = temporaryFolder(context);
  const paths = (['http', 'dns', 'small'] as const).map((name, index) => {
    const path = join(folder, `${name}.pcap`);
    writeTrace(name, path, 300, 5 + index);
    return path;
  });
  const input = paths.flatMap((path) => ['-r', path]);
  const runs = await Promise.all([1, 2, 4].map((workers) => runSensor(context, ...input, '-n', String(workers))));
  const sets = runs.map(({ stdout }) => stdout.split('\n').sort().join('\n'));
  assert.ok((runs[0]?.records.length ?? 0) > 900);
  assert.equal(sets[1], sets[0]);
  assert.equal(sets[2], sets[0]);
  const ordered = await Promise.all([1, 2, 4].map((workers) => runSensor(context, ...input, '--ordered', '-n', String(workers))));
  assert.equal(ordered[0]?.stdout.split('\n').sort().join('\n'), sets[0]);
  assert.equal(ordered[1]?.stdout, ordered[0]?.stdout);
  assert.equal(ordered[2]?.stdout, ordered[0]?.stdout);
});

test('standard input, packed files and folders give what the plain file gives', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'plain.pcap');
  writeTrace('http', path, 60);
  const bytes = readFileSync(path);
  const plain = (await runSensor(context, '-r', path)).stdout.split('\n').sort();
  const packed = join(folder, 'packed');
  mkdirSync(packed);
  writeFileSync(join(packed, 'a.bin'), gzipSync(bytes));
  assert.deepEqual((await runSensor(context, '-r', packed)).stdout.split('\n').sort(), plain);
  writeFileSync(join(packed, 'a.bin'), zstdCompressSync(bytes));
  assert.deepEqual((await runSensor(context, '-r', join(packed, 'a.bin'))).stdout.split('\n').sort(), plain);
  const piped = await startSensor(context, ['-r', '-'], { input: bytes }).result;
  assert.deepEqual(piped.stdout.split('\n').sort(), plain);
});

test('a cut-off file gives what it holds and says so', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'cut.pcap');
  writeTrace('dns', path, 50);
  writeFileSync(path, readFileSync(path).subarray(0, 2000));
  const { code, records, stderr } = await runSensor(context, '-r', path);
  assert.equal(code, 0);
  assert.ok(records.length > 10);
  assert.match(stderr, /cut\.pcap/);
  assert.match(stderr, /files {6}1 cut off or damaged/);
});

test('a file that is no capture ends with an error that names it', async (context) => {
  const path = join(temporaryFolder(context), 'text.pcap');
  writeFileSync(path, 'This is not a capture file at all.\n');
  const { code, stdout, stderr } = await runSensor(context, '-r', path);
  assert.equal(code, 1);
  assert.equal(stdout, '');
  assert.match(stderr, /text\.pcap/);
  assert.match(stderr, /pcapng/);
  const missing = await runSensor(context, '-r', `${path}.missing`);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /text\.pcap\.missing/);
});

test('-l writes one file, {type} one file a record type, with rotation', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'http.pcap');
  const truth = writeTrace('http', path, 200);
  assert.equal((await runSensor(context, '-r', path, '-l', join(folder, 'out'))).code, 0);
  const all = recordsOf(readFileSync(join(folder, 'out', 'ringtap.ndjson'), 'utf8'));
  assert.deepEqual(datasets(all), { session: truth.tcp_flows, http: 200 });
  const typed = await runSensor(
    context,
    '-r',
    path,
    '-l',
    join(folder, 'typed'),
    '--set',
    'output.0.kind=file',
    '--set',
    'output.0.path={type}.ndjson',
  );
  assert.equal(typed.code, 0, typed.stderr);
  assert.equal(recordsOf(readFileSync(join(folder, 'typed', 'http.ndjson'), 'utf8')).length, 200);
  assert.equal(recordsOf(readFileSync(join(folder, 'typed', 'session.ndjson'), 'utf8')).length, truth.tcp_flows);
});

test('a reader that goes away ends the run quietly', async (context) => {
  const path = join(temporaryFolder(context), 'small.pcap');
  writeTrace('small', path, 3000);
  const sensor = startSensor(context, ['-r', path, '-q']);
  sensor.closeStdout();
  const { code, stderr } = await sensor.result;
  assert.equal(code, 0, stderr);
  assert.equal(stderr, '');
});
