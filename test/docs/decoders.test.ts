// The worked example of docs/decoders.md: the page shows the very files of decoder-example/, and they work in an engine.

import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { Recognizer } from '../../src/decoders/index.ts';
import { EcsEncoder, RecordRegistry } from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { defaultSessionConfig, SessionEngine, sessionCounters } from '../../src/session/index.ts';
import { Connection, ipv4, pcapBytes, type TimedFrame } from '../../tools/traces/index.ts';
import { defaultOptions } from '../decoders/decoder-kit.ts';
import { temporaryFolder } from '../e2e/sensor.ts';
import { RingFeeder } from '../session/ring-feeder.ts';
import { memcachedDecoder } from './decoder-example/index.ts';
import { block, blocksOf } from './page.ts';

/** The example lies under test/, and the page shows it where a decoder of the product lies. */
function asInProduct(file: string, text: string): string {
  const isTest = file.endsWith('.test.ts');
  return text
    .replaceAll("'../../../src/decoders/contract.ts'", isTest ? "'../../../src/decoders/contract.ts'" : "'../contract.ts'")
    .replaceAll("'../../../src/record/index.ts'", "'../../record/index.ts'")
    .replaceAll("'../../../src/decoders/session-field.ts'", "'../session-field.ts'")
    .replaceAll("'./index.ts'", "'../../../src/decoders/memcached/index.ts'")
    .replaceAll("'../../decoders/decoder-kit.ts'", "'../decoder-kit.ts'");
}

const pageOf: Readonly<Record<string, string>> = {
  'record.ts': 'src/decoders/memcached/record.ts',
  'fields.ts': 'src/decoders/memcached/fields.ts',
  'anomalies.ts': 'src/decoders/memcached/anomalies.ts',
  'options.ts': 'src/decoders/memcached/options.ts',
  'decoder.ts': 'src/decoders/memcached/decoder.ts',
  'index.ts': 'src/decoders/memcached/definition.ts',
  'memcached.test.ts': 'test/decoders/memcached/decoder.test.ts',
};

for (const [file, path] of Object.entries(pageOf)) {
  test(`the page shows ${file} as it is`, () => {
    const text = readFileSync(new URL(`decoder-example/${file}`, import.meta.url), 'utf8');
    assert.equal(block('decoders.md', `file: ${path}`), asInProduct(file, text));
  });
}

test('every labelled block of the page is checked', () => {
  const labels = blocksOf('decoders.md').map(({ label }) => label);
  assert.deepEqual(labels.sort(), [...Object.values(pageOf).map((path) => `file: ${path}`), 'output: its record'].sort());
});

test('from a capture through recognition, streams and the encoder', (context) => {
  const frames: TimedFrame[] = [];
  const sink = { add: (timeUs: number, frame: Buffer) => frames.push({ timeUs, frame }) };
  // Not on its usual port: the content alone must do.
  const server = { address: ipv4('192.0.2.80'), port: 4040 };
  const connection = new Connection(sink, { address: ipv4('192.0.2.7'), port: 40000 }, server, 1_760_000_000_000_000, [100, 900]);
  connection.open();
  connection.send(0, Buffer.from('get page:1\r\n'));
  connection.timeUs += 250;
  connection.send(1, Buffer.from(`VALUE page:1 0 4000\r\n${'x'.repeat(4000)}\r\nEND\r\n`));
  connection.close();
  const path = join(temporaryFolder(context), 'memcached.pcap');
  writeFileSync(path, pcapBytes(frames));

  const encoder = new EcsEncoder(new RecordScribe());
  const registry = new RecordRegistry([memcachedDecoder]);
  const target = Buffer.alloc(4096);
  const lines: string[] = [];
  const engine = new SessionEngine({
    config: defaultSessionConfig({ max_sessions: 16 }),
    counters: new Float64Array(sessionCounters.names.length),
    recognizer: new Recognizer([{ definition: memcachedDecoder, options: defaultOptions(memcachedDecoder) }]),
    sink: {
      session: (facts, _reason, timeUs) =>
        void lines.push(
          target.toString('utf8', 0, encoder.encode(registry.session, facts, facts, timeUs, target, 0, target.length)),
        ),
      record: (type, record, facts, timeUs) =>
        void lines.push(target.toString('utf8', 0, encoder.encode(type, record, facts, timeUs, target, 0, target.length))),
      anomaly: (anomaly) => assert.fail(anomaly.name),
    },
  });
  for (const packet of new RingFeeder().pcap(path)) engine.packet(packet, 0);
  engine.finish();

  assert.equal(lines.length, 2);
  const [own, session] = lines.map((line) => JSON.parse(line));
  assert.deepEqual(own, JSON.parse(block('decoders.md', 'output: its record')));
  assert.deepEqual(session.session.protocols, ['memcached']);
  assert.deepEqual(session.memcached, { command: ['get'] });
});
