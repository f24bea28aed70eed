// What the config has for Arkime's documents: the defaults of its sessions, the `[arkime]` table, networks that are one, and
// packets that are kept in part.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Config } from '../../src/config/index.ts';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { errorOf, load, writeConfig } from './kit.ts';

const output = (format: string): string[] => [
  '[[output]]',
  'kind = "stdout"',
  ...(format === '' ? [] : [`format = "${format}"`]),
];
const known = ({ session }: Config): unknown[] => [
  session.identity,
  session.idle_tcp_opening_secs,
  session.save_packets,
  session.max_note_values,
  session.max_note_bytes,
];
const own = ['flow', 60, 0, 32, 1024];
const arkime = ['arkime', 480, 10_000, 10_000, 16_384];

test('where an output has an arkime format sessions have the defaults of Arkime, unless the file says otherwise', async (context) => {
  const cases: readonly [readonly string[], readonly unknown[]][] = [
    [output(''), own],
    [output('ecs'), own],
    [output('arkime'), arkime],
    [output('arkime_bulk'), arkime],
    [[...output('ecs'), ...output('arkime'), 'name = "second"'], arkime],
    [
      [...output('arkime'), '[session]', 'identity = "flow"', 'save_packets = 5'],
      ['flow', 480, 5, 10_000, 16_384],
    ],
    [
      ['[session]', 'identity = "arkime"', ...output('ecs')],
      ['arkime', 60, 0, 32, 1024],
    ],
  ];
  for (const [lines, expected] of cases)
    assert.deepEqual(known(await load(writeConfig(context, ...lines))), expected, lines.join(' '));
  assert.deepEqual(known(await load(writeConfig(context, ...output('')), { settings: ['output.0.format="arkime"'] })), arkime);
  assert.deepEqual(known(await load(undefined)), own);
});

test('where an output fills the indices of Arkime, statistics come every two seconds, unless the file says otherwise', async (context) => {
  const cluster = ['[[output]]', 'kind = "elasticsearch"'];
  const arkimeCluster = [...cluster, 'mode = "arkime"', 'format = "arkime_bulk"'];
  const cases: readonly [readonly string[], number][] = [
    [cluster, 60],
    [output('arkime'), 60],
    [arkimeCluster, 2],
    [[...output('ecs'), ...arkimeCluster], 2],
    [[...arkimeCluster, '[admin]', 'port = 0'], 2],
    [[...arkimeCluster, '[admin]', 'stats_secs = 30'], 30],
    [[...arkimeCluster, '[admin]', 'stats_secs = 0'], 0],
  ];
  for (const [lines, expected] of cases)
    assert.equal((await load(writeConfig(context, ...lines))).admin.stats_secs, expected, lines.join(' '));
});

test('an output that is wrong has its problem told, and none of the defaults', async (context) => {
  const { lines } = await errorOf(load(writeConfig(context, ...output('arkimee'))));
  assert.equal(lines.length, 1);
  assert.match(
    lines[0] as string,
    /^config\.toml:3: output\[0\]\.format: expected one of "ecs", "arkime", "arkime_bulk", got the string "arkimee"$/,
  );
});

test('the table of the documents has a node, an index, and the form of positions', async (context) => {
  assert.deepEqual(
    { ...(await load(undefined)).arkime },
    { node: '', rotate_index: 'daily', packet_lengths: false, gap_positions: true },
  );
  const lines = ['[arkime]', 'node = "sensor1"', 'rotate_index = "hourly6"', 'packet_lengths = true', 'gap_positions = false'];
  const { arkime: table } = await load(writeConfig(context, ...lines));
  assert.deepEqual({ ...table }, { node: 'sensor1', rotate_index: 'hourly6', packet_lengths: true, gap_positions: false });
  const { lines: problems } = await errorOf(load(writeConfig(context, '[arkime]', 'rotate_index = "yearly"', 'nod = "a"')));
  assert.deepEqual(
    problems.map((line) => line.slice(0, 'config.toml:2: arkime.rotate_index:'.length)),
    ['config.toml:2: arkime.rotate_index:', 'config.toml:3: arkime.nod: unknown key'.slice(0, 35)],
  );
});

test('sessions are told of networks, kept packets and odd packets', async (context) => {
  const lines = [
    '[session]',
    'same_network = [{ id = 0, ids = [50, 100] }, { id = 7, ids = [] }]',
    'keep_packets = [{ filter = "port 443", packets = 20 }, { filter = "icmp", packets = 0 }]',
    'odd_packets = "corrupt"',
    'track_esp = true',
  ];
  const { session } = await load(writeConfig(context, ...lines));
  assert.deepEqual(structuredClone(session.same_network), [
    { id: 0, ids: [50, 100] },
    { id: 7, ids: [] },
  ]);
  assert.deepEqual(structuredClone(session.keep_packets), [
    { filter: 'port 443', packets: 20 },
    { filter: 'icmp', packets: 0 },
  ]);
  assert.deepEqual([session.odd_packets, session.track_esp], ['corrupt', true]);
  const defaults = (await load(undefined)).session;
  assert.deepEqual(
    [defaults.same_network, defaults.keep_packets, defaults.odd_packets, defaults.track_esp],
    [[], [], 'none', false],
  );
});

test('and what of them makes no sense is a problem of its line', async (context) => {
  const wrong: readonly [string, string][] = [
    ['same_network = [{ id = 0 }]', 'same_network'],
    ['same_network = [{ id = 16777216, ids = [1] }]', 'same_network'],
    ['keep_packets = [{ filter = "", packets = 1 }]', 'keep_packets'],
    ['keep_packets = [{ filter = "tcp", packets = -1 }]', 'keep_packets'],
    [`keep_packets = [${Array.from({ length: 17 }, () => '{ filter = "tcp", packets = 1 }').join(', ')}]`, 'keep_packets'],
    ['odd_packets = "some"', 'odd_packets'],
  ];
  for (const [line, key] of wrong) {
    const { code, lines } = await errorOf(load(writeConfig(context, '[session]', line)));
    assert.equal(code, errorCodes.config);
    assert.match(lines[0] as string, new RegExp(`^config\\.toml:2: session\\.${key}: `), line);
  }
});

test('filters of kept packets are judged as those of sources are', async (context) => {
  const asked: string[] = [];
  const checkFilter = (expression: string): void => {
    asked.push(expression);
    if (expression === 'portt 1') throw new SensorError(errorCodes.filter, `filter "${expression}": no`);
  };
  const file = writeConfig(
    context,
    '[session]',
    'keep_packets = [',
    '{ filter = "tcp", packets = 1 },',
    '{ filter = "portt 1", packets = 1 } ]',
  );
  const { code, lines } = await errorOf(load(file, { checkFilter }));
  assert.deepEqual(asked, ['tcp', 'portt 1']);
  assert.equal(code, errorCodes.filter);
  assert.match(lines.join(), /session\.keep_packets\[1\]\.filter: filter "portt 1": no$/);
});
