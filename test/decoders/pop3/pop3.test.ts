import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { pop3Decoder } from '../../../src/decoders/pop3/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';
import { authenticateMessage, challengeMessage, initialToken, negotiateMessage, responseToken } from '../ntlm/wire-messages.ts';

const login = (text: string): string => `${Buffer.from(text).toString('base64')}\r\n`;
const script: Step[] = [
  s2c('+OK POP3 ready <1@x>\r\n'),
  c2s('AUTH\r\n'),
  s2c('+OK\r\nPLAIN\r\n.\r\n'),
  c2s('USER Ann\r\nPASS secret\r\n'),
  s2c('+OK\r\n-ERR no\r\n'),
  c2s('APOP Bob c4c9334bac560ecc979e58001b3e22fb\r\n'),
  s2c('-ERR no\r\n'),
  c2s('AUTH LOGIN\r\n'),
  s2c('+ VXNlcm5hbWU6\r\n'),
  c2s(login('Carol')),
  s2c('+ UGFzc3dvcmQ6\r\n'),
  c2s(login('secret')),
  s2c('+OK\r\n'),
  c2s('RETR 1\r\n'),
  s2c('+OK\r\nFrom: a@b\r\n\r\n+OK no\r\n.\r\n'),
  c2s('STLS\r\n'),
  s2c('+OK go\r\n'),
  c2s('\x16\x03\x01'),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('who signs in, and how', () => {
  const heard = play(pop3Decoder, script);
  assert.deepEqual(notesOf(heard), { 'related.user': ['ann', 'bob', 'carol'], tags: ['pop3:authlogin'] });
  assert.equal(heard.handedOver[0].toString('latin1'), '\x16\x03\x01');
  assert.deepEqual(notesOf(play(pop3Decoder, swapped(script))), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(pop3Decoder, script));

test('nothing on the wire throws', () => assertSurvives(pop3Decoder, script, {}, 200));

test('an initial response, and a hole', () => {
  const steps = [
    c2s(`AUTH PLAIN ${login('\0Dan\0x')}`),
    { direction: 0, gap: 5, timeUs: 0 } as const,
    s2c('+OK\r\n'),
    c2s('USER eve\r\n'),
  ];
  assert.deepEqual(play(pop3Decoder, steps).notes.get('related.user'), ['dan', 'eve']);
});

test('probing', () => {
  const probe = (text: string): number => pop3Decoder.probe(1, Buffer.from(`--${text}`), 2, 2 + text.length);
  const cases: [string, number][] = [
    ['+OK POP3 ready\r\n', Verdict.certain],
    ['+OK Dovecot ready.\r\n', Verdict.maybe],
    ['+OK\r\n', Verdict.faint],
    ['+O', Verdict.needMore],
    ['USER x\r\n', Verdict.faint],
    ['CAPA\r\n', Verdict.maybe],
    ['USERS', Verdict.no],
  ];
  for (const [text, verdict] of cases) assert.equal(probe(text), verdict, text);
});

test('AUTH GSS-SPNEGO may hold NTLM', () => {
  const talk = [
    s2c('+OK POP3\r\n'),
    c2s('AUTH GSS-SPNEGO\r\n'),
    s2c('+ \r\n'),
    c2s(`${initialToken(negotiateMessage('DOM', 'PC')).toString('base64')}\r\n`),
    s2c(`+ ${responseToken(challengeMessage('TARGET')).toString('base64')}\r\n`),
    c2s(`${responseToken(authenticateMessage('DOM', 'Dan', 'PC')).toString('base64')}\r\n`),
    s2c('+OK\r\n'),
  ];
  const heard = play(pop3Decoder, talk);
  assert.deepEqual([heard.notes.get('ntlm.type'), heard.notes.get('related.user')], [[1, 2, 3], ['dan']]);
});
