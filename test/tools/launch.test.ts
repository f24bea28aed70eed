// The launcher: what it bundles is the program of src/, in its records, its ends and its errors.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { namedBySource } from '../../src/cli/source-names.ts';
import { resultOf } from '../../tools/built.mjs';
import { root } from '../../tools/step.ts';
import { runSensor, type SensorResult, startSensor, temporaryFolder } from '../e2e/sensor.ts';

const golden = fileURLToPath(new URL('../golden', import.meta.url));

type End = Pick<SensorResult, 'code' | 'stdout' | 'stderr'>;

/** What the launcher says of its own steps is left out. */
async function launch(context: TestContext, ...args: readonly string[]): Promise<End> {
  const { code, stdout, stderr } = await startSensor(context, args, { launched: true }).result;
  return { code, stdout, stderr: stderr.replace(/^ringtap: .+ …\n/gm, '') };
}

const captures = ['http', 'dns', 'tls', 'sessions'].flatMap((name) => ['-r', join(golden, `${name}.pcap`)]);

test('the bundled program gives the records of the sources, byte for byte', async (context) => {
  const args = [...captures, '--ordered', '-q'];
  const { code, stdout, stderr } = await launch(context, ...args);
  assert.deepEqual([code, stderr], [0, '']);
  assert.notEqual(stdout, '');
  assert.equal(stdout, (await runSensor(context, ...args)).stdout);
});

test('commands and errors are those of the sources', async (context) => {
  const commands = [
    ['--help'],
    ['plugins', '--json'],
    ['config'],
    ['config', '--schema'],
    ['fields'],
    ['version'],
    ['chekc'],
    ['--set', 'output.0.kind=fil', '-r', 'x'],
    ['--set', 'workers.pakcet=1', '-r', 'x'],
    ['-r', '/nowhere'],
    ['-r', join(golden, 'dns.pcap'), '-l', '/proc/nowhere'],
  ];
  for (const command of commands) {
    const { code, stdout, stderr }: End = await runSensor(context, ...command);
    assert.deepEqual(await launch(context, ...command), { code, stdout, stderr }, command.join(' '));
  }
});

test('V8 takes the bytecode that was kept of every thread', async (context) => {
  assert.equal((await launch(context, 'version')).code, 0);
  const folder = join(root, resultOf('program') as string);
  for (const name of ['cli', 'capture', 'packet', 'output']) {
    const look = `const { scriptOf } = require('${join(root, 'tools/load.cjs')}');
      console.log(scriptOf('${folder}', '${name}').cachedDataRejected);`;
    // Its own process: V8 refuses what was kept under other flags, and tests have some.
    assert.equal(execFileSync(process.execPath, ['-e', look], { encoding: 'utf8' }).trim(), 'false', name);
  }
});

test('a signal to the launcher is one to the program', async (context) => {
  const args = ['-r', '-', '-n', '1', '--set', 'admin.enabled=true', '--set', 'admin.port=0'];
  const sensor = startSensor(context, args, { launched: true, openStdin: true });
  await sensor.stderrLine(/admin interface at/);
  sensor.kill('SIGTERM');
  const { code, signal, stderr } = await sensor.result;
  assert.deepEqual([code, signal], [0, null], stderr);
  assert.match(stderr, /SIGTERM: draining what was received/);
});

test('a place in a bundled file is told by its source', (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'packet.cjs');
  // The second line of the bundle is line 5 of the source, from its column 3 on.
  const map = { version: 3, file: 'packet.cjs', sources: ['../src/ring.ts'], names: [], mappings: ';AAIE' };
  writeFileSync(`${file}.map`, JSON.stringify(map));
  const source = join(folder, '../src/ring.ts');
  assert.equal(namedBySource(`at push (${file}:2:1)`), `at push (${source}:5:3)`);
  assert.equal(namedBySource(`at file://${file}:2:1`), `at ${source}:5:3`);
  const elsewhere = 'Error: no\n    at x (/none/y.mjs:1:2)\n    at node:internal/modules/run_main:101:5';
  assert.equal(namedBySource(elsewhere), elsewhere);
});
