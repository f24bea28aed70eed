// The sensor with rules files and signatures, from the command line to the records, over the captures of the golden tests.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import { runSensor, startSensor, temporaryFolder } from './sensor.ts';

const capture = (name: string): string => fileURLToPath(new URL(`../golden/${name}.pcap`, import.meta.url));

const rules = `version: 1
rules:
  - name: web
    when: fieldSet
    log: true
    fields:
      protocols: http
      "!host.http": nobody.example
      ip.protocol: tcp
    ops:
      tags: [web, seen]
      -tags: nothing
  - name: by-filter
    when: sessionSetup
    bpf: tcp port 80
    ops:
      asset: Web-Server
  - name: late
    when: beforeFinalSave
    fields:
      tags: web
    ops:
      protocols: ruled
`;

for (const format of ['ecs', 'arkime']) {
  test(`rules and tags show in records, ${format}`, async (context) => {
    const folder = temporaryFolder(context);
    writeFileSync(join(folder, 'rules.yaml'), rules);
    writeFileSync(join(folder, 'config.toml'), `[rules]\nfiles = ["${folder}/rules.yaml"]\n[session]\ntags = ["lab"]\n`);
    const { code, records, stderr } = await runSensor(
      context,
      ...['-r', capture('http'), '-c', join(folder, 'config.toml'), '-t', 'one', '-t', 'two', '--node', 'sensor-7'],
      ...['--set', 'output.0.kind=stdout', '--set', `output.0.format=${format}`, '--set', 'output.0.records=["session"]'],
    );
    assert.equal(code, 0, stderr);
    const tags: string[][] = records.map((record) => record.tags);
    assert.ok(tags.every((each) => each.slice(0, 3).join() === 'lab,one,two'));
    const web = records.filter((record) => record.tags.includes('web'));
    assert.ok(web.length > 0);
    for (const record of web) {
      assert.ok(record.tags.includes('seen'));
      const protocols = format === 'ecs' ? record.session.protocols : record.protocol;
      assert.ok(protocols.includes('http') && protocols.includes('ruled'));
    }
    const assets = records.filter((record) => JSON.stringify(record).includes('"web-server"'));
    assert.ok(assets.length > 0);
    if (format === 'arkime') assert.ok(records.every((record) => record.node === 'sensor-7'));
    assert.match(stderr, /rule "web" \(.*rules\.yaml:3\): .* → .*:\d+, session \w+/);
  });
}

test('signatures of the config name, tag and set a field; those of the sensor can be switched off', async (context) => {
  const folder = temporaryFolder(context);
  const config = join(folder, 'config.toml');
  writeFileSync(
    config,
    [
      '[[signature]]',
      'name = "acme"',
      'tag = "acme-tag"',
      'field = "user"',
      'value = "ACME"',
      "bytes = ['\\x47ET ', 'hex:48 45 41 44 20']",
      'direction = "client"',
      "regex = '^(get|head) \\S+ http/1'",
      'ignore_case = true',
      '[names]',
      'off = ["redis"]',
    ].join('\n'),
  );
  const { code, records, stderr } = await runSensor(context, '-r', capture('http'), '-c', config);
  assert.equal(code, 0, stderr);
  const named = records.filter((record) => record.session?.protocols?.includes('acme'));
  assert.ok(named.length > 0);
  for (const { tags, related } of named) assert.deepEqual([tags, related.user], [['acme-tag'], ['acme']]);
});

test('a dry run reads and decodes, writes nothing, and prints the summary', async (context) => {
  const folder = temporaryFolder(context);
  const { code, stdout, stderr } = await runSensor(context, '-r', capture('http'), '--dry-run', '-l', folder);
  assert.equal(code, 0);
  assert.equal(stdout, '');
  assert.match(stderr, /protocols {2}.*http \d+/);
  assert.match(stderr, /losses {5}none/);
});

test('what is wrong with rules is told with file and line, before anything runs', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'rules.yaml');
  const bad = rules.replace('tcp port 80', 'tcp prt 80').replace('host.http', 'host.htp').replace('asset:', 'assett:');
  writeFileSync(file, bad);
  const { code, stderr } = await runSensor(context, 'check', '--set', `rules.files=["${file}"]`);
  assert.equal(code, 2);
  const lines = stderr.split('\n').filter((line) => line.includes('rules.yaml'));
  assert.match(lines.join('\n'), /rules\.yaml:8: rule "web": there is no field "host.htp"; did you mean host.http\?/);
  assert.match(lines.join('\n'), /rules\.yaml:17: rule "by-filter": there is no field "assett"; did you mean asset\?/);
  assert.match(lines.join('\n'), /rules\.yaml:13: rule "by-filter": bpf: /);
});

test('SIGHUP reads rules files again; a file that is wrong changes nothing', async (context) => {
  const folder = temporaryFolder(context);
  const file = join(folder, 'rules.yaml');
  const config = join(folder, 'config.toml');
  const text = (tag: string): string =>
    `version: 1\nrules:\n  - {name: seen, when: sessionSetup, log: true, fields: {ip.protocol: tcp}, ops: {tags: seen}}\n  - {name: a, when: beforeFinalSave, fields: {ip.protocol: [tcp, udp]}, ops: {tags: ${tag}}}\n`;
  writeFileSync(file, text('before'));
  writeFileSync(config, `[rules]\nfiles = ["${file}"]\n`);
  // Sessions end when the input does, so what is in force then counts.
  const sensor = startSensor(context, ['-r', '-', '-c', config], { input: readFileSync(capture('http')), openStdin: true });
  await sensor.stderrLine(/rule "seen"/);
  writeFileSync(file, text('[broken'));
  sensor.kill('SIGHUP');
  await sensor.stderrLine(/SIGHUP: .*rules\.yaml:\d+: this is not YAML/);
  writeFileSync(file, text('after'));
  sensor.kill('SIGHUP');
  await sensor.stderrLine(/SIGHUP: 2 rules are now in force/);
  sensor.stdin.end();
  const { records } = await sensor.result;
  const tags = new Set(records.filter(({ event }) => event.dataset === 'session').map((record) => record.tags.join()));
  assert.ok(tags.has('seen,after'), [...tags].join(' '));
});
