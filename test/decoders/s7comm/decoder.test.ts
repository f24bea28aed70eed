import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { s7commDecoder } from '../../../src/decoders/s7comm/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const packet = (cotp: string): Buffer => {
  const bytes = hex(`0300 0000 ${cotp}`);
  bytes.writeUInt16BE(bytes.length, 2);
  return bytes;
};
const request = packet('11 e0 0000 0003 00 c0 01 0a c1 02 0100 c2 02 0100');
const script = [
  c2s(request),
  s2c(packet('11 d0 0003 0001 00 c0 01 0a c1 02 0100 c2 02 0100')),
  c2s(packet('02 f0 80 32 01 0000 0001 0008 0000 f0 00 0001 0001 01e0')),
  s2c(packet('02 f0 80 32 03 0000 0001 0008 0000 00 00 f0 00 0001 0001 00f0')),
  // A message in two packets: the second begins like a message and is none.
  c2s(Buffer.concat([packet('02 f0 00 32 01 0000 0002 000e 0000 05'), packet('02 f0 80 32 07 0000 00ff 0001 0000 29')])),
  s2c(packet('02 f0 80 32 02 0000 0002 0000 0000 81 04')),
  c2s(packet('02 f0 80 32 07 0000 0003 0008 0000 00 01 12')),
];

test('functions, references, errors, in any cut and from either side', () => {
  const heard = play(s7commDecoder, script);
  assert.deepEqual(Object.fromEntries(heard.notes), {
    's7comm.rosctr': [1, 3, 2, 7],
    's7comm.pdu_reference': [1, 2, 3],
    's7comm.function_code': [240, 5, 0],
    's7comm.function': ['Setup communication', 'Write Var', 'CPU services'],
    's7comm.error_class': [129],
    's7comm.error_code': [4],
  });
  assert.deepEqual(heard.protocols, ['s7comm']);
  assert.equal(play(s7commDecoder, swapped(script)).notes.size, 6);
  assertCutInvariant(s7commDecoder, script);
  assertSurvives(s7commDecoder, script);
});

test('S7comm-plus: operations, behind a digest or not', () => {
  const heard = play(s7commDecoder, [
    c2s(packet('02 f0 80 72 01 0020 31 0000 04ca')),
    s2c(packet('02 f0 80 72 03 0020 04 aabbccdd 32 0000')),
    s2c(packet('02 f0 80 72 02 0020 00 33 0000')),
    s2c(packet('02 f0 80 72 ff 0002 0000')),
    c2s(packet('02 f0 80 99')),
  ]);
  assert.deepEqual([heard.protocols, heard.notes.get('s7comm.opcode')], [['s7comm-plus'], [0x31, 0x32, 0x33]]);
});

test('what is no packet ends it; other users of the transport are left alone', () => {
  assert.equal(play(s7commDecoder, [c2s(request), c2s('\x03\x00\x00\x06')]).finalVerdict, DONE);
  const probe = (bytes: Buffer): Verdict => s7commDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(request), Verdict.certain);
  assert.equal(probe(request.subarray(0, 12)), Verdict.needMore);
  assert.equal(probe(packet('02 f0 80 32 01')), Verdict.certain);
  assert.equal(probe(packet('02 f0 80 64 01')), Verdict.no);
  // RDP asks for its protocol instead.
  assert.equal(probe(packet('0e e0 0000 0000 00 01 00 0800 03000000')), Verdict.no);
  assert.equal(probe(hex('0301 0016')), Verdict.no);
});
