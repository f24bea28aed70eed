import assert from 'node:assert/strict';
import { test } from 'node:test';
import { DONE, Verdict } from '../../../src/decoders/contract.ts';
import { diameterDecoder } from '../../../src/decoders/diameter/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, s2c, swapped } from '../decoder-kit.ts';
import { avp, message, u32 } from './messages.ts';

const vendors = Buffer.concat([Buffer.from('00000001c000000e000028af', 'hex'), Buffer.from('no'), Buffer.alloc(2)]);
const script = [
  c2s(
    message(0xc0, 272, 16_777_238, [
      avp(263, 's;1;2'),
      avp(264, 'pgw.example'),
      avp(296, 'example'),
      avp(283, 'epc'),
      avp(293, 'pcrf.epc'),
      avp(1, 'ann@example'),
      vendors,
      avp(268, 'not a number'),
    ]),
  ),
  s2c(Buffer.concat([message(0x40, 272, 16_777_238, [avp(268, u32(2001)), avp(264, 'pcrf.epc')]), message(0x80, 280, 0, [])])),
  c2s(message(0x00, 999, 5000, [])),
];

test('commands, applications, peers, users; in any cut and from either side', () => {
  const notes = {
    'diameter.command': [
      'Credit-Control-Request (272)',
      'Credit-Control-Answer (272)',
      'Device-Watchdog-Request (280)',
      'Answer (999)',
    ],
    'diameter.application': ['3GPP-Gx (16777238)', 'Common (0)', '5000'],
    'diameter.session_id': ['s;1;2'],
    'diameter.origin_host': ['pgw.example', 'pcrf.epc'],
    'diameter.origin_realm': ['example'],
    'diameter.destination_realm': ['epc'],
    'diameter.destination_host': ['pcrf.epc'],
    'diameter.user': ['ann@example'],
    'diameter.result_code': [2001],
  };
  assert.deepEqual(Object.fromEntries(play(diameterDecoder, script).notes), notes);
  assert.deepEqual(play(diameterDecoder, swapped(script)).notes.size, 9);
  assertCutInvariant(diameterDecoder, script);
  assertSurvives(diameterDecoder, script, {}, 100);
});

test('lengths that lie are told and bounded', () => {
  const broken = message(0x80, 257, 0, [avp(264, 'a.example'), Buffer.from('0000000100ffffff', 'hex')]);
  const heard = play(diameterDecoder, [c2s(Buffer.concat([broken, message(0x80, 280, 0, [])]))]);
  assert.deepEqual(heard.notes.get('diameter.command'), ['Capabilities-Exchange-Request (257)', 'Device-Watchdog-Request (280)']);
  assert.equal(heard.anomalies.get('diameter.bad_avp'), 1);
  const long = message(0x80, 257, 0, [avp(1, 'first'), avp(99, 'x'.repeat(5000)), avp(1, 'last')]);
  const options = { options: { max_message_bytes: 1024 } };
  const bounded = play(diameterDecoder, [c2s(Buffer.concat([long, message(0x80, 280, 0, [])]))], options);
  assert.deepEqual(bounded.notes.get('diameter.user'), ['first']);
  assert.equal(bounded.notes.get('diameter.command')?.length, 2);
  assert.equal(bounded.anomalies.size, 0);
  assert.equal(play(diameterDecoder, [c2s(`\x01\0\0\x13${'x'.repeat(20)}`)]).finalVerdict, DONE);
});

test('probing: on its ports alone', () => {
  const probe = (bytes: Buffer): Verdict => diameterDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(message(0x80, 257, 0, [])), Verdict.faint);
  assert.equal(probe(message(0x80, 257, 0, []).subarray(0, 7)), Verdict.needMore);
  assert.equal(probe(message(0x81, 257, 0, [])), Verdict.no);
  assert.equal(probe(message(0x80, 0, 0, [])), Verdict.no);
});
