// The spill queue against an array: appends, reads, acknowledgements, new runs and torn files in any order.

import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdtemp, readdir, readFile, rm, stat, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Worker } from 'node:worker_threads';
import fc from 'fast-check';
import { minSegmentBytes, type SpillBatch, type SpilledRecord, SpillQueue, type SpillRecord } from '../../src/spill/index.ts';

const directories: string[] = [];
after(async () => {
  for (const directory of directories) await rm(directory, { recursive: true, force: true });
});

async function newDirectory(): Promise<string> {
  const directory = await mkdtemp(join(tmpdir(), 'ringtap-spill-'));
  directories.push(directory);
  return directory;
}

const segmentBytes = minSegmentBytes;
const types = ['session', 'http', 'dns'];

function recordOf(n: number, bytes: number): SpillRecord {
  const content = Buffer.alloc(bytes, n & 0xff);
  if (bytes >= 4) content.writeUInt32LE(n);
  return { type: n % types.length, orderTimeUs: 1.7e15 + n, orderPacket: n * 3, orderIndex: n % 7, bytes: content };
}

function assertRecord(found: SpilledRecord, n: number, bytes: number): void {
  const { type, ...expected } = recordOf(n, bytes);
  assert.deepEqual(found, { ...expected, type: types[type] });
}

const segmentsOf = async (directory: string): Promise<string[]> =>
  (await readdir(directory)).filter((name) => name.endsWith('.spill')).sort();

type Step =
  | { readonly do: 'append'; readonly sizes: readonly number[] }
  | { readonly do: 'read'; readonly records: number; readonly bytes: number }
  | { readonly do: 'acknowledge' | 'rewind' | 'reopen' }
  | { readonly do: 'tear'; readonly bytes: number; readonly garbage: number };

const size = fc.oneof({ weight: 8, arbitrary: fc.nat(3000) }, { weight: 1, arbitrary: fc.nat(70_000) });
const step: fc.Arbitrary<Step> = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.array(size, { minLength: 1, maxLength: 20 }).map((sizes) => ({ do: 'append' as const, sizes })),
  },
  {
    weight: 4,
    arbitrary: fc.tuple(fc.integer({ min: 1, max: 30 }), fc.nat(20_000)).map(([records, bytes]) => ({
      do: 'read' as const,
      records,
      bytes,
    })),
  },
  { weight: 3, arbitrary: fc.constantFrom('acknowledge', 'rewind', 'reopen').map((name) => ({ do: name as 'reopen' })) },
  {
    weight: 1,
    arbitrary: fc.tuple(fc.nat(5000), fc.nat(80)).map(([bytes, garbage]) => ({ do: 'tear' as const, bytes, garbage })),
  },
);

const headerBytes = 16 + JSON.stringify(types).length;

interface ModelRecord {
  readonly n: number;
  readonly bytes: number;
}

/** Cuts `bytes` off the newest segment, puts garbage there, and says which records are left. */
async function tear(directory: string, bytes: number, garbage: number, onDisk: ModelRecord[]): Promise<ModelRecord[]> {
  const name = (await segmentsOf(directory)).at(-1);
  if (name === undefined) return onDisk;
  const path = join(directory, name);
  const { size: fileSize } = await stat(path);
  const left = Math.max(0, fileSize - bytes);
  await truncate(path, left);
  await appendFile(path, Buffer.alloc(garbage, 0xa5));
  let end = fileSize;
  let count = onDisk.length;
  while (end > left && end > headerBytes) {
    count -= 1;
    end -= 32 + (onDisk[count] as ModelRecord).bytes;
  }
  return onDisk.slice(0, count);
}

async function play(steps: readonly Step[]): Promise<void> {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 3 * segmentBytes, types };
  let queue = await SpillQueue.open(options);
  let pending: ModelRecord[] = [];
  /** All records that were taken, acknowledged or not: the last ones are in the file that is torn. */
  let onDisk: ModelRecord[] = [];
  let given = 0;
  let lastBatch: SpillBatch | undefined;
  let next = 0;
  for (const current of steps) {
    switch (current.do) {
      case 'append': {
        const records = current.sizes.map((bytes, index) => recordOf(next + index, bytes));
        const offered = current.sizes.map((bytes, index) => ({ n: next + index, bytes }));
        const fitting = offered.filter(({ bytes }) => headerBytes + 32 + bytes <= segmentBytes);
        const usedBefore = queue.stats.usedBytes;
        const accepted = await queue.append(records);
        const refused = fitting[accepted];
        if (refused !== undefined) assert.ok(queue.stats.usedBytes + headerBytes + 32 + refused.bytes > options.maxBytes);
        assert.ok(queue.stats.usedBytes <= options.maxBytes);
        const taken = fitting.slice(0, accepted);
        assert.ok(queue.stats.usedBytes >= taken.reduce((sum, { bytes }) => sum + 32 + bytes, usedBefore));
        pending.push(...taken);
        onDisk.push(...taken);
        next += offered.length;
        break;
      }
      case 'read': {
        const batch = await queue.read(current.records, current.bytes);
        const expected = pending.slice(given, given + (batch?.records.length ?? 1));
        assert.equal(batch === undefined, expected.length === 0);
        assert.ok((batch?.records.length ?? 0) <= current.records);
        expected.forEach(({ n, bytes }, index) => {
          assertRecord(batch?.records[index] as SpilledRecord, n, bytes);
        });
        given += batch?.records.length ?? 0;
        lastBatch = batch ?? lastBatch;
        break;
      }
      case 'acknowledge':
        if (lastBatch === undefined) break;
        await queue.acknowledge(lastBatch);
        pending = pending.slice(given);
        given = 0;
        lastBatch = undefined;
        break;
      case 'rewind':
        await queue.rewind();
        given = 0;
        lastBatch = undefined;
        break;
      case 'reopen':
      case 'tear': {
        await queue.close();
        if (current.do === 'tear') {
          onDisk = await tear(directory, current.bytes, current.garbage, onDisk);
          pending = pending.filter((record) => onDisk.includes(record));
        }
        queue = await SpillQueue.open(options);
        given = 0;
        lastBatch = undefined;
        break;
      }
    }
    assert.equal(queue.stats.pendingRecords, pending.length);
    assert.equal(queue.isEmpty, pending.length === 0);
  }
  for (let batch = await queue.read(1000, 1 << 20); batch !== undefined; batch = await queue.read(1000, 1 << 20)) {
    for (const record of batch.records) {
      const { n, bytes } = pending[given] as ModelRecord;
      assertRecord(record, n, bytes);
      given += 1;
    }
    lastBatch = batch;
  }
  assert.equal(given, pending.length);
  if (lastBatch !== undefined) await queue.acknowledge(lastBatch);
  assert.equal(queue.stats.pendingRecords, 0);
  await queue.close();
  await rm(directory, { recursive: true });
}

test('behaves as a queue that loses nothing but what a torn file held, over any number of runs', async () => {
  await fc.assert(fc.asyncProperty(fc.array(step, { minLength: 1, maxLength: 60, size: 'max' }), play), {
    numRuns: 40,
    seed: 20_260_102,
  });
});

test('a file cut at every byte gives back exactly the records before the cut', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 2 * segmentBytes, types };
  const queue = await SpillQueue.open(options);
  const sizes = [0, 1, 40, 7, 100];
  assert.equal(await queue.append(sizes.map((bytes, n) => recordOf(n, bytes))), 5);
  await queue.close();
  const name = (await segmentsOf(directory))[0] as string;
  const whole = await readFile(join(directory, name));
  const ends: number[] = [];
  sizes.reduce((end, bytes) => {
    ends.push(end + 32 + bytes);
    return end + 32 + bytes;
  }, headerBytes);
  assert.equal(ends.at(-1), whole.length);
  for (let cut = 0; cut <= whole.length; cut += 1) {
    await writeFile(join(directory, name), whole.subarray(0, cut));
    const again = await SpillQueue.open(options);
    const count = ends.filter((end) => end <= cut).length;
    const batch = await again.read(10, 10_000);
    assert.equal(batch?.records.length ?? 0, count);
    batch?.records.forEach((record, n) => {
      assertRecord(record, n, sizes[n] as number);
    });
    const good = count === 0 ? (cut >= headerBytes ? headerBytes : 0) : (ends[count - 1] as number);
    assert.equal(again.stats.tornBytes, cut - good);
    await again.close();
  }
});

test('one damaged bit: the records before it are given, the rest of that segment is counted, the next segment is read', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 4 * segmentBytes, types };
  const records = Array.from({ length: 30 }, (_, n) => recordOf(n, 5000));
  for (const damageWhen of ['before open', 'after open']) {
    const queue = await SpillQueue.open(options);
    assert.equal(await queue.append(records), 30);
    await queue.close();
    const first = join(directory, (await segmentsOf(directory))[0] as string);
    const damage = async (): Promise<void> => {
      const bytes = await readFile(first);
      bytes[headerBytes + 3 * 5032 + 1000] = 0xff;
      await writeFile(first, bytes);
    };
    if (damageWhen === 'before open') await damage();
    const again = await SpillQueue.open(options);
    if (damageWhen === 'after open') await damage();
    const numbers: number[] = [];
    for (let batch = await again.read(7, 20_000); batch !== undefined; batch = await again.read(7, 20_000)) {
      for (const { bytes } of batch.records) numbers.push(bytes.readUInt32LE());
      await again.acknowledge(batch);
    }
    const perSegment = Math.floor((segmentBytes - headerBytes) / 5032);
    const expected = [0, 1, 2, ...Array.from({ length: 30 - perSegment }, (_, index) => perSegment + index)];
    assert.deepEqual(numbers, expected);
    assert.equal(again.stats.tornBytes, (perSegment - 3) * 5032);
    assert.equal(again.isEmpty, true);
    await again.close();
    assert.deepEqual(await segmentsOf(directory), []);
  }
});

test('full: the first record without space and all after it are refused; acknowledging makes space again', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 2 * segmentBytes, types };
  const queue = await SpillQueue.open(options);
  const records = Array.from({ length: 40 }, (_, n) => recordOf(n, 4000));
  const perSegment = Math.floor((segmentBytes - headerBytes) / 4032);
  assert.equal(await queue.append(records), 2 * perSegment);
  assert.equal(await queue.append([recordOf(99, 4000)]), 0);
  assert.equal(
    await queue.append([recordOf(99, segmentBytes), recordOf(100, 10)]),
    1,
    'too large for any segment; the next one fits',
  );
  const batch = (await queue.read(perSegment, 1 << 20)) as SpillBatch;
  assert.equal(batch.records.length, perSegment);
  assert.equal(await queue.append([recordOf(99, 4000)]), 0);
  await queue.acknowledge(batch);
  assert.equal(await queue.append([recordOf(99, 4000)]), 1);
  assert.equal(queue.stats.pendingRecords, perSegment + 2);
  await queue.close();
});

test('types are kept by name: a later run with another list of types gets the right ones', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 2 * segmentBytes };
  const queue = await SpillQueue.open({ ...options, types: ['a', 'b'] });
  await queue.append([{ ...recordOf(0, 4), type: 1 }]);
  await queue.close();
  const again = await SpillQueue.open({ ...options, types: ['b', 'c', 'a'] });
  await again.append([{ ...recordOf(1, 4), type: 2 }]);
  const first = await again.read(10, 1000);
  const second = await again.read(10, 1000);
  assert.deepEqual([first?.records[0]?.type, second?.records[0]?.type], ['b', 'a']);
  await again.close();
});

test('a damaged position gives records again rather than losing them', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 2 * segmentBytes, types };
  const queue = await SpillQueue.open(options);
  await queue.append([0, 1, 2].map((n) => recordOf(n, 100)));
  await queue.acknowledge((await queue.read(1, 1000)) as SpillBatch);
  await queue.close();
  for (const text of ['', '1 99', '1 99 00000000\n', 'x'.repeat(100)]) {
    await writeFile(join(directory, 'position'), text);
    const again = await SpillQueue.open(options);
    assert.equal(again.stats.pendingRecords, 3);
    await again.close();
  }
});

test('a directory in use by another living process is refused; that of a dead one is taken over', async () => {
  const directory = await newDirectory();
  const options = { directory, segmentBytes, maxBytes: 2 * segmentBytes, types };
  const holder = spawn(process.execPath, [fileURLToPath(new URL('./fixtures/holder.ts', import.meta.url)), directory], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  await once(holder.stdout, 'data');
  await assert.rejects(SpillQueue.open(options), { name: 'SensorError', code: 'RT_SPILL', message: /in use by process/ });
  holder.kill('SIGKILL');
  await once(holder, 'exit');
  const queue = await SpillQueue.open(options);
  assert.equal(queue.stats.pendingRecords, 1);
  await queue.close();
});

test('a thread killed at any moment of appending: what it reported as written is there, in order, without a hole', async () => {
  for (let round = 0; round < 6; round += 1) {
    const directory = await newDirectory();
    const worker = new Worker(new URL('./fixtures/appender.ts', import.meta.url), { workerData: { directory, round } });
    let reported = 0;
    await new Promise<void>((resolve) => {
      worker.on('message', (count: number) => {
        reported = count;
        if (count >= 40 * (round + 1)) void worker.terminate();
      });
      worker.on('exit', () => resolve());
    });
    const queue = await SpillQueue.open({ directory, segmentBytes, maxBytes: 64 * segmentBytes, types });
    const numbers: number[] = [];
    for (let batch = await queue.read(100, 1 << 20); batch !== undefined; batch = await queue.read(100, 1 << 20)) {
      for (const { bytes } of batch.records) numbers.push(bytes.readUInt32LE());
    }
    assert.ok(numbers.length >= reported);
    assert.deepEqual(
      numbers,
      numbers.map((_, index) => index),
    );
    await queue.close();
  }
});

test('bounds that make no sense and directories that cannot be are errors with a code and a hint', async () => {
  const directory = await newDirectory();
  for (const [segment, most] of [
    [1000, 1 << 30],
    [segmentBytes, segmentBytes],
    [Number.NaN, 1 << 30],
  ] as const) {
    await assert.rejects(SpillQueue.open({ directory, segmentBytes: segment, maxBytes: most, types }), { code: 'RT_SPILL' });
  }
  await writeFile(join(directory, 'file'), '');
  const impossible = join(directory, 'file', 'below');
  await assert.rejects(SpillQueue.open({ directory: impossible, segmentBytes, maxBytes: 1 << 20, types }), {
    code: 'RT_SPILL',
    message: /ENOTDIR/,
  });
  const queue = await SpillQueue.open({ directory, segmentBytes, maxBytes: 1 << 20, types });
  await queue.close();
  await queue.close();
  await assert.rejects(queue.append([recordOf(0, 1)]), /closed/);
});

/** Runs the fixture on a tmpfs of 1 MiB that only its process sees; nothing where mounting is not permitted. */
function onFullDisk(directory: string): string | undefined {
  const script = 'mount -t tmpfs -o size=1m tmpfs "$1" && exec "$2" "$3" "$1"';
  const fixture = fileURLToPath(new URL('./fixtures/full-disk.ts', import.meta.url));
  const probe = spawnSync('unshare', ['-m', 'sh', '-c', 'mount -t tmpfs tmpfs "$1"', 'sh', directory]);
  if (probe.status !== 0) return undefined;
  const run = spawnSync('unshare', ['-m', 'sh', '-c', script, 'sh', directory, process.execPath, fixture], { encoding: 'utf8' });
  assert.equal(run.status, 0, run.stderr);
  return run.stdout;
}

test('a full file system ends an append before the record that does not fit; read empty, the queue goes on', async (t) => {
  const result = onFullDisk(await newDirectory());
  if (result === undefined) return t.skip('mounting a small file system in a private namespace is not permitted here');
  const { filled, ...rest } = JSON.parse(result);
  assert.ok(filled > 50 && filled < 105, `${filled} records of 10 000 bytes on 1 MiB`);
  assert.deepEqual(rest, { diskFull: 1, pending: filled, refusedAgain: 0, again: 20, inOrder: true, read: filled + 20 });
});
