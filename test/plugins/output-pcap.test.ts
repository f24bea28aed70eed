// The pcap output through the whole sensor: what it stores is what came in, in every encoding, by walking the files and by the
// positions in records; one file like tcpdump's, with rotation; reading sessions back; full disks, room, and sudden deaths.

import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmdirSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { deleteOldest, Folders } from '../../plugins/output-pcap/folders.ts';
import { FileCatalog } from '../../src/pcap/index.ts';
import type { CaptureFile } from '../../src/record/index.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { recordsOf, runSensor, type SensorRecord, startSensor, temporaryFolder } from '../e2e/sensor.ts';
import { decrypted, type ListedFile, listedFiles, packetAt, packetsOf, positionsOf, unpacked } from './capture-file.ts';

const secret = 'a key of the operator';
/** Settings of an output that stores, by name, beside those of every run. */
const encodings: Readonly<Record<string, readonly string[]>> = {
  plain: [],
  gzip: ['compression=gzip'],
  zstd: ['compression=zstd', 'block_bytes=65536'],
  'short heads': ['short_head=true'],
  'short heads in zstd': ['short_head=true', 'compression=zstd'],
  'local index': ['local_index=true', 'compression=zstd'],
  encrypted: ['encryption=aes-256-ctr', 'compression=gzip'],
  'encrypted, older wrapping': ['encryption=aes-256-ctr', 'key_wrapping=legacy', 'local_index=true'],
  'past the page cache': ['direct_io=true', 'write_bytes=8192'],
  'past the page cache, in zstd': ['direct_io=true', 'write_bytes=4096', 'compression=zstd'],
  'exclusive or': ['encryption=xor-2048', 'compression=zstd'],
  'exclusive or, older wrapping': ['encryption=xor-2048', 'key_wrapping=legacy'],
};

const has = (program: string): boolean => spawnSync(program, ['--version']).error === undefined;
const withoutTcpdump = has('tcpdump') ? false : 'needs tcpdump (apt-get install tcpdump)';
const withoutTshark = has('tshark') ? false : 'needs tshark (apt-get install tshark)';

function trace(folder: string, flows = 60): string {
  const path = join(folder, 'in.pcap');
  writeTrace('http', path, flows);
  return path;
}

function settings(folder: string, own: readonly string[], output = 0): string[] {
  const keys = join(folder, 'keys');
  writeFileSync(keys, `# keys\n[keks]\nfirst = ${secret}\n`);
  return [`kind=pcap`, `key_file=${keys}`, 'key_id=first', ...own].flatMap((setting) => ['--set', `output.${output}.${setting}`]);
}

interface Stored {
  readonly folder: string;
  readonly records: SensorRecord[];
  readonly files: Map<number, ListedFile>;
  readonly stderr: string;
}

/** Runs the sensor with an output that stores in `<folder>/pcap` and one for records. */
async function store(context: TestContext, input: string, own: readonly string[], ...args: string[]): Promise<Stored> {
  const folder = temporaryFolder(context);
  const { code, stderr, stdout } = await runSensor(
    context,
    ...['-r', input, '-l', folder, ...settings(folder, own), '--set', 'output.1.kind=stdout', ...args],
  );
  assert.equal(code, 0, stderr);
  return { folder, records: recordsOf(stdout), files: listedFiles(join(folder, 'pcap')), stderr };
}

const sessionsOf = (records: readonly SensorRecord[]): SensorRecord[] =>
  records.filter((record) => record.event.dataset === 'session');

for (const [name, own] of Object.entries(encodings)) {
  test(`stored packets are those that came in, and every position leads to its packet: ${name}`, async (context) => {
    const input = trace(temporaryFolder(context));
    const expected = packetsOf(readFileSync(input)).sort();
    const blocks = own.some((setting) => setting.startsWith('block_bytes')) ? own : [...own, 'block_bytes=9000'];
    const { files, records, stderr } = await store(context, input, blocks, '-n', '2');
    assert.match(stderr, /losses {5}none/);
    assert.equal(files.size, 2);
    const packets: string[] = [];
    const plain = new Map<ListedFile, Buffer>();
    for (const file of files.values()) {
      assert.equal(file.state, 'closed');
      assert.equal(statSync(file.path).size, file.bytes);
      plain.set(file, decrypted(file, secret));
      const whole = unpacked(file, plain.get(file) as Buffer);
      assert.equal(whole.length, file.packetBytes);
      const held = packetsOf(whole);
      assert.equal(held.length, file.packets);
      packets.push(...held);
    }
    assert.deepEqual(packets.sort(), expected);
    const placed: string[] = [];
    for (const session of sessionsOf(records)) {
      const found = positionsOf(session.pcap.packet_pos, files).flatMap(([file, positions]) =>
        positions.map((position) => packetAt(file, plain.get(file) as Buffer, position) ?? `nothing at ${position}`),
      );
      assert.equal(found.length, session.network.packets);
      placed.push(...found);
    }
    assert.deepEqual(placed.sort(), expected);
    // Outputs heard of each file before and after.
    const told = records
      .filter((record) => record.event.dataset === 'file')
      .map((record) => `${record.pcap.num} ${record.pcap.state}`);
    assert.deepEqual(told.sort(), ['1 closed', '1 open', '2 closed', '2 open']);
  });
}

test('ringtap packets writes the packets of a session, from records or from Arkime documents', async (context) => {
  const input = trace(temporaryFolder(context));
  for (const [format, own] of [
    ['ecs', encodings.encrypted],
    ['ecs', encodings['local index']],
    ['ecs', encodings['exclusive or']],
    ['arkime_bulk', encodings.zstd],
    ['arkime_bulk', encodings['local index']],
  ] as const) {
    const { folder, records } = await store(context, input, own ?? [], '--set', `output.1.format=${format}`, '-n', '2');
    const documents = join(folder, 'records.ndjson');
    writeFileSync(documents, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
    const isBulk = format !== 'ecs';
    const at = records.findIndex((record) => (isBulk ? record.packetPos : record.event.dataset === 'session'));
    const id = isBulk ? records[at - 1].index._id : records[at].session.id;
    const config = join(folder, 'config.toml');
    writeFileSync(config, `[[output]]\nkind = "pcap"\nkey_file = "${join(folder, 'keys')}"\n`);
    const out = join(folder, 'session.pcap');
    const { code, stderr } = await runSensor(context, 'packets', id, '-d', documents, '-c', config, '-l', folder, '-w', out);
    assert.equal(code, 0, stderr);
    const packets = packetsOf(readFileSync(out));
    assert.equal(packets.length, records[at].network.packets, `${format} ${stderr}`);
    const all = new Set(packetsOf(readFileSync(input)));
    assert.ok(packets.every((packet) => all.has(packet)));
  }
});

test('ringtap packets says what is missing', async (context) => {
  const input = trace(temporaryFolder(context), 3);
  const { folder, records } = await store(context, input, []);
  const documents = join(folder, 'records.ndjson');
  writeFileSync(documents, records.map((record) => `${JSON.stringify(record)}\n`).join(''));
  const run = (...args: string[]) => runSensor(context, 'packets', ...args, '-d', documents, '-w', join(folder, 'x.pcap'));
  assert.match((await run('nobody', '-p', join(folder, 'pcap'))).stderr, /there is no session nobody/);
  assert.match((await run('nobody', '-p', folder)).stderr, /no list of stored files/);
  const { id } = sessionsOf(records)[0].session;
  for (const { path } of listedFiles(join(folder, 'pcap')).values()) writeFileSync(path, readFileSync(path).subarray(0, 24));
  const cut = await run(id, '-p', join(folder, 'pcap'));
  assert.deepEqual([cut.code, /could not be read/.test(cut.stderr)], [1, true]);
});

test('-w writes the very file that was read, whatever the number of workers', async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 200);
  for (const workers of ['1', '3']) {
    const out = join(folder, `out-${workers}.pcap`);
    const { code, stderr } = await runSensor(context, '-r', input, '-w', out, '-n', workers, '-l', folder);
    assert.equal(code, 0, stderr);
    // The snap length in the head is ours.
    assert.ok(readFileSync(out).subarray(24).equals(readFileSync(input).subarray(24)));
  }
});

test('-w - goes to standard output, in place of records', async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 20);
  const shell = `"${process.execPath}" src/main.ts -q -r "${input}" -w - > "${join(folder, 'piped.pcap')}"`;
  assert.equal(spawnSync('sh', ['-c', shell], { encoding: 'utf8' }).stderr, '');
  assert.ok(readFileSync(join(folder, 'piped.pcap')).subarray(24).equals(readFileSync(input).subarray(24)));
});

test('-w with -C, -G and -W rotates, and keeps the newest', async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 200);
  const run = async (name: string, ...args: string[]): Promise<string[]> => {
    const out = join(folder, name);
    mkdirSync(out);
    const { code, stderr } = await runSensor(context, '-r', input, '-w', join(out, 'p.pcap'), '-l', folder, '-n', '2', ...args);
    assert.equal(code, 0, stderr);
    return readdirSync(out).map((file) => join(out, file));
  };
  const all = await run('all', '-C', '0.02');
  assert.ok(all.length > 5, `${all}`);
  for (const file of all) assert.match(file, /\/p_\d{5}_\d{14}\.pcap$/);
  const packets = all.flatMap((file) => packetsOf(readFileSync(file)));
  assert.deepEqual(packets, packetsOf(readFileSync(input)));
  assert.ok(all.slice(0, -1).every((file) => statSync(file).size >= 20_000 && statSync(file).size < 100_000));
  const kept = await run('kept', '-C', '0.02', '-W', '3');
  assert.deepEqual(
    kept.map((file) => file.replace(/.*\//, '')),
    all.slice(-3).map((file) => file.replace(/.*\//, '')),
  );
  const wrong = await runSensor(context, '-r', input, '-C', '1');
  assert.deepEqual([wrong.code, /-C is for the file of -w/.test(wrong.stderr)], [2, true]);
});

test('tcpdump reads what is written, count by count and byte by byte', { skip: withoutTcpdump }, async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 50);
  const out = join(folder, 'out.pcap');
  const { files } = await store(context, input, [], '-w', out, '-n', '1');
  const dump = (path: string): string => spawnSync('tcpdump', ['-nettxxr', path], { encoding: 'utf8' }).stdout;
  const expected = dump(input);
  assert.ok(expected.length > 100_000);
  assert.equal(dump(out), expected);
  assert.equal(dump((files.get(1) as ListedFile).path), expected);
});

test('tshark reads pcapng with its interface, its comment and the same packets', { skip: withoutTshark }, async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 50);
  const out = join(folder, 'out.pcapng');
  const ng = ['kind=pcap', `path=${out}`, 'file_format=pcapng', 'comment=from the test'];
  const { code, stderr } = await runSensor(
    context,
    '-r',
    input,
    '-n',
    '2',
    ...ng.flatMap((each) => ['--set', `output.0.${each}`]),
  );
  assert.equal(code, 0, stderr);
  const fields = (path: string, ...names: string[]): string =>
    spawnSync('tshark', ['-r', path, '-T', 'fields', ...names.flatMap((name) => ['-e', name])], { encoding: 'utf8' }).stdout;
  const same = ['frame.time_epoch', 'frame.len', 'frame.cap_len', 'tcp.seq_raw', 'tcp.payload'];
  const strip = (text: string): string => text.replace(/^(\d+\.\d{6})\d*/gm, '$1');
  assert.equal(strip(fields(out, ...same)), strip(fields(input, ...same)));
  assert.equal([...new Set(fields(out, 'frame.interface_name').trim().split('\n'))].join(), input);
  assert.ok(readFileSync(out).includes('from the test'));
});

test('the file that sessions are cut at: after so many packets they are tagged, and no more is stored', async (context) => {
  const input = trace(temporaryFolder(context), 20);
  const { records, files } = await store(context, input, ['session_packets=2'], '--set', 'output.1.format=arkime', '-n', '1');
  assert.ok(records.length > 2);
  for (const document of records) {
    assert.ok(document.tags.includes('truncated-pcap'));
    assert.equal(document.packetPos.length, 3);
  }
  assert.equal(files.get(1)?.packets, records.length * 2);
});

test('files are rotated by size and by time, and are spread over folders', async (context) => {
  const folder = temporaryFolder(context);
  const input = trace(folder, 100);
  const own = ['rotate_bytes=30000', 'directories=["a", "b"]', 'directory_template="%Y/%m"', 'name_template="x-{number}"'];
  const { code, stderr } = await runSensor(context, '-r', input, '-l', folder, '-n', '1', ...settings(folder, own));
  assert.equal(code, 0, stderr);
  const files = [...listedFiles(join(folder, 'a')).values()].sort((one, other) => one.number - other.number);
  assert.ok(files.length > 3);
  files.forEach(({ path, number }, index) => {
    assert.match(path, new RegExp(`/${index % 2 === 0 ? 'a' : 'b'}/\\d{4}/\\d{2}/x-${String(number).padStart(8, '0')}\\.pcap$`));
  });
  assert.deepEqual(
    files.flatMap(({ path }) => packetsOf(readFileSync(path))),
    packetsOf(readFileSync(input)),
  );
  // Numbers go on in the next run.
  await runSensor(context, '-r', input, '-l', folder, '-n', '1', ...settings(folder, own));
  const numbers = [...listedFiles(join(folder, 'a')).keys()];
  assert.equal(new Set(numbers).size, numbers.length);
  assert.ok(numbers.length >= files.length * 2);
});

test('options that contradict each other are errors before anything runs', async (context) => {
  const folder = temporaryFolder(context);
  for (const [own, message] of [
    [['encryption=aes-256-ctr', 'key_id=""'], /encryption needs key_file and key_id/],
    [['encryption=aes-256-ctr', 'key_id=other'], /has no key "other"/],
    [['compression=gzip', 'compression_level=12'], /compression_level of gzip is 9 at most/],
    [['file_format=pcapng'], /needs a path/],
    [['policy=spill'], /cannot be spilled/],
  ] as const) {
    const { code, stderr } = await runSensor(context, '-r', trace(folder, 2), '-l', folder, ...settings(folder, own));
    assert.notEqual(code, 0);
    assert.match(stderr, message);
  }
});

test('the oldest finished files go when a folder has less room than it should; the newest stay', async (context) => {
  const folder = temporaryFolder(context);
  const catalog = FileCatalog.open(folder, 'n');
  const files = Array.from({ length: 6 }, (_, index): CaptureFile => {
    const path = join(folder, `${index}.pcap`);
    writeFileSync(path, 'x');
    return {
      state: index === 5 ? 'open' : 'closed',
      number: index + 1,
      node: 'n',
      path,
      firstUs: 0,
      startUs: 0,
      positions: 'gap0',
      ...(index === 0 ? { indexPath: join(folder, 'n-1.index') } : {}),
    };
  });
  writeFileSync(join(folder, 'n-1.index'), 'x');
  for (const file of files) catalog.add(file);
  const folders = new Folders([folder], 'round-robin');
  assert.deepEqual(await deleteOldest(folders, catalog, { freePercent: 0, freeBytes: 0, keepNewest: 2 }), []);
  const gone = await deleteOldest(folders, catalog, { freePercent: 100, freeBytes: 0, keepNewest: 2 });
  assert.deepEqual(
    gone.map(({ number, state }) => [number, state]),
    [1, 2, 3].map((number) => [number, 'deleted']),
  );
  assert.deepEqual(readdirSync(folder).sort(), ['3.pcap', '4.pcap', '5.pcap', 'n.files.ndjson']);
  assert.deepEqual(
    FileCatalog.open(folder, 'n').files.map(({ number }) => number),
    [4, 5, 6],
  );
});

/** A file system of so many bytes; undefined where it may not be made. */
function smallDisk(context: TestContext, bytes: number): string | undefined {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-disk-'));
  const { status } = spawnSync('mount', ['-t', 'tmpfs', '-o', `size=${bytes}`, 'ringtap-test', folder]);
  context.after(() => {
    if (status === 0) spawnSync('umount', ['-l', folder]);
    rmdirSync(folder);
  });
  return status === 0 ? folder : undefined;
}

for (const own of [
  [],
  ['direct_io=true', 'write_bytes=8192'],
  ['compression=gzip', 'compression_level=1', 'block_bytes=9000'],
  ['path=all.pcap'],
]) {
  test(`a full disk: saving stops, everything is counted, the run goes on: ${own.join(' ') || 'plain'}`, async (context) => {
    const disk = smallDisk(context, 500_000);
    if (disk === undefined) return context.skip('needs root and tmpfs (mount -t tmpfs)');
    const input = trace(temporaryFolder(context), 3000);
    const total = packetsOf(readFileSync(input)).length;
    const folder = temporaryFolder(context);
    const pcap = own.some((each) => each.startsWith('path='))
      ? [`path=${join(disk, 'all.pcap')}`]
      : [...own, `directories=["${disk}"]`];
    const { code, stderr, stdout } = await runSensor(
      context,
      ...['-r', input, '-l', folder, '-n', '2', ...settings(folder, pcap), '--set', 'output.1.kind=stdout'],
    );
    assert.equal(code, 0, stderr);
    assert.match(stderr, /no space left on device/i);
    assert.equal(
      sessionsOf(recordsOf(stdout)).reduce((sum, { network }) => sum + network.packets, 0),
      total,
    );
    const lost = [...stderr.matchAll(/kept frames disk_full ([\d,]+)/g)].reduce(
      (sum, [, text]) => sum + Number(text?.replaceAll(',', '')),
      0,
    );
    const files = own.some((each) => each.startsWith('path=')) ? undefined : [...listedFiles(disk).values()];
    const held =
      files === undefined
        ? packetsOf(readFileSync(join(disk, 'all.pcap'))).length
        : files.reduce((sum, file) => sum + packetsOf(unpackedOrEmpty(file)).length, 0);
    assert.ok(held > 0 && lost > 0);
    assert.equal(held + lost, total, stderr);
  });
}

/** A gzip file that was cut has no end; what is there counts. */
function unpackedOrEmpty(file: ListedFile): Buffer {
  const bytes = readFileSync(file.path);
  if (file.compression === undefined) return bytes;
  const gunzip = spawnSync('gzip', ['-dc'], { input: bytes, maxBuffer: 1 << 28 });
  return gunzip.stdout;
}

test('after a kill the files hold whole packets, and the next run ends them', async (context) => {
  const folder = temporaryFolder(context);
  const input = readFileSync(trace(folder, 400));
  const pcap = ['write_bytes=4096', 'directories=["pcap"]', 'flush_secs=0.05'];
  const sensor = startSensor(context, ['-r', '-', '-l', folder, '-n', '1', ...settings(folder, pcap)], {
    input,
    openStdin: true,
  });
  const path = await new Promise<string>((resolve) => {
    const timer = setInterval(() => {
      const [file] = [...listedFilesOrNone(join(folder, 'pcap')).values()];
      if (file === undefined || statSync(file.path).size < input.length / 2) return;
      clearInterval(timer);
      resolve(file.path);
    }, 20);
  });
  sensor.kill('SIGKILL');
  await sensor.result;
  const held = packetsOf(readFileSync(path));
  assert.ok(held.length > 100);
  assert.deepEqual(held, packetsOf(input).slice(0, held.length));
  if (!withoutTcpdump) {
    const { stdout } = spawnSync('tcpdump', ['-nr', path], { encoding: 'utf8' });
    assert.equal(stdout.trim().split('\n').length, held.length);
  }
  const second = await runSensor(context, '-r', join(folder, 'in.pcap'), '-l', folder, '-n', '1', ...settings(folder, pcap));
  assert.equal(second.code, 0, second.stderr);
  const files = listedFiles(join(folder, 'pcap'));
  assert.ok([...files.values()].every(({ state }) => state === 'closed'));
  assert.equal(files.get(1)?.bytes, statSync(path).size);
});

function listedFilesOrNone(folder: string): Map<number, ListedFile> {
  try {
    return listedFiles(folder);
  } catch {
    return new Map();
  }
}
