import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { dnp3Decoder } from '../../../src/decoders/dnp3/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');

/** A frame from 4 to 1027 around user data, with sums of zeros behind its blocks. */
function frame(userData: Buffer): Buffer {
  const parts = [hex(`0564 ${(5 + userData.length).toString(16).padStart(2, '0')} c4 0304 0400 0000`)];
  for (let at = 0; at < userData.length; at += 16) parts.push(userData.subarray(at, at + 16), Buffer.alloc(2));
  return Buffer.concat(parts);
}
const read = frame(hex('c0 c1 01 3c0206'));
const long = frame(Buffer.concat([hex('41 c2 81 0000'), Buffer.alloc(245, 0x05)]));
const rest = frame(hex('82 0564 03'));
const script = [c2s(read), s2c(Buffer.concat([long, rest])), c2s(Buffer.concat([frame(hex('')), frame(hex('c3 c4 63'))]))];
const expected = {
  'dnp3.destination': [1027],
  'dnp3.source': [4],
  'dnp3.function_code': [1, 129, 99],
  'dnp3.function': ['Read', 'Response'],
};

test('stations and functions, in any cut and from either side', () => {
  assert.deepEqual(Object.fromEntries(play(dnp3Decoder, script).notes), expected);
  assert.equal(play(dnp3Decoder, swapped(script)).notes.size, 4);
  assertCutInvariant(dnp3Decoder, script);
  assertSurvives(dnp3Decoder, script);
});

test('datagrams hold whole frames', () => {
  const udp = { transport: 'udp' } as const;
  const heard = play(dnp3Decoder, [c2s(Buffer.concat([read, frame(hex('c3 c4 0d'))])), s2c(read.subarray(0, 12))], udp);
  assert.deepEqual(heard.notes.get('dnp3.function'), ['Read', 'ColdRestart']);
  assert.equal(heard.anomalies.get('dnp3.cut_frame'), 1);
  assertSurvives(dnp3Decoder, script, udp, 100);
});

test('the next start is searched', () => {
  const noise = [c2s(Buffer.concat([hex('05 05 0564 02 0564'), read, hex('ff'), read]))];
  const heard = play(dnp3Decoder, noise);
  assert.deepEqual(heard.notes.get('dnp3.function'), ['Read']);
  assert.equal(heard.anomalies.has('dnp3.bad_start'), true);
  assertCutInvariant(dnp3Decoder, noise);
});

test('probing: sure of a right checksum', () => {
  const probe = (text: string): Verdict => dnp3Decoder.probe(0, hex(text), 0, hex(text).length);
  assert.equal(probe('0564 05 c0 0100 0004 e921'), Verdict.certain);
  assert.equal(probe('0564 05 c0 0100 0004 e922'), Verdict.maybe);
  assert.equal(probe('0564 05 c0'), Verdict.needMore);
  assert.equal(probe('0564 04 c0'), Verdict.no);
});
