// SS7 signalling over SCTP: M2UA, M3UA, SCCP, TCAP, CAMEL.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { sctpDecoder } from '../../../src/decoders/sctp/index.ts';
import { assertSurvives, c2s, type Heard, play, type Step } from '../decoder-kit.ts';
import { adaptation, begin, camel, hex, invoke, m3ua, parameter, sccp, tlv } from './sigtran-messages.ts';

const step = (protocol: number, user: Buffer): Step => {
  const chunk = Buffer.concat([hex(`0003 0000 00000001 00000000 0000000${protocol}`), user]);
  chunk.writeUInt16BE(chunk.length, 2);
  return c2s(chunk);
};
const hear = (...steps: Step[]): Heard => play(sctpDecoder, steps, { transport: 'sctp' });
const notes = (heard: Heard): unknown => Object.fromEntries([...heard.notes].filter(([name]) => !name.startsWith('sctp.')));

test('M3UA and M2UA: whose messages they carry', () => {
  const heard = hear(
    step(3, adaptation('0301', '')),
    step(3, m3ua('05', '010006')),
    step(3, m3ua('04', '01')),
    step(2, adaptation('0601', parameter('0300', '85 14006400 010006'))),
    step(2, adaptation('0601', parameter('0301', '3f 83 14006400 00'))),
    step(3, adaptation('0101', parameter('0002', '88 14006400 00'))),
  );
  assert.deepEqual(heard.protocols, ['m3ua', 'isup', 'tup', 'm2ua']);
  assert.deepEqual(notes(heard), { 'm3ua.service_indicator': [5, 4, 3, 8] });
  assert.deepEqual(hear(step(3, hex('0200010100000008')), step(2, hex('0100'))).protocols, []);
});

test('CAMEL: operations and parties', () => {
  const initial = invoke(
    '00',
    tlv('80', '05'),
    tlv('82', '03 10 2143 65'),
    tlv('83', '83 11 2143 f5'),
    tlv('9f32', '12 43 65 87 09 21 43 f5'),
    tlv('9f38', '91 9878'),
  );
  const sms = invoke('3c', tlv('81', '91 21'), tlv('82', '91 43'), tlv('84', '65f7'));
  const result = tlv('a2', tlv('02', '01'), tlv('30', tlv('02', '1f')));
  const heard = hear(step(3, m3ua('03', sccp(begin(camel, initial, sms, result)))));
  assert.deepEqual(heard.protocols, ['m3ua', 'sccp', 'camel']);
  assert.deepEqual(notes(heard), {
    'm3ua.service_indicator': [3],
    'sccp.destination': [100],
    'sccp.source': [20],
    'tcap.opcode': [0, 60, 31],
    'camel.operation': ['initialDP', 'initialDPSMS', 'continue'],
    'camel.called': ['123456', '8987', '12'],
    'camel.calling': ['12345', '34'],
    'camel.imsi': ['213456789012345', '567'],
  });
});

test('other contexts, forms and faults', () => {
  const map = hear(step(3, m3ua('03', sccp(begin('04000001000e03', invoke('2e'))))));
  assert.deepEqual([map.protocols, map.notes.get('tcap.opcode')], [['m3ua', 'sccp'], [0x2e]]);
  // A transaction that says it is longer than what SCCP carries; linked operation; a context of CAP's third version.
  const linked = tlv('a1', tlv('02', '02'), tlv('80', '01'), tlv('02', '14'));
  const long = begin('04000001150304', linked).replace(/^62../, '6270');
  assert.deepEqual(hear(step(3, m3ua('03', sccp(long)))).notes.get('camel.operation'), ['connect']);
  const extended = `11 00 0f 04 06 08 00 ${tlv('', '42 0a')} ${tlv('', '42 0a')} ${tlv('', begin(camel, invoke('1f')))}`;
  assert.deepEqual(hear(step(3, m3ua('03', extended))).notes.get('camel.operation'), ['continue']);
  for (const bad of ['09', '09 00 ff ff ff 00', '09 00 03 07 0b 04 43 64', '06 00 03 07 0b']) {
    assert.deepEqual(hear(step(3, m3ua('03', bad))).protocols, ['m3ua'], bad);
  }
});

test('nothing on the wire throws', () => {
  const steps = [
    step(3, m3ua('03', sccp(begin(camel, invoke('00', tlv('83', '0310 21')))))),
    step(2, adaptation('0601', parameter('0300', '83 14006400 00'))),
  ];
  assertSurvives(sctpDecoder, steps, { transport: 'sctp' }, 400);
});
