import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, HANDOVER, Verdict } from '../../../src/decoders/index.ts';
import { mysqlDecoder } from '../../../src/decoders/mysql/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const packet = (sequence: number, ...parts: (Buffer | string)[]): Buffer => {
  const body = Buffer.concat(parts.map((part) => Buffer.from(part as string)));
  return Buffer.concat([Buffer.from([body.length & 255, body.length >> 8, 0, sequence]), body]);
};
const greeting = packet(0, '\n', '8.0.32-Debian\0', Buffer.alloc(13), 'rest of the challenge');
const flags = (value: number, length: number): Buffer => {
  const bytes = Buffer.alloc(length);
  bytes.writeUInt16LE(value);
  return bytes;
};
const script = [s2c(greeting), c2s(packet(1, flags(0xa685, 32), 'DbAdmin\0', 'secret')), s2c(packet(2, 'OK'))];

test('version and user', () => {
  const said = { 'mysql.version': ['8.0.32-Debian'], 'mysql.user': ['dbadmin'] };
  const heard = play(mysqlDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), said);
  assert.deepEqual([heard.protocols, heard.finalVerdict], [['mysql'], DONE]);
  assert.deepEqual(Object.fromEntries(play(mysqlDecoder, swapped(script)).notes), said);
  const old = [s2c(greeting), c2s(packet(1, flags(0x0005, 5), 'DbAdmin\0', 'secret'))];
  assert.deepEqual(Object.fromEntries(play(mysqlDecoder, old).notes), said);
});

test('a greeting that nobody answers names nothing; a request for TLS hands over', () => {
  assert.deepEqual(play(mysqlDecoder, script.slice(0, 1)).protocols, []);
  const heard = play(mysqlDecoder, [s2c(greeting), c2s(packet(1, flags(0xaa85, 32))), c2s('\x16\x03')]);
  assert.deepEqual([heard.protocols, heard.finalVerdict, heard.handedOver[0].length], [['mysql'], HANDOVER, 2]);
});

test('any cut gives the same notes', () => assertCutInvariant(mysqlDecoder, script));
test('nothing on the wire throws', () => assertSurvives(mysqlDecoder, script));

test('probing', () => {
  const probe = (bytes: Buffer): number => mysqlDecoder.probe(1, bytes, 0, bytes.length);
  assert.equal(probe(greeting), Verdict.certain);
  assert.equal(probe(greeting.subarray(0, 9)), Verdict.needMore);
  assert.equal(probe(packet(1, '\n', '8.0\0', Buffer.alloc(20))), Verdict.no);
  assert.equal(probe(packet(0, '\n', 'eight\0', Buffer.alloc(20))), Verdict.no);
  assert.equal(probe(packet(0, '\n', '8.0\0')), Verdict.no);
});
