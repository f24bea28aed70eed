// The commands that list, check and explain, as a user calls them, and the exit codes of what goes wrong.

import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { writeTrace } from '../../tools/traces/index.ts';
import { runSensor, startSensor, temporaryFolder } from '../e2e/sensor.ts';
import { textOf } from '../source-tree.ts';

const tableHead: Readonly<Record<string, RegExp>> = {
  interfaces: /^NAME +STATE +MAC +ADDRESSES\n(?:.*\n)*lo +up \(loopback\)/,
  decoders: /^NAME +TRANSPORTS +PORTS +RECORDS +TITLE\n(?:.*\n)*dns +udp,tcp +53,5353,5355 +dns +\S/,
  plugins: /^KIND +NAME +DESCRIPTION +OPTIONS\n(output .*\n)*output +pcap +.* path,.*\noutput +stdout +.* -\n$/,
  fields: /^FIELD +TYPE +RECORDS +MEANING\n@timestamp +date +all +\S(?:.*\n)*\nANOMALY +MEANING\n/,
  version: /^ringtap \d+\.\d+\.\d+ \(Node \d+\./,
};

test('every listing is a table for people', async (context) => {
  for (const [command, head] of Object.entries(tableHead)) {
    const { code, stdout, stderr } = await runSensor(context, command);
    assert.deepEqual([code, stderr], [0, ''], command);
    assert.match(stdout, head);
  }
});

test('whoever reads a listing may close it', async (context) => {
  for (const args of [['fields'], ['--help']]) {
    const sensor = startSensor(context, args);
    sensor.closeStdout();
    const { code, stderr } = await sensor.result;
    assert.deepEqual([code, stderr], [0, ''], args.join(' '));
  }
});

test('and JSON for machines', async (context) => {
  const listing = async (command: string): Promise<unknown> => {
    const { code, stdout, stderr } = await runSensor(context, command, '--json');
    assert.deepEqual([code, stderr], [0, ''], command);
    return JSON.parse(stdout);
  };
  const names = (value: unknown): string[] => (value as { name: string }[]).map(({ name }) => name);
  assert.ok(names(await listing('interfaces')).includes('lo'));
  assert.deepEqual(
    names(await listing('decoders')),
    decoderDefinitions.map(({ name }) => name),
  );
  const plugins = (await listing('plugins')) as { name: string; options: object; counters: object }[];
  assert.deepEqual(names(plugins), ['elasticsearch', 'file', 'json-folder', 'pcap', 'stdout']);
  const file = plugins.find(({ name }) => name === 'file');
  assert.ok('rotate_secs' in { ...file?.options } && 'rotated_files' in { ...file?.counters });
  const { fields, anomalies } = (await listing('fields')) as { fields: unknown; anomalies: unknown[] };
  assert.ok(names(fields).includes('network.community_id') && anomalies.length > 0);
  assert.deepEqual(Object.keys((await listing('version')) as object), ['ringtap', 'node', 'v8', 'platform', 'ecs']);
});

test('-V, -D and -T are version, interfaces and check', async (context) => {
  for (const [option, command] of [
    ['-V', 'version'],
    ['-D', 'interfaces'],
    ['-T', 'check'],
  ] as const) {
    const [short, long] = await Promise.all([runSensor(context, option), runSensor(context, command)]);
    assert.deepEqual([short.code, short.stdout, short.stderr], [long.code, long.stdout, long.stderr]);
  }
});

test('config prints config.toml, and its JSON Schema', async (context) => {
  const { code, stdout } = await runSensor(context, 'config');
  assert.equal(code, 0);
  assert.equal(stdout, textOf('config.toml'));
  const schema = await runSensor(context, 'config', '--schema');
  assert.equal(schema.code, 0);
  assert.equal((JSON.parse(schema.stdout) as { type: string }).type, 'object');
});

test('check prints the effective config as TOML, command line included, which checks to itself', async (context) => {
  const folder = temporaryFolder(context);
  const path = join(folder, 'config.toml');
  writeFileSync(path, '[workers]\npacket = 2\n[[source]]\npaths = ["x"]\n');
  const args = ['-c', path, '--set', 'log.level=warn', '-n', '3', '-k', 'none', '-l', 'out', 'tcp', 'port', '80'];
  const { code, stdout, stderr } = await runSensor(context, 'check', ...args);
  assert.deepEqual([code, stderr], [0, '']);
  assert.ok(stdout.startsWith(`# ${path} is fine. In full:\n`));
  // biome-ignore lint/suspicious/noExplicitAny: the tables that the assertions name.
  const effective = parse(stdout) as any;
  assert.equal(effective.workers.packet, 3);
  assert.equal(effective.log.level, 'warn');
  assert.deepEqual(
    [effective.source[0].filter, effective.source[0].checksums, effective.source[0].paths],
    ['tcp port 80', 'none', ['x']],
  );
  assert.deepEqual([effective.output[0].kind, effective.output[0].append], ['file', false]);
  const printed = join(folder, 'effective.toml');
  writeFileSync(printed, stdout);
  const [again, json] = await Promise.all([
    runSensor(context, 'check', '-c', printed),
    runSensor(context, 'check', '-c', printed, '--json'),
  ]);
  const body = (text: string): string => text.replace(/^#.*\n/, '');
  assert.equal(body(again.stdout), body(stdout));
  assert.deepEqual(JSON.parse(json.stdout), JSON.parse(JSON.stringify(effective)));
});

test('check of a command line without a source says what a run would need', async (context) => {
  const { code, stdout } = await runSensor(context, 'check');
  assert.equal(code, 0);
  assert.match(stdout, /^# the command line is fine; there is no \[\[source\]\], .* -r FILE or -i INTERFACE/);
});

test('usage and config errors: exit code 2, one line each, and what to do', async (context) => {
  const folder = temporaryFolder(context);
  const file = (name: string, text: string): string => {
    writeFileSync(join(folder, name), text);
    return name;
  };
  const bad = file('bad.toml', '[worker]\n[workers]\npacket = "x"\n[[source]]\npaths = ["x"]\nfilter = "tcp prot 80"\n');
  const empty = file('empty.toml', '');
  const noFilter = file('filter.toml', '[[source]]\npaths = ["x"]\nfilter = "tcp prot 80"\n');
  const cases: [string[], string][] = [
    [['chekc'], 'ringtap: there is no command chekc; did you mean check?'],
    [['-v'], 'ringtap: there is nothing to read\n  hint: give -r FILE, -R DIR or -i INTERFACE'],
    [['-c', empty], 'ringtap: empty.toml: there is no [[source]]\n  hint: give -r FILE, -R DIR or -i INTERFACE, or add one'],
    [['--bogus'], "ringtap: unknown option '--bogus'\n  hint: ringtap --help"],
    [['-r'], "ringtap: option '-r, --read <file>' argument missing\n  hint: "],
    [
      ['-r', 'x', '-k', 'some'],
      "ringtap: option '-k, --checksums <mode>' argument 'some' is invalid. Allowed choices are none, auto, all.\n",
    ],
    [['-r', 'x', '-q', '-v'], "ringtap: option '-q, --quiet' cannot be used with option '-v, --verbose'\n"],
    [['-r', 'x', '-n', '1.5'], 'ringtap: -n 1.5: expected a number of workers; 0: one a CPU\n'],
    [
      ['-r', 'x', '-n', '500'],
      'ringtap: -n 500: workers.packet: expected an integer from 0 to 256, got 500\n  hint: ringtap config',
    ],
    [['-r', 'x', '-F', 'none.bpf'], 'ringtap: -F none.bpf: no such file or directory\n'],
    [['-r', 'x', '-f', 'tcp', 'udp'], 'ringtap: give one filter: -f, -F, or words at the end of the line\n'],
    [['-r', 'x', 'tcp', 'prot', '80'], 'ringtap: command line: source[0].filter: the packet filter "tcp prot 80" is wrong: '],
    [['check', '-c', noFilter], 'ringtap: filter.toml:3: source[0].filter: the packet filter "tcp prot 80" is wrong: '],
    [
      ['-r', 'x', '--set', 'workers.pakcet=1'],
      'ringtap: --set workers.pakcet=1: workers.pakcet: unknown key; did you mean packet?\n',
    ],
    [
      ['-r', 'x', '--ordered', '--set', 'output.0.policy=spill'],
      'ringtap: --ordered: output[0].ordered: an output cannot be both',
    ],
    [['-c', 'none.toml'], 'ringtap: none.toml: no such file or directory\n  hint: ringtap config > config.toml'],
    [
      ['check', '-c', bad],
      'ringtap: bad.toml:1: worker: unknown key; did you mean workers?\nringtap: bad.toml:3: workers.packet: expected',
    ],
  ];
  for (let at = 0; at < cases.length; at += 4) {
    const group = cases.slice(at, at + 4);
    const results = await Promise.all(group.map(([args]) => startSensor(context, args, { cwd: folder }).result));
    results.forEach(({ code, stdout, stderr }, index) => {
      const [args, start] = group[index] as [string[], string];
      assert.equal(stderr.slice(0, start.length), start, args.join(' '));
      assert.deepEqual([code, stdout], [2, ''], args.join(' '));
      assert.ok(
        stderr.split('\n').every((line) => line === '' || /^(ringtap: | {2}hint: )/.test(line)),
        stderr,
      );
    });
  }
});

test('nothing at all is a call for help, on standard error; --help is an answer, on standard output', async (context) => {
  const [bare, help] = await Promise.all([runSensor(context), runSensor(context, '--help')]);
  assert.deepEqual([bare.code, bare.stdout], [2, '']);
  assert.deepEqual([help.code, help.stderr], [0, '']);
  assert.equal(bare.stderr, help.stdout);
  assert.match(help.stdout, /^Usage: ringtap \[options\] \[command\] \[filter\.\.\.\]/);
  assert.match(help.stdout, /Exit codes: 0 fine, 1 run error, 2 usage or config, 3 permission\./);
  assert.doesNotMatch(help.stdout, /default: \[\]/);
});

test('run errors: exit code 1, and no summary of a run that never was', async (context) => {
  const folder = temporaryFolder(context);
  mkdirSync(join(folder, 'out', 'ringtap.ndjson'), { recursive: true });
  writeTrace('dns', join(folder, 'dns.pcap'), 5);
  const [missing, blocked] = await Promise.all([
    startSensor(context, ['-r', 'none.pcap'], { cwd: folder }).result,
    startSensor(context, ['-r', 'dns.pcap', '-l', 'out'], { cwd: folder }).result,
  ]);
  assert.equal(missing.code, 1);
  assert.match(missing.stderr, /^ringtap: none\.pcap: No such file or directory.*\n {2}hint: .*\n$/);
  assert.equal(blocked.code, 1);
  assert.match(blocked.stderr, /^ringtap: \/.*\/out\/ringtap\.ndjson: illegal operation on a directory\n {2}hint: .*\n$/);
});
