// Output plugins from npm packages: found in node_modules of the working directory, their options checked, and run.

import assert from 'node:assert/strict';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { writeTrace } from '../../tools/traces/index.ts';
import { recordsOf, runSensor, startSensor, temporaryFolder } from '../e2e/sensor.ts';

/** A plugin in plain JavaScript, without any dependency: the schema is written as JSON Schema. */
const tower = `
import { appendFile } from 'node:fs/promises';
import { join } from 'node:path';
const string = { type: 'string', minLength: 1, description: 'File.' };
const lines = { type: 'integer', default: 2, minimum: 1, maximum: 9, description: 'A number.' };
const side = { enum: ['left', 'right'], default: 'left', description: 'Side.' };
  export default {
  kind: 'output',
  name: 'tower',
  description: 'Appends to a file.',
  config: { type: 'object', required: ['file', 'lines', 'side'], properties: { file: string, lines, side }, additionalProperties: false },
  counters: { taken_batches: 'Batches that were taken.' },
  create: (context, config) => ({
    async write(batch) {
      let text = '';
      for (let index = 0; index < batch.count; index++) text += batch.record(index).toString();
      await appendFile(join(context.directory, config.file), text);
      context.count('taken_batches');
    },
  }),
};
`;

function install(folder: string, name: string, manifest: object, files: Readonly<Record<string, string>>): void {
  const target = join(folder, 'node_modules', name);
  mkdirSync(target, { recursive: true });
  writeFileSync(join(target, 'package.json'), JSON.stringify({ name, version: '1.0.0', ...manifest }));
  for (const [file, text] of Object.entries(files)) writeFileSync(join(target, file), text);
}

function project(context: TestContext): string {
  const folder = temporaryFolder(context);
  install(folder, 'ringtap-tower', { type: 'module', exports: { import: './plugin.js' } }, { 'plugin.js': tower });
  install(folder, '@site/tower', { main: 'plugin.mjs' }, { 'plugin.mjs': tower });
  install(folder, 'no-plugin', { main: 'index.cjs' }, { 'index.cjs': 'module.exports = { create() {} };' });
  install(folder, 'needy', { type: 'module', main: 'index.js' }, { 'index.js': "import 'not-installed-anywhere';" });
  install(folder, 'typed', { type: 'module', main: 'index.ts' }, { 'index.ts': 'export default {};' });
  install(folder, 'hollow', { exports: { './other': './x.js' } }, {});
  return folder;
}

test('a package in the working directory is found, by import conditions, scopes included, and gets the records', async (context) => {
  const cwd = project(context);
  writeTrace('dns', join(cwd, 'dns.pcap'), 50);
  const output = (index: number, kind: string, file: string): string[] =>
    [`kind=${kind}`, `name=${file}`, `file=${file}`].flatMap((setting) => ['--set', `output.${index}.${setting}`]);
  const args = ['-r', 'dns.pcap', ...output(0, 'ringtap-tower', 'a'), ...output(1, '@site/tower', 'b')];
  const { code, stdout, stderr } = await startSensor(context, args, { cwd }).result;
  assert.deepEqual([code, stdout], [0, ''], stderr);
  const expected = await runSensor(context, '-r', join(cwd, 'dns.pcap'));
  const ids = (text: string): string[] =>
    recordsOf(text)
      .map(({ event, session }) => `${event.dataset} ${session.id}`)
      .sort();
  for (const file of ['a', 'b']) assert.deepEqual(ids(readFileSync(join(cwd, file), 'utf8')), ids(expected.stdout));
});

test('its options are checked against its schema, with line and did-you-mean', async (context) => {
  const cwd = project(context);
  writeFileSync(
    join(cwd, 'config.toml'),
    '[[output]]\nkind = "ringtap-tower"\nlines = 10\nside = "up"\npolicy = "drop"\nflie = "x"\n',
  );
  const { code, stderr } = await startSensor(context, ['check', '-c', 'config.toml'], { cwd }).result;
  assert.equal(code, 2);
  assert.deepEqual(stderr.split('\n').slice(0, -2), [
    'ringtap: config.toml:1: output[0].file: is missing; expected a non-empty string',
    'ringtap: config.toml:3: output[0].lines: expected an integer from 1 to 9, got 10',
    'ringtap: config.toml:4: output[0].side: expected one of "left", "right", got the string "up"',
    'ringtap: config.toml:6: output[0].flie: unknown key; did you mean file?',
  ]);
});

test('a package that is not there, is no plugin, or does not load, says so', async (context) => {
  const cwd = project(context);
  const cases: [string, number, RegExp][] = [
    [
      'ringtap-towre',
      2,
      /^ringtap: --set \S+: output\[0\]\.kind: there is no output plugin "ringtap-towre"; known are: .*\bfile\b.*\n/,
    ],
    ['fs', 2, /there is no output plugin "fs"/],
    ['../x', 2, /there is no output plugin "\.\.\/x"/],
    ['no-plugin', 1, /^ringtap: no-plugin is no Ringtap plugin: its default export is not a definePlugin\(\{\.\.\.\}\)\n/],
    [
      'needy',
      1,
      /^ringtap: plugin needy .*not-installed-anywhere.*\n {2}hint: it must be JavaScript with all of its dependencies/,
    ],
    ['typed', 1, /^ringtap: plugin typed .*\n {2}hint: it must be JavaScript/],
    ['hollow', 1, /^ringtap: plugin hollow: .*exports/],
  ];
  for (let at = 0; at < cases.length; at += 4) {
    const group = cases.slice(at, at + 4);
    const results = await Promise.all(
      group.map(([kind]) => startSensor(context, ['check', '--set', `output.0.kind=${kind}`], { cwd }).result),
    );
    results.forEach(({ code, stderr }, index) => {
      const [kind, expected, pattern] = group[index] as [string, number, RegExp];
      assert.match(stderr, pattern);
      assert.equal(code, expected, kind);
    });
  }
});
