import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { mqttDecoder } from '../../../src/decoders/mqtt/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';

const bytes = (...parts: (number[] | string)[]): Buffer =>
  Buffer.concat(parts.map((part) => (typeof part === 'string' ? text(part) : Buffer.from(part))));

/** With its length in two bytes. */
function text(value: string): Buffer {
  const encoded = Buffer.from(value);
  return Buffer.concat([Buffer.from([encoded.length >> 8, encoded.length & 255]), encoded]);
}

function packet(first: number, body: Buffer): Buffer {
  const length: number[] = [];
  let rest = body.length;
  do {
    length.push((rest & 127) | (rest > 127 ? 128 : 0));
    rest >>= 7;
  } while (rest > 0);
  return Buffer.concat([Buffer.from([first, ...length]), body]);
}

const connect5 = packet(
  0x10,
  bytes('MQTT', [5, 0xee, 0, 60], [3, 0x21, 0, 20], 'client-1', [2, 0x01, 1], 'will/t', 'gone', 'Ann', 'secret'),
);
const script: Step[] = [
  c2s(connect5),
  s2c(packet(0x20, bytes([0, 0, 0]))),
  c2s(packet(0x82, bytes([0, 1], [0], 'a/#', [1], 'b/+', [2]))),
  s2c(packet(0x90, bytes([0, 1], [0], [1, 2]))),
  c2s(Buffer.concat([packet(0x32, bytes('a/b', [0, 2], [0], [...Buffer.alloc(300, 1)])), packet(0xc0, bytes())])),
  s2c(packet(0x40, bytes([0, 2]))),
  c2s(packet(0xa2, bytes([0, 3], [0], 'c/d'))),
  c2s(packet(0xe0, bytes())),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('who connects, topics and types, in version 5', () => {
  const heard = play(mqttDecoder, script);
  assert.deepEqual([...heard.anomalies], []);
  assert.deepEqual(notesOf(heard), {
    'mqtt.client_id': ['client-1'],
    'mqtt.connack_code': [0],
    'mqtt.flags': ['cleanSession', 'hasWill', 'willRetain', 'hasPassword'],
    'mqtt.qos': [1],
    'mqtt.topic': ['a/#', 'b/+', 'a/b', 'c/d'],
    'mqtt.type': ['CONNECT', 'CONNACK', 'SUBSCRIBE', 'SUBACK', 'PUBLISH', 'PINGREQ', 'PUBACK', 'UNSUBSCRIBE', 'DISCONNECT'],
    'mqtt.version': ['5.0'],
    'mqtt.will_topic': ['will/t'],
    'related.user': ['ann'],
  });
  assert.deepEqual(notesOf(play(mqttDecoder, swapped(script))), notesOf(heard));
});

test('older versions', () => {
  for (const [name, level, version] of [
    ['MQIsdp', 3, '3.1'],
    ['MQTT', 4, '3.1.1'],
  ] as const) {
    const heard = play(mqttDecoder, [c2s(packet(0x10, bytes(name, [level, 0x82, 0, 60], 'c', 'Bob')))]);
    assert.deepEqual(notesOf(heard), {
      'mqtt.client_id': ['c'],
      'mqtt.flags': ['cleanSession'],
      'mqtt.type': ['CONNECT'],
      'mqtt.version': [version],
      'related.user': ['bob'],
    });
  }
});

test('any cut gives the same', () => assertCutInvariant(mqttDecoder, script));

test('nothing on the wire throws', () => assertSurvives(mqttDecoder, script, {}, 200));

test('long payloads are passed over, long topics are told, lengths that lead out are odd', () => {
  const long = [
    c2s(packet(0x30, bytes('long/payload', [...Buffer.alloc(20_000, 0x61)]))),
    c2s(packet(0x30, Buffer.concat([text('t'.repeat(9000))]))),
    c2s(packet(0x30, bytes('after'))),
  ];
  const heard = play(mqttDecoder, long);
  assert.deepEqual(heard.notes.get('mqtt.topic'), ['long/payload', 'after']);
  assert.deepEqual(heard.notes.get('tags'), ['mqtt:message-too-long']);
  assertCutInvariant(mqttDecoder, [c2s(packet(0x30, bytes('long', [...Buffer.alloc(300, 0x61)])))], {
    options: { max_packet_bytes: 128 },
  });
  assert.deepEqual([...play(mqttDecoder, [c2s(packet(0x30, bytes([0xff, 0xff, 1])))]).anomalies.keys()], ['mqtt.malformed']);
});

test('probing', () => {
  const probe = (packet_: Buffer): number => mqttDecoder.probe(0, packet_, 0, packet_.length);
  assert.equal(probe(connect5), Verdict.certain);
  for (let length = 1; length < 8; length += 1) assert.equal(probe(connect5.subarray(0, length)), Verdict.needMore);
  assert.equal(probe(packet(0x10, bytes('HTTP'))), Verdict.no);
  assert.equal(probe(packet(0x20, bytes([0, 0]))), Verdict.faint);
  assert.equal(probe(packet(0xc0, bytes())), Verdict.faint);
  assert.equal(probe(packet(0x82, bytes([0, 1], 'a', [0]))), Verdict.faint);
  assert.equal(probe(packet(0xc0, bytes([1]))), Verdict.no);
  assert.equal(probe(packet(0x80, bytes([1]))), Verdict.no);
  assert.equal(probe(Buffer.from([0x10, 0xff, 0xff, 0xff, 0xff, 1])), Verdict.no);
});
