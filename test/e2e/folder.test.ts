// Folders of capture files through the whole sensor: read once, watched, remembered, deleted.

import assert from 'node:assert/strict';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { root } from '../source-tree.ts';
import { datasets, recordsOf, startSensor, temporaryFolder } from './sensor.ts';

const golden = (name: string): string => join(root, 'test/golden', `${name}.pcap`);
const captures = ['dns', 'http', 'sessions', 'tls'];

/** A folder `in` with captures, and one for what is written. */
function folders(context: TestContext, names: readonly string[]): { input: string; output: string } {
  const folder = temporaryFolder(context);
  const input = join(folder, 'in');
  mkdirSync(input);
  for (const name of names) copyFileSync(golden(name), join(input, `${name}.pcap`));
  return { input, output: join(folder, 'out') };
}

async function run(context: TestContext, ...args: string[]) {
  const { code, stderr } = await startSensor(context, args).result;
  assert.equal(code, 0, stderr);
  return stderr;
}

const written = (output: string) => recordsOf(readFileSync(join(output, 'ringtap.ndjson'), 'utf8'));

async function until(condition: () => boolean, what: string): Promise<void> {
  for (let tries = 0; !condition(); tries++) {
    assert.ok(tries < 300, `${what}: not within 30 s`);
    await pause(100);
  }
}

/** Sessions end soon after the last packet. */
const impatient = ['tcp', 'udp', 'icmp', 'other'].flatMap((name) => ['--set', `session.idle_${name}_secs=1`]);

test('a folder gives the records that its files give when they are named', async (context) => {
  const { input, output } = folders(context, captures);
  const named = captures.flatMap((name) => ['-r', golden(name)]);
  await run(context, ...named, '-q', '-n', '1', '--ordered', '-l', join(output, 'named'));
  await run(context, '-R', input, '-q', '-n', '1', '--ordered', '-l', join(output, 'folder'));
  assert.deepEqual(written(join(output, 'folder')), written(join(output, 'named')));
  assert.ok(written(join(output, 'folder')).length > 50);
});

test('folders below are read when asked for; unfinished files and hidden ones never are', async (context) => {
  const { input, output } = folders(context, []);
  mkdirSync(join(input, 'a/b'), { recursive: true });
  copyFileSync(golden('dns'), join(input, 'a/b/dns.pcap'));
  copyFileSync(golden('tls'), join(input, 'tls.pcap.part'));
  copyFileSync(golden('tls'), join(input, '.tls.pcap'));
  await run(context, '-R', input, '-q', '-l', output);
  assert.equal(written(output).length, 0);
  await run(context, '-R', input, '--recursive', '-q', '-l', output);
  const found = datasets(written(output));
  assert.ok((found.dns as number) > 0 && found.tls === undefined, JSON.stringify(found));
});

test('a bad file is counted and named, stops nothing and is not deleted', async (context) => {
  const { input, output } = folders(context, ['dns']);
  writeFileSync(join(input, 'notes.pcap'), 'this is no capture file, whatever its name says');
  const whole = readFileSync(golden('http'));
  writeFileSync(join(input, 'cut.pcap'), whole.subarray(0, whole.length - 3));
  const stderr = await run(context, '-R', input, '--delete', '-l', output);
  assert.match(stderr, /notes\.pcap: /);
  assert.match(stderr, /cut\.pcap: damaged .* were read/);
  assert.match(stderr, /files {6}2 cut off or damaged/);
  const found = datasets(written(output));
  assert.ok((found.dns as number) > 0 && (found.http as number) > 0, JSON.stringify(found));
  assert.deepEqual(readdirSync(input).sort(), ['cut.pcap', 'notes.pcap']);
});

test('files of earlier runs are skipped until they change', async (context) => {
  const { input, output } = folders(context, ['dns', 'tls']);
  const again = ['-R', input, '--skip', '-q', '-l', output];
  await run(context, ...again);
  const first = written(output).length;
  assert.ok(first > 0);
  await run(context, ...again);
  assert.equal(written(output).length, 0);
  copyFileSync(golden('http'), join(input, 'tls.pcap'));
  const stderr = await run(context, ...again);
  assert.match(stderr, /tls\.pcap: has changed since it was read/);
  assert.ok((datasets(written(output)).http as number) > 0);
});

test('a run that fails neither remembers nor deletes a file', async (context) => {
  const { input, output } = folders(context, ['dns']);
  mkdirSync(output);
  writeFileSync(join(output, 'occupied'), '');
  const path = `output.0.path=${JSON.stringify('occupied/x/records.ndjson')}`;
  const args = ['-R', input, '--skip', '--delete', '-q', '-l', output, '--set', path];
  const { code } = await startSensor(context, args).result;
  assert.equal(code, 1);
  assert.deepEqual(readdirSync(input), ['dns.pcap']);
  assert.equal(existsSync(join(output, 'ringtap-done.ndjson')), false);
});

test('a watched folder is read as files come, and each is deleted once its records are written', async (context) => {
  const { input, output } = folders(context, ['dns']);
  const args = ['-R', input, '--monitor', '--delete', '--skip', '-l', output, '-n', '2'];
  const running = startSensor(context, [...args, '--set', 'source.0.settle_secs=0.2', ...impatient]);
  await until(() => readdirSync(input).length === 0, 'dns.pcap is deleted');
  const dns = datasets(written(output));
  assert.ok((dns.dns as number) > 0 && (dns.session as number) > 0, 'the records were there before the file went');
  // What is being written is left alone: growing, and under the name of something unfinished.
  const whole = readFileSync(golden('http'));
  const growing = join(input, 'http.pcap.tmp');
  writeFileSync(growing, whole.subarray(0, 200));
  await pause(1500);
  assert.ok(existsSync(growing));
  writeFileSync(growing, whole);
  renameSync(growing, join(input, 'http.pcap'));
  await until(() => readdirSync(input).length === 0, 'http.pcap is deleted');
  assert.ok((datasets(written(output)).http as number) > 0);
  running.kill('SIGTERM');
  const { code, stderr } = await running.result;
  assert.equal(code, 0, stderr);
  assert.match(stderr, /losses {5}none/);
  const remembered = recordsOf(readFileSync(join(output, 'ringtap-done.ndjson'), 'utf8'));
  assert.deepEqual(remembered.map(({ path }) => path).sort(), [join(input, 'dns.pcap'), join(input, 'http.pcap')]);
});

test('a file whose sessions go on is kept until they are over, or the run is', async (context) => {
  const { input, output } = folders(context, ['sessions']);
  const args = ['-R', input, '--monitor', '--delete', '-l', output, '--set', 'source.0.settle_secs=0', '-v'];
  const running = startSensor(context, args);
  await pause(4000);
  assert.deepEqual(readdirSync(input), ['sessions.pcap'], 'connections of it are open');
  running.kill('SIGTERM');
  const { code, stderr } = await running.result;
  assert.equal(code, 0, stderr);
  assert.deepEqual(readdirSync(input), []);
});

test('a folder that is not there is an error at the start', async (context) => {
  const { input } = folders(context, []);
  const { code, stderr } = await startSensor(context, ['-R', join(input, 'gone')]).result;
  assert.equal(code, 1);
  assert.match(stderr, /gone: no such file or directory/);
  const usage = await startSensor(context, ['-r', golden('dns'), '--delete']).result;
  assert.equal(usage.code, 2);
  assert.match(usage.stderr, /--monitor, --skip and --delete say how the folder of -R is read/);
});
