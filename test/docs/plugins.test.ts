// The worked example of docs/plugins.md: the page shows the very package of plugin-example/, and the sensor loads it by its
// name from node_modules, runs it beside another output, and checks its options.

import assert from 'node:assert/strict';
import { cpSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { Connection, ipv4, pcapBytes, type TimedFrame, udpFrame } from '../../tools/traces/index.ts';
import { startSensor, temporaryFolder } from '../e2e/sensor.ts';
import { block, blocksOf } from './page.ts';

const example = fileURLToPath(new URL('plugin-example', import.meta.url));
const typebox = fileURLToPath(new URL('../../node_modules/typebox', import.meta.url));

/** Two TCP connections of one client and one datagram of another. */
function capture(): Buffer {
  const frames: TimedFrame[] = [];
  const sink = { add: (timeUs: number, frame: Buffer) => void frames.push({ timeUs, frame }) };
  const startUs = 1_760_000_000_000_000;
  const server = { address: ipv4('198.51.100.1'), port: 9000 };
  for (const port of [40000, 40001]) {
    const client = { address: ipv4('192.0.2.1'), port };
    const connection = new Connection(sink, client, server, startUs + port, [1, 1]);
    connection.open();
    connection.send(0, Buffer.alloc(100, 0x2e));
    connection.close();
  }
  const datagram = udpFrame(
    { address: ipv4('192.0.2.2'), port: 5000 },
    { address: ipv4('192.0.2.3'), port: 6000 },
    Buffer.alloc(8),
  );
  frames.push({ timeUs: startUs + 1e6, frame: datagram });
  return pcapBytes(frames);
}

/** A folder as an operator has it: a config, a capture, and the package in node_modules. */
function operatorFolder(context: TestContext, config: string): string {
  const folder = temporaryFolder(context);
  const modules = join(folder, 'node_modules');
  mkdirSync(modules);
  cpSync(example, join(modules, 'ringtap-output-talkers'), { recursive: true });
  symlinkSync(typebox, join(modules, 'typebox'));
  writeFileSync(join(folder, 'capture.pcap'), capture());
  writeFileSync(join(folder, 'config.toml'), config);
  return folder;
}

for (const file of ['package.json', 'index.js']) {
  test(`the page shows ${file} as it is`, () => {
    const text = readFileSync(join(example, file), 'utf8');
    assert.equal(block('plugins.md', `file: ringtap-output-talkers/${file}`), text);
  });
}

test('every labelled block of the page is checked', () => {
  assert.deepEqual(
    blocksOf('plugins.md').map(({ label }) => label),
    [
      'file: ringtap-output-talkers/package.json',
      'file: ringtap-output-talkers/index.js',
      'file: config.toml',
      'output: talkers.csv',
    ],
  );
});

test('the package runs by its name, beside another output', async (context) => {
  const folder = operatorFolder(context, block('plugins.md', 'file: config.toml'));
  const args = ['-c', 'config.toml', '-r', 'capture.pcap', '-l', folder, '-n', '2'];
  const { code, stderr, records } = await startSensor(context, args, { cwd: folder }).result;
  assert.equal(code, 0, stderr);
  assert.equal(readFileSync(join(folder, 'talkers.csv'), 'utf8'), block('plugins.md', 'output: talkers.csv'));
  assert.equal(records.length, 3, 'the other output has the records too');
  assert.match(stderr, /losses {5}none/);
});

test('its options are part of the config: unknown ones and wrong values are errors', async (context) => {
  const table = '[[output]]\nkind = "ringtap-output-talkers"\n';
  const folder = operatorFolder(context, `${table}pth = "x.csv"\nmax_addresses = 1\n`);
  const { code, stderr } = await startSensor(context, ['check', '-c', 'config.toml'], { cwd: folder }).result;
  assert.equal(code, 2);
  assert.match(stderr, /config\.toml:3: output\[0\]\.pth: unknown key; did you mean path\?/);
  assert.match(stderr, /config\.toml:4: output\[0\]\.max_addresses: expected an integer from 2 to 10000000, got 1/);
});

test('a bound that is reached is counted', async (context) => {
  const folder = operatorFolder(context, '[[output]]\nkind = "ringtap-output-talkers"\nmax_addresses = 2\n');
  const args = ['-c', 'config.toml', '-r', 'capture.pcap', '-n', '1'];
  const { code, stderr } = await startSensor(context, args, { cwd: folder }).result;
  assert.equal(code, 0, stderr);
  const rows = readFileSync(join(folder, 'talkers.csv'), 'utf8').trimEnd().split('\n');
  assert.equal(rows.length, 3, 'a heading and two addresses');
});
