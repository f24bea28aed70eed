// Options of outputs that take packets which contradict each other: all of them problems of the config, before anything runs.

import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { runSensor, temporaryFolder } from '../e2e/sensor.ts';
import { errorOf, load, writeConfig } from './kit.ts';

function keysIn(context: TestContext): string {
  const path = join(temporaryFolder(context), 'keys');
  writeFileSync(path, 'first = secret\n');
  return path;
}

test('what makes no sense together is told with its key', async (context) => {
  const keys = `key_file = "${keysIn(context)}"`;
  const encrypted = ['encryption = "aes-256-ctr"', keys];
  const single = 'path = "all.pcap"';
  const cases: readonly [readonly string[], string][] = [
    [['policy = "spill"'], 'policy: packets cannot be spilled to disk; choose policy "block", "drop" or "auto"'],
    [['encryption = "aes-256-ctr"'], 'key_file: encryption needs key_file and key_id'],
    [encrypted, 'key_id: encryption needs key_file and key_id'],
    [[...encrypted, 'key_id = "second"'], 'key_id: /\\S* has no key "second"'],
    [['encryption = "aes-256-ctr"', 'key_file = "/nowhere"', 'key_id = "x"'], 'key_id: key file /nowhere: ENOENT.*'],
    [[...encrypted, 'key_id = "first"', 'rotate_bytes = 70000000000'], 'rotate_bytes: rotate_bytes is 68719476736 at most .*'],
    [['compression = "gzip"', 'compression_level = 12'], 'compression_level: compression_level of gzip is 9 at most'],
    [['file_format = "pcapng"'], 'file_format: "pcapng" needs a path; stored files are pcap'],
    [['nanoseconds = true'], 'nanoseconds: needs a path; .*'],
    [['keep_files = 3'], 'keep_files: needs a path; .*'],
    [[single, 'compression = "zstd"'], 'compression: is for stored files, .*'],
    [[single, ...encrypted, 'key_id = "first"'], 'encryption: is for stored files, .*'],
    [[single, 'local_index = true'], 'local_index: is for stored files, .*'],
    [[single, 'short_head = true'], 'short_head: is for stored files, .*'],
    [[single, 'delete_oldest = true'], 'delete_oldest: is for stored files, .*'],
    [[single, 'comment = "x"'], 'comment: a comment needs file_format "pcapng"'],
    [['path = "-"', 'rotate_secs = 60'], 'path: standard output cannot be rotated'],
  ];
  for (const [lines, expected] of cases) {
    const { code, lines: problems } = await errorOf(load(writeConfig(context, '[[output]]', 'kind = "pcap"', ...lines)));
    assert.equal(code, 'RT_CONFIG');
    assert.equal(problems.length, 1, problems.join('\n'));
    assert.match(problems[0] as string, new RegExp(`^(config\\.toml:\\d+: )?output\\[0\\]\\.${expected}$`));
  }
});

test('what does is taken', async (context) => {
  const keys = `key_file = "${keysIn(context)}"`;
  for (const lines of [
    ['encryption = "aes-256-ctr"', keys, 'key_id = "first"'],
    ['encryption = "aes-256-ctr"', keys, 'key_id = "{node}"'],
    ['compression = "zstd"', 'compression_level = 12', 'local_index = true', 'short_head = true'],
    ['path = "all.pcapng"', 'file_format = "pcapng"', 'comment = "x"', 'rotate_secs = 60', 'keep_files = 2'],
    ['path = "-"'],
  ])
    await load(writeConfig(context, '[[output]]', 'kind = "pcap"', ...lines));
});

test('one output stores packets, because documents name them by one file; others have paths', async (context) => {
  const outputs = (...paths: readonly string[]): string[] =>
    paths.flatMap((path, index) => ['[[output]]', 'kind = "pcap"', `name = "${index}"`, `path = "${path}"`]);
  await load(writeConfig(context, ...outputs('', 'a.pcap', 'b.pcap')));
  const { lines } = await errorOf(load(writeConfig(context, ...outputs('a.pcap', '', ''))));
  assert.deepEqual(lines, [
    'config.toml:10: output[2].kind: another output stores packets already, and documents name them by one file; give this one a path',
  ]);
});

test('ringtap check tells it', async (context) => {
  const config = writeConfig(context, '[[output]]', 'kind = "pcap"', 'encryption = "aes-256-ctr"');
  const { code, stderr } = await runSensor(context, 'check', '-c', config);
  assert.equal(code, 2);
  assert.match(stderr, /output\[0\]\.key_file: encryption needs key_file and key_id/);
});
