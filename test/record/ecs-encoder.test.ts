import assert from 'node:assert/strict';
import { test } from 'node:test';
import {
  anomalyRecordType,
  defineAnomalies,
  defineRecordType,
  EcsEncoder,
  JsonText,
  RecordRegistry,
  type RecordType,
  type SessionFacts,
  type SessionField,
  statsRecordType,
} from '../../src/record/index.ts';
import { RecordScribe } from '../../src/scribe/index.ts';
import { sessionFacts } from './session-facts-double.ts';

interface Ping {
  method: string;
  answers: readonly object[];
  sizes: readonly number[];
  secure: boolean;
  at: number;
  duration: number;
}

const pingType = defineRecordType<Ping>({
  name: 'ping',
  meaning: 'A test record.',
  fields: [
    { name: 'ping.request.method', type: 'keyword', meaning: 'm', value: (p) => p.method },
    { name: 'event.duration', type: 'long', meaning: 'd', value: (p) => p.duration },
    { name: 'ping.answers', type: 'object', many: true, meaning: 'a', value: (p) => p.answers },
    { name: 'ping.request.secure', type: 'boolean', meaning: 's', value: (p) => p.secure },
    { name: 'ping.sizes', type: 'long', many: true, meaning: 'n', value: (p) => p.sizes },
    { name: 'ping.request.at', type: 'date', meaning: 't', value: (p) => p.at },
    { name: 'top', type: 'keyword', meaning: 'x', value: () => 'level' },
  ],
});
const ping: Ping = {
  method: 'GET "x"',
  answers: [{ ttl: 1, deep: { a: [1] } }],
  sizes: [1, 2],
  secure: false,
  at: 1e6,
  duration: 5,
};

function encode<R>(type: RecordType<R>, record: R, facts: SessionFacts | undefined, timeUs: number, from = 0): string {
  const target = Buffer.alloc(4096);
  const end = new EcsEncoder(new RecordScribe()).encode(type, record, facts, timeUs, target, from, target.length);
  assert.ok(end >= 0);
  return target.toString('utf8', from, end);
}

test('a record is one line of nested ECS', () => {
  const line = encode(pingType, ping, sessionFacts(), 2e6, 3);
  assert.ok(line.endsWith('}\n'));
  assert.deepEqual(JSON.parse(line), {
    '@timestamp': '1970-01-01T00:00:02.000000Z',
    event: { kind: 'event', category: ['network'], type: ['connection', 'protocol'], dataset: 'ping', duration: 5 },
    session: { id: '0000000000000aaaaaaaa00000001' },
    source: { ip: '10.0.0.1', port: 40000, mac: '00-00-5E-00-53-23' },
    destination: { ip: '10.0.0.2', port: 80 },
    network: { type: 'ipv4', transport: 'tcp', iana_number: '6', community_id: '1:abc=' },
    ping: {
      request: { method: 'GET "x"', secure: false, at: '1970-01-01T00:00:01.000000Z' },
      answers: [{ ttl: 1, deep: { a: [1] } }],
      sizes: [1, 2],
    },
    top: 'level',
    ecs: { version: '9.0.0' },
  });
});

test('empty values leave no trace, not even their objects', () => {
  const line = encode(pingType, { ...ping, method: '', answers: [], sizes: [] }, undefined, 0);
  const document = JSON.parse(line);
  assert.deepEqual(Object.keys(document), ['@timestamp', 'event', 'ping', 'top', 'ecs']);
  assert.deepEqual(document.ping, { request: { secure: false, at: '1970-01-01T00:00:01.000000Z' } });
});

test('every object is opened once, whatever the order of the fields', () => {
  const line = encode(pingType, ping, sessionFacts(), 0);
  for (const key of ['"event":', '"request":', '"ping":', '"network":']) assert.equal(line.split(key).length, 2, key);
});

test('fields that are left out, and objects with all that is in them, are in no record', () => {
  const encoder = new EcsEncoder(new RecordScribe(), ['ping.request', 'top', 'ping.sizes', 'event.dura']);
  const target = Buffer.alloc(4096);
  const end = encoder.encode(pingType, ping, undefined, 0, target, 0, target.length);
  const document = JSON.parse(target.toString('utf8', 0, end));
  // A name is left out as a whole: `event.dura` is none.
  assert.equal(document.event.duration, 5);
  assert.deepEqual(document.ping, { answers: ping.answers });
  assert.equal(document.top, undefined);
});

test('a record that does not fit gives -1 and stays inside its limit at every size', () => {
  const encoder = new EcsEncoder(new RecordScribe());
  const whole = encoder.encode(pingType, ping, sessionFacts(), 0, Buffer.alloc(4096), 0, 4096);
  for (let limit = 0; limit < whole; limit++) {
    const target = Buffer.alloc(whole + 32, 0xee);
    assert.equal(encoder.encode(pingType, ping, sessionFacts(), 0, target, 0, limit), -1);
    assert.ok(target.subarray(limit).every((byte) => byte === 0xee));
  }
});

test('a record that just fits is the same as with room, whatever it holds', () => {
  const encoder = new EcsEncoder(new RecordScribe());
  for (const method of ['', 'GET', 'x'.repeat(500), '"\\\u0001\u007fé€😀'.repeat(20)]) {
    const roomy = Buffer.alloc(1 << 16, 0xee);
    const end = encoder.encode(pingType, { ...ping, method }, sessionFacts(), 0, roomy, 5, roomy.length);
    const tight = Buffer.alloc(end + 32, 0xee);
    assert.equal(encoder.encode(pingType, { ...ping, method }, sessionFacts(), 0, tight, 5, end), end);
    assert.deepEqual(tight.subarray(0, end), roomy.subarray(0, end));
    assert.ok(tight.subarray(end).every((byte) => byte === 0xee));
    assert.equal(encoder.encode(pingType, { ...ping, method }, sessionFacts(), 0, tight, 5, end - 1), -1);
  }
});

test('names that are long, short, not ASCII or many are written as they are', () => {
  const names = [
    'a',
    'bc',
    'def',
    'ghij',
    'x'.repeat(99),
    'é€',
    'd\u007fe.l',
    ...Array.from({ length: 40 }, (_, n) => `many.m${n}`),
  ];
  const type = defineRecordType<object>({
    name: 'names',
    meaning: '',
    fields: names.map((name, index) => ({ name, type: 'long' as const, meaning: '', value: () => index })),
  });
  const document = JSON.parse(encode(type, {}, undefined, 0));
  for (const [index, name] of names.entries()) {
    assert.equal(
      name.split('.').reduce((at, key) => at[key], document),
      index,
      name,
    );
  }
});

test('the session record has its counters, notes and only what applies', () => {
  const host: SessionField = { name: 'tls.client.server_name', type: 'keyword', many: true, meaning: 'h' };
  const single: SessionField = { name: 'tls.version', type: 'keyword', many: false, meaning: 'v' };
  const registry = new RecordRegistry([{ name: 'tls', records: [], sessionFields: [host, single], anomalies: [] }]);
  const noted = [[single, '1.3'] as const, [host, 'a.example'] as const, [host, 'b.example'] as const];
  const facts = sessionFacts({}, noted);
  const document = JSON.parse(encode(registry.session, facts, facts, facts.startUs));
  assert.deepEqual(document.tls, { client: { server_name: ['a.example', 'b.example'] }, version: '1.3' });
  assert.deepEqual(document.tcp, { state: 'closed', source: { flags: 'FSA' }, destination: { flags: 'FSA' } });
  assert.equal(document.event.duration, 1_499_999_000);
  assert.equal(document.network.packets, 5);
  assert.equal(document.network.protocol, 'http');
  const udp = sessionFacts({ protocol: 17, tcpState: undefined });
  assert.equal('tcp' in JSON.parse(encode(registry.session, udp, udp, 0)), false);
  const arp = sessionFacts({ ipVersion: 0, protocol: 0, etherType: 0x0806, hasPorts: false, sourceAddress: '02:00:00:00:00:01' });
  const layer2 = JSON.parse(encode(registry.session, arp, arp, 0));
  assert.equal(layer2.network.type, 'arp');
  assert.equal(layer2.source.mac, '02-00-00-00-00-01');
  assert.equal(layer2.source.ip, undefined);
});

test('notes that stand in an object of facts are each their own, whatever memory the session answers with', () => {
  const one: SessionField = { name: 'network.one', type: 'keyword', many: true, meaning: '' };
  const two: SessionField = { name: 'network.two', type: 'keyword', many: true, meaning: '' };
  const registry = new RecordRegistry([{ name: 'x', records: [], sessionFields: [one, two], anomalies: [] }]);
  const memory = Buffer.alloc(4096);
  const answer = new JsonText(memory, 0, 0);
  const noted = (field: SessionField): JsonText => {
    answer.to = memory.write(JSON.stringify([field.name]));
    return answer;
  };
  const encoder = new EcsEncoder(new RecordScribe());
  const target = Buffer.alloc(8192);
  for (const round of [1, 2, 3]) {
    const facts = sessionFacts({ noted });
    const end = encoder.encode(registry.session, facts, facts, 0, target, 0, target.length);
    const { network } = JSON.parse(target.toString('utf8', 0, end));
    assert.deepEqual([network.one, network.two], [['network.one'], ['network.two']], `round ${round}`);
  }
});

test('anomaly and stats records', () => {
  const anomalies = defineAnomalies('ping', { too_loud: 'It was too loud.' });
  const line = JSON.parse(encode(anomalyRecordType, anomalies.too_loud, sessionFacts(), 0));
  assert.deepEqual(line.anomaly, { name: 'ping.too_loud' });
  assert.equal(line.event.reason, 'It was too loud.');
  const stats = JSON.parse(encode(statsRecordType, { uptimeMs: 1, counters: { a: { b: 2 } } }, undefined, 0));
  assert.equal(stats.event.kind, 'metric');
  assert.deepEqual(stats.stats, { uptime_ms: 1, counters: { a: { b: 2 } } });
});

test('the registry refuses names that no index could hold', () => {
  const field = (name: string, type: 'keyword' | 'long') => ({ name, type, meaning: '', value: () => undefined });
  const provider = (fields: ReturnType<typeof field>[]) => ({
    name: 'x',
    records: [defineRecordType<never>({ name: 'x', meaning: '', fields })],
    sessionFields: [],
    anomalies: [],
  });
  assert.throws(
    () => new RecordRegistry([provider([field('source.ip', 'keyword')])]).checkNames(),
    /source\.ip is ip and keyword/,
  );
  assert.throws(
    () => new RecordRegistry([provider([field('a', 'keyword'), field('a.b', 'keyword')])]).checkNames(),
    /also the parent/,
  );
  assert.throws(() => new RecordRegistry([provider([field('a', 'long'), field('a', 'long')])]).checkNames(), /twice/);
});

test('the field document names every field once with its record types', () => {
  const document = new RecordRegistry([
    { name: 'ping', records: [pingType as never], sessionFields: [], anomalies: [] },
  ]).document();
  const names = document.map((field) => field.name);
  assert.deepEqual(names, [...new Set(names)].sort());
  assert.deepEqual(document.find((field) => field.name === 'ping.sizes')?.records, ['ping']);
  assert.ok(document.find((field) => field.name === 'source.ip')?.records.includes('session'));
  assert.equal(document.find((field) => field.name === 'source.ip')?.records.includes('stats'), false);
});
