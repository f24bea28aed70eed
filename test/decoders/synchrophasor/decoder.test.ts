import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { synchrophasorDecoder } from '../../../src/decoders/synchrophasor/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const frame = (second: string, stream: string, body: Buffer, checksum = '0000'): Buffer => {
  const bytes = Buffer.concat([hex(`aa${second} 0000 ${stream} 65530000 00000000`), body, hex(checksum)]);
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
};
const unit = (name: string): Buffer =>
  Buffer.concat([
    Buffer.from(name.padEnd(16)),
    hex('0007 0000 0001 0001 0001'),
    Buffer.alloc(16 * (1 + 1 + 16), 0x20),
    Buffer.alloc(4 * 3),
    hex('0000 0001'),
  ]);
const thirdUnit = (name: string): Buffer =>
  Buffer.concat([
    Buffer.from([name.length]),
    Buffer.from(name),
    Buffer.alloc(2 + 16 + 2),
    hex('0001 0000 0001'),
    ...Array.from({ length: 17 }, (_, index) => Buffer.from([index, ...Buffer.alloc(index, 0x61)])),
    Buffer.alloc(12 + 4 + 25),
  ]);
const script = [
  c2s(frame('41', '0064', hex('0005'))),
  s2c(
    Buffer.concat([
      frame('31', '0064', Buffer.concat([hex('000f4240 0002'), unit('Alpha'), unit('Beta'), hex('001e')])),
      frame('11', '0064', hex('41')),
    ]),
  ),
  c2s(frame('41', '0065', hex('0002'))),
  s2c(frame('01', '0064', Buffer.alloc(18))),
  s2c(frame('52', '0066', Buffer.concat([hex('0000 000f4240 0001'), thirdUnit('Third'), hex('fff6')]))),
];
const expected = {
  'synchrophasor.frame_type': ['command', 'cfg2', 'header', 'data', 'cfg3'],
  'synchrophasor.id_code': [100, 101, 102],
  'synchrophasor.command': [5, 2],
  'synchrophasor.pmu_count': [2, 1],
  'synchrophasor.station': ['Alpha', 'Beta', 'Third'],
  'synchrophasor.data_rate': [30, -10],
};

test('streams, commands, stations, rates; over TCP and UDP', () => {
  assert.deepEqual(Object.fromEntries(play(synchrophasorDecoder, script).notes), expected);
  assert.deepEqual(Object.fromEntries(play(synchrophasorDecoder, script, { transport: 'udp' }).notes), expected);
  assert.equal(play(synchrophasorDecoder, swapped(script)).notes.size, 6);
  assertCutInvariant(synchrophasorDecoder, script);
  assertSurvives(synchrophasorDecoder, script, {}, 100);
  assertSurvives(synchrophasorDecoder, script, { transport: 'udp' }, 100);
});

test('counts that lie end with the frame; the next start is searched', () => {
  const lying = frame('31', '0001', Buffer.concat([hex('00000000 ffff'), unit('One')]));
  assert.deepEqual(play(synchrophasorDecoder, [c2s(lying)]).notes.get('synchrophasor.station'), ['One']);
  const noise = [c2s(Buffer.concat([hex('aaaa aa'), frame('41', '0001', hex('0001'))]))];
  assert.deepEqual(play(synchrophasorDecoder, noise).notes.get('synchrophasor.command'), [1]);
  assertCutInvariant(synchrophasorDecoder, noise);
});

test('probing: sure of a right checksum', () => {
  const probe = (bytes: Buffer): Verdict => synchrophasorDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(hex('aa41 0012 012c 6553f112 00000000 0005 92a5')), Verdict.certain);
  assert.equal(probe(hex('aa41 0012 012c 6553f112 00000000 0005 92a6')), Verdict.maybe);
  assert.equal(probe(hex('aa41 0012 012c')), Verdict.needMore);
  assert.equal(probe(hex('aa41 000f 012c')), Verdict.no);
  assert.equal(probe(hex('aa61 0012 012c')), Verdict.no);
});
