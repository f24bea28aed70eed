// The commented reference, config.toml at the top of the repository, the JSON Schema, and the effective config as TOML:
// all say the same.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { parse } from 'smol-toml';
import { type TObject, Type } from 'typebox';
import { Value } from 'typebox/value';
import { changedKeys, configReference, configTables, configText, jsonSchema } from '../../src/config/index.ts';
import { decoderDefinitions } from '../../src/decoders/index.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { root, textOf } from '../source-tree.ts';
import { load, outputPlugins, writeConfig } from './kit.ts';

const reference = configReference(decoderDefinitions, outputPlugins);
/** Options begin with `#` alone, explanations with `# `. */
const uncommented = reference.replace(/^#(?=[^\s#])/gm, '');
const schema = jsonSchema(decoderDefinitions, outputPlugins);
const accepts = (value: unknown): boolean => Value.Check(schema, value);

test('config.toml is the reference: `ringtap config > config.toml`', () => {
  assert.equal(textOf('config.toml'), reference);
});

test('config.toml as it is gives the defaults', async () => {
  assert.deepEqual(await load(join(root, 'config.toml')), await load(undefined));
});

test('with every option switched on it gives the defaults too, and no option is missing', async (context) => {
  const config = await load(writeConfig(context, uncommented));
  const expected = await load(undefined, {
    overlay: (raw) => {
      raw.source = [
        { kind: 'file', paths: ['capture.pcap'] },
        { kind: 'folder', directory: 'captures' },
        { kind: 'af_packet', interface: 'eth0' },
        { kind: 'cap', interface: 'en0' },
      ];
      raw.signature = [{ name: 'acme', bytes: ['ACME/1'] }];
      raw.output = [{ kind: 'elasticsearch' }, { kind: 'file' }, { kind: 'json-folder' }, { kind: 'pcap' }, { kind: 'stdout' }];
    },
  });
  assert.deepEqual(config, expected);
  const written = structuredClone(parse(uncommented)) as Record<string, Record<string, unknown>[]>;
  const full = configTables(expected) as Record<string, Record<string, unknown>[]>;
  for (const table of [
    'workers',
    'fragments',
    'session',
    'names',
    'rules',
    'signature',
    'decoder',
    'records',
    'arkime',
    'admin',
    'log',
  ])
    assert.deepEqual(written[table], full[table], table);
  // Keys that all sources and all outputs have stand with the first one only.
  assert.deepEqual(written.source?.[0], full.source?.[0]);
  assert.deepEqual(written.output?.[0], full.output?.[0]);
  for (const index of [1, 2, 3]) {
    const own = without(full.source?.[index], 'name', 'filter', 'checksums', 'max_clock_jump_secs', 'cpus');
    assert.deepEqual(written.source?.[index], own);
  }
  assert.deepEqual(written.output?.[4], { kind: 'stdout' });
});

test('every option has an explanation, and no line is too long', () => {
  const lines = reference.split('\n');
  lines.forEach((line, index) => {
    if (!/^#\w+ = /.test(line) || line.startsWith('#kind')) return;
    assert.match(lines[index - 1] as string, /^# .*\.$/, line);
  });
  assert.deepEqual(
    lines.filter((line) => line.startsWith('# ') && line.length > 100),
    [],
  );
});

test('the JSON Schema takes config.toml, as it is and with every option', () => {
  assert.ok(accepts(parse(textOf('config.toml'))));
  assert.ok(accepts(parse(uncommented)));
  assert.deepEqual(Value.Errors(schema, parse(uncommented)), []);
});

test('the JSON Schema refuses what the loader refuses', () => {
  assert.ok(accepts({ source: [{ interface: 'eth0' }], output: [{ kind: 'npm-plugin', own: { key: 1 }, policy: 'drop' }] }));
  assert.ok(!accepts({ worker: {} }));
  assert.ok(!accepts({ workers: { packet: -1 } }));
  assert.ok(!accepts({ workers: { pakcet: 1 } }));
  assert.ok(!accepts({ source: [{ kind: 'file' }] }));
  assert.ok(!accepts({ source: [{ interface: 'eth0', paths: ['a'] }] }));
  assert.ok(!accepts({ output: [{ policy: 'drop' }] }));
  assert.ok(!accepts({ output: [{ kind: 'file', paht: 'x' }] }));
  assert.ok(!accepts({ output: [{ kind: 'npm-plugin', policy: 'dorp' }] }));
  assert.ok(!accepts({ decoder: { htpp: {} } }));
  assert.ok(!accepts({ decoder: { dns: { ports: [70000] } } }));
});

test('the JSON Schema is plain JSON that names its draft', () => {
  const plain = JSON.parse(JSON.stringify(schema)) as Record<string, unknown>;
  assert.equal(plain.$schema, 'https://json-schema.org/draft/2020-12/schema');
  assert.deepEqual(Object.keys(plain.properties as object), [
    'source',
    'workers',
    'fragments',
    'session',
    'names',
    'rules',
    'records',
    'arkime',
    'admin',
    'log',
    'signature',
    'decoder',
    'output',
  ]);
  assert.ok(Value.Check(plain as unknown as TObject, parse(uncommented)));
});

test('an output whose keys have no defaults gets them in the schema as required', () => {
  const tower = { name: 'tower', description: 'Test.', config: Type.Object({ url: Type.String({ description: 'Where.' }) }) };
  const own = jsonSchema([], [tower]);
  assert.ok(Value.Check(own, { output: [{ kind: 'tower', url: 'x' }] }));
  assert.ok(!Value.Check(own, { output: [{ kind: 'tower' }] }));
});

test('the effective config is TOML that loads to the same config', async (context) => {
  const folder = temporaryFolder(context);
  const sources = ['[[source]]', 'interface = "eth0"', 'filter = "port \\"x\\" \\\\ é"', '[[source]]', 'paths = ["a", "b"]'];
  const outputs = ['[[output]]', 'kind = "file"', 'records = ["dns"]', '[[output]]', 'kind = "stdout"', 'flush_secs = 0.25'];
  for (const lines of [[], sources, [...sources, ...outputs]]) {
    const config = await load(writeConfig(context, ...lines));
    const path = join(folder, 'effective.toml');
    writeFileSync(path, configText(config));
    assert.deepEqual(await load(path), config);
    assert.equal(configText(await load(path)), readFileSync(path, 'utf8'));
  }
  const added = '\n[[source]]\npaths = ["a"]\n[[output]]\nkind = "stdout"\n';
  writeFileSync(join(folder, 'more.toml'), configText(await load(undefined)) + added);
  assert.equal((await load(join(folder, 'more.toml'))).outputs.length, 1);
});

test('changed keys are named one by one', async () => {
  const of = async (...settings: string[]) => await load(undefined, { settings });
  const before = await of('source.0.paths=["a"]', 'output.0.kind=stdout');
  const after = await of(
    'source.0.paths=["a", "b"]',
    'output.0.kind=stdout',
    'output.1.kind=file',
    'decoder.dns.max_pending=9',
    'workers.cpus=[1]',
    'log.level=debug',
  );
  assert.deepEqual(changedKeys(before, after), [
    'source.0.paths',
    'workers.cpus',
    'decoder.dns.max_pending',
    'output.1',
    'log.level',
  ]);
  assert.deepEqual(changedKeys(after, after), []);
});

function without(table: Record<string, unknown> | undefined, ...keys: string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(table ?? {}).filter(([key]) => !keys.includes(key)));
}
