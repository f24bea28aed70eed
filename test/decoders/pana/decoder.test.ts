import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { panaDecoder } from '../../../src/decoders/pana/index.ts';
import { assertSurvives, c2s, play, s2c } from '../decoder-kit.ts';

const hex = (text: string): Buffer => Buffer.from(text.replaceAll(' ', ''), 'hex');
const udp = { transport: 'udp' } as const;
const identity = '0002 0000 0008 0000 02 07 0008 01 616e6e';
const message = (type: number, session: string, avps = ''): Buffer => {
  const body = hex(avps);
  const head = hex(`0000 0000 0000 000${type} ${session} 00000001`);
  head.writeUInt16BE(16 + body.length, 2);
  return Buffer.concat([head, body]);
};
const script = [
  c2s(message(1, '00000000')),
  s2c(message(2, '0abbccdd', '0002 0000 0005 0000 01 05 0005 01 000000')),
  // Another vendor's AVP, an AVP of three bytes, then who it is.
  c2s(message(2, '0abbccdd', `0002 8000 0008 0000 00000009 02 07 0008 01 616e79 0005 0000 0003 0000 aabbcc00 ${identity}`)),
  s2c(message(3, '0abbccdd')),
  // The flag of vendors without one.
  c2s(message(4, '12345678', identity.replace('0000', '8000').replace('616e6e', '626f62'))),
];

test('messages, sessions, identities', () => {
  assert.deepEqual(Object.fromEntries(play(panaDecoder, script, udp).notes), {
    'pana.message_type': ['client-initiation', 'auth', 'termination', 'notification'],
    'pana.session_id': ['0abbccdd', '12345678'],
    'pana.user': ['ann', 'bob'],
  });
  const heard = play(panaDecoder, [c2s(message(2, '00000001', '0002 0000 00ff 0000 02'))], udp);
  assert.equal(heard.anomalies.get('pana.bad_avp'), 1);
  assertSurvives(panaDecoder, script, udp, 150);
});

test('probing: a message that fills its datagram', () => {
  const probe = (bytes: Buffer): Verdict => panaDecoder.probe(0, bytes, 0, bytes.length);
  assert.equal(probe(message(1, '00000000')), Verdict.maybe);
  assert.equal(probe(Buffer.concat([message(1, '00000000'), hex('00')])), Verdict.no);
  assert.equal(probe(message(5, '00000000')), Verdict.no);
  assert.equal(probe(message(1, '00000000').subarray(0, 12)), Verdict.no);
});
