// The file output: what it writes, rotation by size and time, compression, files moved away, and writes that fail.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmdirSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { gunzipSync, zstdDecompressSync } from 'node:zlib';
import { runSensor, temporaryFolder } from '../e2e/sensor.ts';
import { batchOf, fileOutputIn, lines } from './kit.ts';

const rotatedName = /^ringtap-\d{8}T\d{6}Z-\d{6}\.ndjson$/;

/** Frame after frame: the synchronous function of Node stops behind the first. */
function unpackZstd(bytes: Buffer): Buffer {
  const parts: Buffer[] = [];
  for (let rest = bytes; rest.length > 0; ) {
    const { buffer, engine } = zstdDecompressSync(rest, { info: true }) as unknown as Unpacked;
    parts.push(buffer);
    rest = rest.subarray(engine.bytesWritten);
  }
  return Buffer.concat(parts);
}

interface Unpacked {
  readonly buffer: Buffer;
  readonly engine: { readonly bytesWritten: number };
}

test('records are there as soon as their batch is taken', async (context) => {
  const folder = temporaryFolder(context);
  const output = fileOutputIn(folder, { path: 'a/b/out.ndjson' });
  await output.start();
  await output.write(lines('one', 'two'));
  assert.equal(readFileSync(join(folder, 'a/b/out.ndjson'), 'utf8'), 'one\ntwo\n');
  await output.write(lines('x'.repeat(200_000)));
  assert.equal(statSync(join(folder, 'a/b/out.ndjson')).size, 8 + 200_001);
  await output.stop(1000);
});

test('append goes on in a file that exists; without it the file begins anew, once', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ringtap.ndjson');
  const run = async (append: boolean, ...texts: string[]): Promise<string> => {
    const output = fileOutputIn(folder, { append });
    await output.start();
    for (const text of texts) {
      await output.write(lines(text));
      await output.reopen();
    }
    await output.stop(1000);
    return readFileSync(path, 'utf8');
  };
  assert.equal(await run(true, 'one'), 'one\n');
  assert.equal(await run(true, 'two'), 'one\ntwo\n');
  assert.equal(await run(false, 'three', 'four'), 'three\nfour\n');
});

test('new files have the permissions of the config', async (context) => {
  const folder = temporaryFolder(context);
  const umask = process.umask(0o002);
  context.after(() => process.umask(umask));
  for (const mode of ['0640', '600', '0666']) {
    const output = fileOutputIn(folder, { path: mode, mode });
    await output.start();
    await output.stop(1000);
    assert.equal(statSync(join(folder, mode)).mode & 0o777, Number.parseInt(mode, 8) & ~0o002);
  }
});

test('{type} gives a file each record type, made when it is needed', async (context) => {
  const folder = temporaryFolder(context);
  const output = fileOutputIn(folder, { path: '{type}/{type}.ndjson' });
  await output.start();
  assert.deepEqual(readdirSync(folder), []);
  await output.write(batchOf(['http', 'a'], ['dns', 'b'], ['http', 'c']));
  await output.write(batchOf(['tls', 'd']));
  await output.stop(1000);
  assert.deepEqual(readdirSync(folder).sort(), ['dns', 'http', 'tls']);
  assert.equal(readFileSync(join(folder, 'http/http.ndjson'), 'utf8'), 'a\nc\n');
  assert.equal(readFileSync(join(folder, 'dns/dns.ndjson'), 'utf8'), 'b\n');
});

test('gzip and zstd files are read by zlib as one text', async (context) => {
  const folder = temporaryFolder(context);
  for (const [compression, suffix, unpack] of [
    ['gzip', 'gz', gunzipSync],
    ['zstd', 'zst', unpackZstd],
  ] as const) {
    for (const text of ['one', 'two']) {
      const output = fileOutputIn(folder, { compression });
      await output.start();
      await output.write(lines(`${text} a`));
      await output.write(lines(`${text} b`));
      await output.stop(1000);
    }
    const packed = readFileSync(join(folder, `ringtap.ndjson.${suffix}`));
    assert.equal(unpack(packed).toString(), 'one a\none b\ntwo a\ntwo b\n');
  }
});

test('a file that has reached its size is rotated after the batch; names sort by time; nothing is lost', async (context) => {
  const folder = temporaryFolder(context);
  const output = fileOutputIn(folder, { rotate_bytes: 10 });
  await output.start();
  const texts = Array.from({ length: 30 }, (_, index) => `${index}`.padStart(5, '0'));
  for (const text of texts) await output.write(lines(text));
  await output.stop(1000);
  const rotated = readdirSync(folder)
    .filter((name) => name !== 'ringtap.ndjson')
    .sort();
  assert.ok(rotated.every((name) => rotatedName.test(name)));
  assert.equal(rotated.length, 15);
  assert.equal(output.counts.rotated_files, 15);
  const all = [...rotated, 'ringtap.ndjson'].map((name) => readFileSync(join(folder, name), 'utf8')).join('');
  assert.equal(all, texts.map((text) => `${text}\n`).join(''));
});

test('keep_files deletes the oldest rotated files of that path only', async (context) => {
  const folder = temporaryFolder(context);
  const others = ['ringtap-20200101T000000Z-000000.ndjson.gz', 'ringtap-notes.ndjson', 'ringtap2-20200101T000000Z-000000.ndjson'];
  for (const name of others) writeFileSync(join(folder, name), '');
  writeFileSync(join(folder, 'ringtap-20200101T000000Z-000000.ndjson'), 'of an earlier run');
  const output = fileOutputIn(folder, { rotate_bytes: 1, keep_files: 2 });
  await output.start();
  for (const text of ['1', '2', '3', '4']) await output.write(lines(text));
  await output.stop(1000);
  const rotated = readdirSync(folder)
    .filter((name) => rotatedName.test(name))
    .sort();
  assert.deepEqual(
    rotated.map((name) => readFileSync(join(folder, name), 'utf8')),
    ['3\n', '4\n'],
  );
  assert.equal(output.counts.deleted_files, 3);
  assert.ok(others.every((name) => readdirSync(folder).includes(name)));
});

test('a file that has reached its age is rotated, with its next batch or without one', async (context) => {
  const folder = temporaryFolder(context);
  context.mock.timers.enable({ apis: ['setInterval', 'Date'], now: Date.now() });
  const output = fileOutputIn(folder, { rotate_secs: 60 });
  await output.start();
  const count = (): number => readdirSync(folder).length;
  // An empty batch takes its turn after what the timer has started.
  const settled = async (): Promise<void> => output.write(lines());
  context.mock.timers.tick(61_000);
  await settled();
  assert.equal(count(), 1, 'an empty file is not rotated');
  await output.write(lines('a'));
  assert.equal(count(), 2, 'it was begun when the run began');
  await output.write(lines('b'));
  context.mock.timers.tick(58_000);
  await settled();
  assert.equal(count(), 2);
  context.mock.timers.tick(3_000);
  await settled();
  assert.equal(count(), 3, 'nothing had to be written for it');
  await output.stop(1000);
});

test('a file moved away is left behind when files are opened again', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ringtap.ndjson');
  const output = fileOutputIn(folder);
  await output.start();
  await output.write(lines('one'));
  renameSync(path, `${path}.1`);
  await output.write(lines('two'));
  await output.reopen();
  await output.write(lines('three'));
  await output.stop(1000);
  assert.equal(readFileSync(`${path}.1`, 'utf8'), 'one\ntwo\n');
  assert.equal(readFileSync(path, 'utf8'), 'three\n');
});

test('a file that cannot be opened is an error at the start, and one that cannot be opened again only delays', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ringtap.ndjson');
  mkdirSync(path);
  const blocked = fileOutputIn(folder);
  await assert.rejects(blocked.start(), {
    code: 'RT_OUTPUT',
    message: `${path}: illegal operation on a directory`,
    hint: /-l DIR/,
  });
  rmdirSync(path);
  const output = fileOutputIn(folder);
  await output.start();
  await output.write(lines('one'));
  renameSync(path, `${path}.1`);
  mkdirSync(path);
  await output.reopen();
  assert.deepEqual(output.log, [`error ${path}: illegal operation on a directory`]);
  await assert.rejects(output.write(lines('two')), { code: 'RT_OUTPUT' });
  rmdirSync(path);
  await output.write(lines('two'));
  await output.stop(1000);
  assert.equal(readFileSync(path, 'utf8'), 'two\n', 'the batch that was refused is in it once');
});

test('a rotation that fails is logged, and the batch is not refused for it', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'sub/out.ndjson');
  const output = fileOutputIn(folder, { path: 'sub/out.ndjson', rotate_bytes: 1 });
  await output.start();
  // The name is gone, so renaming fails; the file is still open and still written.
  renameSync(path, join(folder, 'sub/away'));
  await output.write(lines('one'));
  await output.write(lines('two'));
  assert.equal(readFileSync(join(folder, 'sub/away'), 'utf8'), 'one\ntwo\n');
  assert.deepEqual(
    output.log,
    Array.from({ length: 2 }, () => `warn ${path} could not be rotated: no such file or directory`),
  );
  await output.reopen();
  await output.write(lines('three'));
  await output.stop(1000);
  assert.equal(output.counts.rotated_files, 1);
});

test('a file cut from outside (copytruncate) goes on from its new end', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'ringtap.ndjson');
  const output = fileOutputIn(folder);
  await output.start();
  await output.write(lines('one', 'two'));
  truncateSync(path, 0);
  await output.write(lines('three'));
  await output.stop(1000);
  assert.equal(readFileSync(path, 'utf8'), 'three\n');
});

test('a batch that does not fit on the disk is taken back whole, from all of its files', (context) => {
  const script = fileURLToPath(new URL('fixtures/limited-writer.ts', import.meta.url));
  const unpack = { none: (bytes: Buffer) => bytes, gzip: gunzipSync, zstd: unpackZstd };
  const suffix = { none: '', gzip: '.gz', zstd: '.zst' };
  for (const compression of ['none', 'gzip', 'zstd'] as const) {
    const folder = temporaryFolder(context);
    // Files of at most 16 KiB; the signal that comes with the limit is ignored, so that writing fails with EFBIG.
    const limited = `trap '' XFSZ; ulimit -f 16; exec "$0" "$@"`;
    const text = execFileSync('bash', ['-c', limited, process.execPath, script, folder, compression], { encoding: 'utf8' });
    const { answers, files, log } = JSON.parse(text) as { answers: string[]; files: Record<string, string>; log: string[] };
    const refused = `dns.ndjson${suffix[compression]}: file too large`;
    assert.deepEqual(answers, ['taken', refused, refused, 'taken']);
    assert.deepEqual(log, []);
    for (const type of ['dns', 'http']) {
      const bytes = Buffer.from(files[`${type}.ndjson${suffix[compression]}`] ?? '', 'base64');
      assert.equal(unpack[compression](bytes).toString(), 'first\nlast\n', `${type} ${compression}`);
    }
  }
});

test('a folder where nothing can be made is an error, not a wait', async (context) => {
  const { code, stderr } = await runSensor(
    context,
    '-r',
    '-',
    '--set',
    'output.0.kind=file',
    '--set',
    'output.0.path=/proc/ringtap/records.ndjson',
  );
  assert.equal(code, 1, stderr);
  assert.match(stderr, /\/proc\/ringtap/);
});
