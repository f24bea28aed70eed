import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/index.ts';
import { oracleDecoder } from '../../../src/decoders/oracle/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c } from '../decoder-kit.ts';

function packet(type: number, body: Buffer): Buffer {
  const head = Buffer.alloc(8);
  head.writeUInt16BE(8 + body.length);
  head[4] = type;
  return Buffer.concat([head, body]);
}
/** `inside`: the descriptor lies in the packet, else it comes in the next one. */
function connect(descriptor: string, inside = true): Buffer {
  const fixed = Buffer.alloc(50);
  fixed.writeUInt16BE(315);
  fixed.writeUInt16BE(300, 2);
  fixed.writeUInt16BE(descriptor.length, 16);
  fixed.writeUInt16BE(58, 18);
  return packet(1, Buffer.concat([fixed, Buffer.from(inside ? descriptor : '')]));
}
const descriptor =
  '(DESCRIPTION=(ADDRESS=(PROTOCOL=TCP)(HOST=DB.example.com)(PORT=1521))' +
  '(CONNECT_DATA=(CID=(PROGRAM=sqlplus)(HOST=pc)(USER=Scott))(SERVICE_NAME = ORCL)))';
const said = { 'oracle.host': ['db.example.com'], 'oracle.user': ['scott'], 'oracle.service': ['orcl'] };
const script = [c2s(connect(descriptor)), s2c(packet(2, Buffer.alloc(24)))];
const apart = [c2s(connect(descriptor, false)), c2s(packet(6, Buffer.from(`\0\0${descriptor}`)))];

test('the connect descriptor, in the packet or behind it', () => {
  assert.deepEqual(Object.fromEntries(play(oracleDecoder, script).notes), said);
  const heard = play(oracleDecoder, apart);
  assert.deepEqual([Object.fromEntries(heard.notes), heard.finalVerdict], [said, DONE]);
});

test('any cut gives the same notes', () => {
  assertCutInvariant(oracleDecoder, script);
  assertCutInvariant(oracleDecoder, apart);
});
test('nothing on the wire throws', () => assertSurvives(oracleDecoder, [...apart, ...script]));

test('probing waits for the whole packet', () => {
  const probe = (bytes: Buffer): number => oracleDecoder.probe(0, bytes, 0, bytes.length);
  const whole = connect(descriptor);
  assert.equal(probe(whole), Verdict.certain);
  assert.equal(probe(whole.subarray(0, whole.length - 1)), Verdict.needMore);
  assert.equal(probe(packet(1, Buffer.alloc(60))), Verdict.no);
  assert.equal(probe(packet(2, Buffer.alloc(60))), Verdict.no);
});

test('blanks without end cost no more than their length', () => {
  const started = performance.now();
  const heard = play(oracleDecoder, [c2s(connect(`(HOST= ${' '.repeat(7000)}(HOST=a b  )`))]);
  assert.deepEqual(heard.notes.get('oracle.host'), ['a b']);
  assert.ok(performance.now() - started < 500);
});
