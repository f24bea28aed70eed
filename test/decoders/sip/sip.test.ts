import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { sipDecoder } from '../../../src/decoders/sip/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';

const script: Step[] = [
  c2s(
    [
      'INVITE sip:Bob@b.example SIP/2.0',
      'v: SIP/2.0/TCP 192.0.2.1:5060;branch=z9',
      'Via: SIP/2.0/TCP 192.0.2.2',
      'From: "Alice" <sip:alice:pw@a.example>;tag=1',
      'To: <tel:+4930123>',
      'Call-ID:  1@a.example',
      'Contact: <sip:alice@192.0.2.1>,',
      ' <sip:alice@192.0.2.3>',
      'User-Agent: phone',
      'Content-Length: 11',
      '',
      'SIP/2.0 999\r\n\r\n',
    ].join('\r\n'),
  ),
  s2c('SIP/2.0 180 Ringing\r\ni: 1@a.example\r\nl: 0\r\n\r\nSIP/2.0 200 OK\r\nf: <sip:carol@c.example>\r\n\r\n'),
  c2s('ACK sip:Bob@b.example SIP/2.0\r\nt: <sips:dave@d.example>\r\n\r\n'),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('requests and responses of a stream, bodies passed over', () => {
  const heard = play(sipDecoder, script);
  assert.deepEqual([...heard.anomalies], []);
  assert.deepEqual(notesOf(heard), {
    'sip.call_id': ['1@a.example'],
    'sip.contact': ['<sip:alice@192.0.2.1>, <sip:alice@192.0.2.3>'],
    'sip.from': ['"Alice" <sip:alice:pw@a.example>;tag=1', '<sip:carol@c.example>'],
    'sip.method': ['INVITE', 'ACK'],
    'sip.status_code': [180, 200],
    'sip.to': ['<tel:+4930123>', '<sips:dave@d.example>'],
    'sip.user': ['alice', '+4930123', 'carol', 'dave'],
    'sip.user_agent': ['phone'],
    'sip.via': ['SIP/2.0/TCP 192.0.2.1:5060;branch=z9', 'SIP/2.0/TCP 192.0.2.2'],
  });
  assert.deepEqual(notesOf(play(sipDecoder, swapped(script))), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(sipDecoder, script));

test('nothing on the wire throws', () => {
  assertSurvives(sipDecoder, script, {}, 200);
  assertSurvives(sipDecoder, script, { transport: 'udp' }, 100);
});

test('a datagram is a message, whole or cut off', () => {
  const steps = [c2s('BYE sip:x SIP/2.0\r\nCall-ID: 7\r\nl: 500\r\n\r\nbody'), c2s('OPTIONS sip:x SIP/2.0\r\nFrom: <sip:eve@x>')];
  const heard = play(sipDecoder, steps, { transport: 'udp' });
  assert.deepEqual(heard.notes.get('sip.method'), ['BYE', 'OPTIONS']);
  assert.deepEqual(heard.notes.get('sip.user'), ['eve']);
});

test('lengths that are none are odd; a stream is taken up behind a hole', () => {
  const odd = play(sipDecoder, [c2s('BYE sip:x SIP/2.0\r\nContent-Length: many\r\n\r\n')]);
  assert.deepEqual([...odd.anomalies.keys()], ['sip.bad_length']);
  const hole = { direction: 0, gap: 9, timeUs: 0 } as const;
  const heard = play(sipDecoder, [c2s('BYE sip:x SIP/2.0\r\nTo: '), hole, c2s('rest\r\n\r\nACK sip:x SIP/2.0\r\n\r\n')]);
  assert.deepEqual(heard.notes.get('sip.method'), ['BYE', 'ACK']);
});

test('probing', () => {
  const probe = (text: string): number => sipDecoder.probe(0, Buffer.from(`--${text}`), 2, 2 + text.length);
  const cases: [string, number][] = [
    ['OPTIONS sip:a@b SIP/2.0\r\n', Verdict.certain],
    ['SIP/2.0 200 OK\r\n', Verdict.certain],
    ['\r\n\r\nSIP/2.0 200 OK\r\n', Verdict.certain],
    ['OPTIONS sip:a', Verdict.needMore],
    ['OPT', Verdict.needMore],
    [`INVITE sip:${'a'.repeat(300)}`, Verdict.certain],
    ['OPTIONS * HTTP/1.1\r\n', Verdict.no],
    ['GET / HTTP/1.1\r\n', Verdict.no],
  ];
  for (const [text, verdict] of cases) assert.equal(probe(text), verdict, text);
});
