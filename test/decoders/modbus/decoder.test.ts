import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { modbusDecoder } from '../../../src/decoders/modbus/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const script = [
  c2s(hex('0001 0000 0006 01 03 0000 000a  0002 0000 0006 01 06 0001 0003')),
  s2c(hex('0001 0000 0005 01 03 02 0005  0002 0000 0003 01 86 02')),
  c2s(hex('0003 0000 0002 11 07')),
];
const expected = {
  'modbus.unit_id': [1],
  'modbus.protocol_id': [0],
  'modbus.transaction_id': [1, 2, 3],
  'modbus.function_code': [3, 6, 7],
  'modbus.exception_code': [2],
};

test('requests and exceptions, in any cut and from either side', () => {
  assert.deepEqual(Object.fromEntries(play(modbusDecoder, script, { serverPort: 502 }).notes), expected);
  const turned = play(modbusDecoder, swapped(script), { clientPort: 502, serverPort: 40_000 });
  assert.deepEqual(Object.fromEntries(turned.notes), expected);
  assertCutInvariant(modbusDecoder, script);
  assertSurvives(modbusDecoder, script);
});

test('what is no message ends it', () => {
  for (const bad of ['0001 0001 0006 01 03', '0001 0000 0001 01', '0001 0000 0100 01 03']) {
    const heard = play(modbusDecoder, [c2s(hex(bad))]);
    assert.deepEqual([heard.finalVerdict, heard.anomalies.get('modbus.bad_header')], [DONE, 1]);
  }
});

test('probing: on its port alone', () => {
  const probe = (text: string): Verdict => modbusDecoder.probe(0, hex(text), 0, hex(text).length);
  assert.equal(probe('0001 0000 0006 01 03'), Verdict.faint);
  assert.equal(probe('0001 0000 0006 01'), Verdict.needMore);
  assert.equal(probe('0001 0000 0006 01 00'), Verdict.no);
  assert.equal(probe('1603 0100 0006 01 03'), Verdict.no);
});
