// From config.toml and the command line to the frozen config: defaults, precedence, and errors with file, line and key.

import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { Type } from 'typebox';
import { errorCodes, SensorError } from '../../src/errors.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { errorOf, load, writeConfig } from './kit.ts';

test('without a file everything has its default', async () => {
  const config = await load(undefined);
  assert.deepEqual(config.sources, []);
  assert.deepEqual(config.outputs, []);
  assert.equal(config.workers.ring_bytes, 8388608);
  assert.equal(config.decoders.dns?.enabled, true);
  assert.deepEqual(config.decoders.dns?.ports, [53, 5353, 5355]);
  assert.equal(config.log.level, 'info');
});

test('the config is frozen, all the way down', async (context) => {
  const config = await load(writeConfig(context, '[[source]]', 'paths = ["a"]'));
  assert.throws(() => Object.assign(config.workers, { packet: 1 }), TypeError);
  assert.throws(() => ((config.sources[0] as { paths: string[] }).paths as string[]).push('b'), TypeError);
});

test('sources know their kind from their keys, outputs split into common and own', async (context) => {
  const file = writeConfig(
    context,
    '[[source]]',
    'paths = ["a.pcap"]',
    '[[source]]',
    'interface = "eth0"',
    '[[output]]',
    'kind = "file"',
    'policy = "drop"',
    'rotate_secs = 60',
    '[decoder.http]',
    'ports = [8080]',
    'max_headers = 9',
  );
  const config = await load(file);
  assert.deepEqual(
    config.sources.map(({ kind }) => kind),
    ['file', 'af_packet'],
  );
  assert.equal(config.outputs[0]?.common.policy, 'drop');
  assert.equal(config.outputs[0]?.own.rotate_secs, 60);
  assert.equal(config.outputs[0]?.own.path, 'ringtap.ndjson');
  assert.ok(!('policy' in { ...config.outputs[0]?.own }));
  assert.deepEqual(config.decoders.http?.ports, [8080]);
  assert.equal(config.decoders.http?.options.max_headers, 9);
});

test('several problems come in one go, in the order of the file', async (context) => {
  const file = writeConfig(
    context,
    '[[source]]',
    'kind = "flie"',
    'pahts = ["x"]',
    '[worker]',
    'packet = 1',
    '[workers]',
    'packet = "two"',
    'ring_bytes = 5000000',
    '[decoder.htpp]',
    '[decoder.dns]',
    'max_pending = 0',
    '[[output]]',
    'kind = "stdot"',
    '[[output]]',
    'kind = "file"',
    'records = ["sesion"]',
    'mode = "rw"',
  );
  const { code, lines } = await errorOf(load(file));
  assert.equal(code, errorCodes.config);
  assert.deepEqual(lines, [
    'config.toml:1: source[0].paths: is missing; expected a non-empty array, each a non-empty string',
    'config.toml:2: source[0].kind: there is no kind of source "flie"; did you mean file?',
    'config.toml:3: source[0].pahts: unknown key; did you mean paths?',
    'config.toml:4: worker: unknown key; did you mean workers?',
    'config.toml:7: workers.packet: expected an integer from 0 to 256, got the string "two"',
    'config.toml:8: workers.ring_bytes: expected a power of two, got 5000000',
    'config.toml:9: decoder.htpp: unknown key; did you mean http?',
    'config.toml:11: decoder.dns.max_pending: expected an integer from 1 to 65536, got 0',
    'config.toml:13: output[0].kind: there is no output plugin "stdot"; did you mean stdout?',
    'config.toml:16: output[1].records: there is no record type "sesion"; did you mean session?',
    'config.toml:17: output[1].mode: expected a string that matches ^0?[0-7]{3}$, got the string "rw"',
  ]);
});

test('unknown keys alone have a code of their own', async (context) => {
  const { code } = await errorOf(load(writeConfig(context, '[log]', 'levle = "info"')));
  assert.equal(code, errorCodes.configUnknownKey);
});

test('rules between keys', async (context) => {
  const file = writeConfig(
    context,
    '[[source]]',
    'interface = "eth0"',
    'block_bytes = 100000',
    '[[output]]',
    'kind = "stdout"',
    '[[output]]',
    'kind = "stdout"',
    'ring_bytes = 300000',
    '[[output]]',
    'kind = "file"',
    'policy = "spill"',
    'ordered = true',
  );
  assert.deepEqual((await errorOf(load(file))).lines, [
    'config.toml:3: source[0].block_bytes: expected a power of two, got 100000',
    'config.toml:6: output[1].name: there is another output named "stdout"; give each a name of its own',
    'config.toml:8: output[1].ring_bytes: expected a power of two, got 300000',
    'config.toml:12: output[2].ordered: an output cannot be both ordered and spilled to disk; choose policy "block" or "drop"',
  ]);
});

test('what is no table at all', async (context) => {
  const file = writeConfig(context, 'workers = 1', 'source = "x"', 'decoder = []', 'output = [1]');
  assert.deepEqual((await errorOf(load(file))).lines, [
    'config.toml:1: workers: expected a table, got 1',
    'config.toml:2: source: expected an array of tables ([[source]]), got the string "x"',
    'config.toml:3: decoder: expected a table, got the array []',
    'config.toml:4: output[0]: expected a table, got 1',
    'config.toml:4: output[0].kind: is missing; expected a non-empty string',
  ]);
});

test('what is no TOML is told with line and column', async (context) => {
  const { code, lines } = await errorOf(load(writeConfig(context, '[workers]', 'packet = = 2')));
  assert.equal(code, errorCodes.config);
  assert.match(lines.join('\n'), /^config\.toml:2:\d+: this is not TOML: \S.*$/);
});

test('a file that cannot be read', async (context) => {
  const folder = temporaryFolder(context);
  const missing = await errorOf(load(join(folder, 'config.toml')));
  assert.deepEqual(missing.lines, ['config.toml: no such file or directory']);
  assert.match(missing.hint ?? '', /ringtap config > config\.toml/);
  assert.match((await errorOf(load(folder))).lines[0] as string, /: illegal operation on a directory$/);
});

test('--set goes before the file, after what lies under it, and before what lies over it', async (context) => {
  const file = writeConfig(context, '[workers]', 'packet = 2', 'restart_limit = 5', 'stop_timeout_secs = 7');
  const config = await load(file, {
    base: (raw) => Object.assign(raw, { source: [{ kind: 'file', paths: ['a'] }] }),
    settings: ['workers.packet=3', 'source.0.recursive = true', 'workers.stop_timeout_secs=8'],
    overlay: (raw) => Object.assign(raw.workers as object, { stop_timeout_secs: 9 }),
  });
  assert.equal(config.workers.packet, 3);
  assert.equal(config.workers.restart_limit, 5);
  assert.equal(config.workers.stop_timeout_secs, 9);
  assert.deepEqual(config.sources[0], {
    kind: 'file',
    name: '',
    filter: '',
    checksums: 'auto',
    max_clock_jump_secs: 86_400,
    cpus: [],
    paths: ['a'],
    recursive: true,
  });
});

test('--set takes TOML values, and anything else as text', async () => {
  const settings = [
    'source.0.paths=["a", "b"]',
    'source.0.filter=tcp port 80',
    'source.0.name="7"',
    'source.1.interface=eth0',
    'log.level=debug',
    'decoder.http.enabled=false',
    'admin.stats_secs=0.5',
    'log.file=',
  ];
  const config = await load(undefined, { settings });
  assert.deepEqual((config.sources[0] as { paths: string[] }).paths, ['a', 'b']);
  assert.equal(config.sources[0]?.filter, 'tcp port 80');
  assert.equal(config.sources[0]?.name, '7');
  assert.equal(config.sources[1]?.kind, 'af_packet');
  assert.equal(config.log.level, 'debug');
  assert.equal(config.decoders.http?.enabled, false);
  assert.equal(config.admin.stats_secs, 0.5);
});

test('a --set that leads nowhere says which and why', async () => {
  const problem = async (...settings: string[]): Promise<string> => {
    const { code, lines } = await errorOf(load(undefined, { settings }));
    return `${code} ${lines.join('\n')}`;
  };
  assert.equal(await problem('workers'), 'RT_USAGE --set workers: expected key=value');
  assert.equal(await problem('=1'), 'RT_USAGE --set =1: expected key=value');
  assert.equal(await problem('a..b=1'), 'RT_USAGE --set a..b=1: expected key=value');
  assert.equal(await problem('workers.packet=1', 'workers.packet.x=1'), 'RT_USAGE --set workers.packet.x=1: packet is no table');
  assert.equal(await problem('output.1.kind=file'), 'RT_USAGE --set output.1.kind=file: there is no output.1');
  assert.equal(
    await problem('workers.packet=-1'),
    'RT_CONFIG --set workers.packet=-1: workers.packet: expected an integer from 0 to 256, got -1',
  );
  assert.match(await problem('__proto__.x=1'), /^RT_CONFIG_UNKNOWN_KEY --set __proto__\.x=1: __proto__: unknown key/);
  assert.equal(({} as { x?: unknown }).x, undefined);
});

test('a problem names the option that brought the value, not the line that it replaced', async (context) => {
  const file = writeConfig(context, '[workers]', 'packet = 2', '[[source]]', 'pahts = []');
  const { lines } = await errorOf(
    load(file, {
      base: (raw, origins) => {
        raw.source = [{ kind: 'af_packet', interface: '' }];
        origins.set('source', '-i');
      },
      overlay: (raw, origins) => {
        Object.assign(raw.workers as object, { packet: 999 });
        origins.set('workers.packet', '-n 999');
      },
    }),
  );
  assert.deepEqual(lines, [
    '-i: source[0].interface: expected a non-empty string, got the string ""',
    '-n 999: workers.packet: expected an integer from 0 to 256, got 999',
  ]);
});

test('wrong filters are problems of the config', async (context) => {
  const checkFilter = (expression: string): void => {
    if (expression.includes('prot')) throw new SensorError(errorCodes.filter, `"${expression}" is wrong`);
  };
  const file = writeConfig(context, '[[source]]', 'paths = ["a"]', '', 'filter = "tcp prot 80"');
  const { code, lines } = await errorOf(load(file, { checkFilter }));
  assert.equal(code, errorCodes.filter);
  assert.deepEqual(lines, ['config.toml:4: source[0].filter: "tcp prot 80" is wrong']);
  const library = new SensorError(errorCodes.filterLibrary, 'no libpcap');
  await assert.rejects(
    load(file, {
      checkFilter: () => {
        throw library;
      },
    }),
    library,
  );
});

test("a plugin's own schema is part of the whole", async (context) => {
  const plugin = {
    name: 'tower',
    description: 'Test.',
    config: Type.Object({ url: Type.String({ minLength: 1 }), retries: Type.Integer({ default: 2, minimum: 0, maximum: 5 }) }),
  };
  const outputs = async (kind: string) => (kind === 'tower' ? plugin : undefined);
  const good = writeConfig(context, '[[output]]', 'kind = "tower"', 'url = "x"');
  assert.deepEqual((await load(good, { outputs })).outputs[0]?.own, { url: 'x', retries: 2 });
  const bad = writeConfig(context, '[[output]]', 'kind = "tower"', 'retries = 6', 'ulr = "x"');
  assert.deepEqual((await errorOf(load(bad, { outputs }))).lines, [
    'config.toml:1: output[0].url: is missing; expected a non-empty string',
    'config.toml:3: output[0].retries: expected an integer from 0 to 5, got 6',
    'config.toml:4: output[0].ulr: unknown key; did you mean url?',
  ]);
});

test("two sources of one name are refused, because they would count in each other's counters", async (context) => {
  const twice = ['[[source]]', 'paths = ["a.pcap"]', '[[source]]', 'paths = ["a.pcap"]'];
  const { code, lines } = await errorOf(load(writeConfig(context, ...twice)));
  assert.equal(code, errorCodes.config);
  assert.equal(lines.length, 1);
  assert.match(lines[0] as string, /source\[1\]\.name.*there is another source named "a\.pcap"; give each a name of its own$/);
  assert.equal((await load(writeConfig(context, ...twice, 'name = "b"'))).sources.length, 2);
});

/** [lines of a [[signature]] on line 1, the problem] */
const badSignatures: readonly (readonly [string, string])[] = [
  ['bytes = "x"', 'config.toml:1: signature[0]: gives a session nothing: it needs a name, a tag, or a field with a value'],
  ['name = "x"', 'config.toml:1: signature[0]: fits everything: it needs bytes, a regex, or ports'],
  ['name = "x"\nregex = "("', 'config.toml:3: signature[0].regex: is no regular expression: Unterminated group'],
  ['name = "x"\nbytes = "hex:1"', 'config.toml:3: signature[0].bytes: "hex:1" is no pattern: expected hex: and pairs'],
  ["name = 'x'\nbytes = ['a', '\\q']", 'config.toml:3: signature[0].bytes: "\\\\q" (2 of 2) is no pattern'],
  ['name = "x"\nports = [70000]', 'config.toml:3: signature[0].ports: expected an array'],
  ['name = "x"\nports = [7]\nnmae = 1', 'config.toml:4: signature[0].nmae: unknown key; did you mean name?'],
  ['field = "tags"\nports = [7]', 'config.toml:2: signature[0].field: goes with a value, and there is none'],
  ['name = "x"\nvalue = "tags"\nports = [7]', 'config.toml:3: signature[0].value: goes with a field, and there is none'],
];

for (const [lines, problem] of badSignatures) {
  test(problem, async (context) => {
    const error = await errorOf(load(writeConfig(context, '[[signature]]', lines)));
    assert.equal(error.lines.length, 1, error.lines.join('\n'));
    assert.ok(error.lines[0]?.startsWith(problem), error.lines[0]);
  });
}

test('signatures that are switched off have to exist', async (context) => {
  const { lines } = await errorOf(load(writeConfig(context, '[names]', 'off = ["redsi"]')));
  assert.deepEqual(lines, ['config.toml:2: names.off: there is no signature named "redsi"; did you mean redis?']);
  assert.deepEqual((await load(writeConfig(context, '[names]', 'off = ["*"]'))).names.off, ['*']);
});

test('fields of records that are left out have to be there', async (context) => {
  const recordFieldsOf = (): readonly string[] => ['network.community_id', 'source.mac', 'source.ip'];
  const without = (...names: string[]): string => writeConfig(context, '[records]', `without = ${JSON.stringify(names)}`);
  const { records } = await load(without('network.community_id', 'source'), { recordFieldsOf });
  assert.deepEqual([...records.without], ['network.community_id', 'source']);
  assert.deepEqual([...(await load(undefined)).records.without], []);
  const { lines } = await errorOf(load(without('@timestamp', 'source.mak', 'nothing.of.the.kind'), { recordFieldsOf }));
  assert.deepEqual(
    lines.map((line) => line.replace(/^.*records\.without: /, '')),
    [
      '@timestamp is in every record',
      'there is no field "source.mak"; did you mean source.mac?',
      'there is no field "nothing.of.the.kind"; ringtap fields lists them',
    ],
  );
});
