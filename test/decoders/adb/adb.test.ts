import assert from 'node:assert/strict';
import { test } from 'node:test';
import { adbDecoder } from '../../../src/decoders/adb/index.ts';
import { Verdict } from '../../../src/decoders/contract.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';

function message(command: string, first: number, second: number, payload: string | Buffer = ''): Buffer {
  const data = Buffer.from(payload);
  const head = Buffer.alloc(24);
  head.write(command, 'latin1');
  head.writeUInt32LE(first, 4);
  head.writeUInt32LE(second, 8);
  head.writeUInt32LE(data.length, 12);
  head.writeInt32LE(~head.readInt32LE(0), 20);
  return Buffer.concat([head, data]);
}

const packet = (name: string, word: number, data = ''): Buffer => {
  const head = Buffer.alloc(8);
  head.write(name, 'latin1');
  head.writeUInt32LE(word, 4);
  return Buffer.concat([head, Buffer.from(data, 'latin1')]);
};
const withPath = (name: string, path: string): Buffer => packet(name, path.length, path);

const script: Step[] = [
  c2s(message('CNXN', 0x0100_0001, 4096, 'host::features=shell_v2\0')),
  s2c(message('AUTH', 1, 0, 'token')),
  c2s(message('AUTH', 2, 0, 'signature')),
  s2c(message('CNXN', 0x0100_0001, 262_144, 'device:SER01:features=x\0')),
  c2s(message('OPEN', 1, 0, 'shell,v2,pty:ls\0')),
  s2c(message('OKAY', 9, 1)),
  s2c(message('WRTE', 9, 1, Buffer.from('\x01\x02\0\0\0ok\x03\x01\0\0', 'latin1'))),
  s2c(message('WRTE', 9, 1, Buffer.from('\0\x2a', 'latin1'))),
  s2c(message('CLSE', 9, 1)),
  c2s(message('OPEN', 2, 0, 'sync:\0')),
  c2s(message('WRTE', 2, 8, Buffer.concat([withPath('STAT', '/a'), withPath('SEND', '/b,c,33206'), packet('DATA', 3, 'abc')]))),
  s2c(message('WRTE', 8, 2, packet('STAT', 1, '12345678'))),
  c2s(message('WRTE', 2, 8, Buffer.concat([packet('DONE', 7), withPath('LIST', '/d')]))),
  s2c(message('WRTE', 8, 2, Buffer.concat([packet('DENT', 1, `12345678\x03\0\0\0xyz`), packet('FAIL', 2, 'no')]))),
  c2s(message('OPEN', 3, 0, 'reverse:forward:norebind:tcp:1;tcp:2\0')),
  c2s(message('STLS', 1, 0)),
  s2c(message('STLS', 1, 0)),
  c2s('\x16\x03\x01'),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('a session with a device: banners, services, streams and their contents', () => {
  const heard = play(adbDecoder, script);
  assert.deepEqual([...heard.anomalies], []);
  assert.deepEqual(notesOf(heard), {
    'adb.auth_type': ['token', 'signature'],
    'adb.command': ['cnxn', 'auth', 'open', 'okay', 'wrte', 'clse', 'stls'],
    'adb.forward.direction': ['reverse'],
    'adb.forward.local': ['tcp:1'],
    'adb.forward.remote': ['tcp:2'],
    'adb.max_payload': ['4096', '262144'],
    'adb.serial': ['SER01'],
    'adb.service': ['shell', 'sync', 'reverse'],
    'adb.shell.exit_code': ['42'],
    'adb.stream_id': ['1', '9-1', '2', '2-8', '8-2', '3'],
    'adb.sync.operation': ['STAT', 'SEND', 'DATA', 'DONE', 'LIST', 'DENT', 'FAIL'],
    'adb.sync.path': ['/a', '/b,c', '/d'],
    'adb.system_type': ['host', 'device'],
    'adb.version': ['0x01000001'],
    tags: ['adb:shell-v2', 'adb:sync', 'adb:tls', 'adb:tls-encrypted'],
  });
  assert.equal(heard.handedOver[0].toString('latin1'), '\x16\x03\x01');
  assert.deepEqual(notesOf(play(adbDecoder, swapped(script))), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(adbDecoder, script));

test('nothing on the wire throws', () => assertSurvives(adbDecoder, script, {}, 200));

test('requests to an ADB server', () => {
  const request = (text: string): string => `${text.length.toString(16).padStart(4, '0')}${text}`;
  const steps = [
    c2s(request('host:version')),
    s2c('OKAY00040029'),
    c2s(`${request('host-serial:S:forward:tcp:1;tcp:2')}${request('sync:')}raw`),
  ];
  const heard = play(adbDecoder, steps);
  assert.deepEqual(heard.notes.get('adb.service'), ['host', 'host-serial', 'sync']);
  assert.deepEqual(heard.notes.get('adb.forward.direction'), ['forward']);
  assertCutInvariant(adbDecoder, steps);
  const first = Buffer.from(request('host:version'));
  assert.equal(adbDecoder.probe(0, first, 0, first.length), Verdict.certain);
  assert.equal(adbDecoder.probe(0, first, 0, 6), Verdict.needMore);
});

test('long messages are read in part, streams are bounded, and probing wants the magic word', () => {
  const options = { max_message_bytes: 256, max_streams: 1 };
  const steps = [
    c2s(
      Buffer.concat([
        message('OPEN', 1, 0, `shell:${'x'.repeat(5000)}`),
        message('OPEN', 2, 0, 'sync:'),
        message('OPEN', 3, 0, 'sync:'),
      ]),
    ),
  ];
  const heard = play(adbDecoder, steps, { options });
  assert.deepEqual(heard.notes.get('adb.service'), ['shell', 'sync']);
  assert.deepEqual([...heard.anomalies.keys()], ['adb.too_many_streams']);
  const first = message('CNXN', 1, 2);
  assert.equal(adbDecoder.probe(0, first, 0, 24), Verdict.certain);
  assert.equal(adbDecoder.probe(0, first, 0, 3), Verdict.needMore);
  first[20] = 0;
  assert.equal(adbDecoder.probe(0, first, 0, 24), Verdict.no);
});
