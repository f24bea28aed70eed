// IRC: nicknames and channels, cut anywhere and after losses; long lines; the probe beside FTP and POP3.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { ircDecoder } from '../../../src/decoders/irc/index.ts';
import { assertCutInvariant, assertSurvives, c2s, play, type Step, s2c } from '../decoder-kit.ts';

const talk: Step[] = [
  s2c(':irc.example NOTICE AUTH :*** Looking up\r\n', 1),
  c2s('PASS x\r\nNICK Nick\r\nUSER u 0 * :Real Name\r\n', 2),
  s2c(':irc.example 001 Nick :Welcome\r\n', 3),
  c2s('JOIN #a,#b key\nJOIN  :#c\r\nNICK other\r\nPRIVMSG #a :JOIN #no\r\nJOIN \r\nNICKX y\r\n', 4),
  s2c(':Nick!u@h JOIN #a\r\n@time=1 :irc.example PING\r\n', 5),
];

const wanted = { 'irc.nick': ['Nick', 'other'], 'irc.channel': ['#a,#b', '#c'] };

test('nicknames and channels', () => {
  assert.deepEqual(Object.fromEntries(play(ircDecoder, talk).notes), wanted);
  assertCutInvariant(ircDecoder, talk);
  assertSurvives(ircDecoder, talk);
});

test('a loss costs the line it falls into, a long line itself', () => {
  const holed = play(ircDecoder, [c2s('NICK a\r\nJO', 1), { direction: 0, gap: 5, timeUs: 2 }, c2s('NICK b\r\nNICK c\r\n', 3)]);
  assert.deepEqual(holed.notes.get('irc.nick'), ['a', 'c']);
  const long = [c2s(`NICK ${'x'.repeat(9000)}`, 1), c2s('\r\nNICK d\r\n', 2)];
  const heard = play(ircDecoder, long);
  assert.deepEqual([heard.notes.get('irc.nick'), [...heard.anomalies.keys()]], [['d'], ['irc.line_too_long']]);
  assertCutInvariant(ircDecoder, [c2s(`NICK ${'x'.repeat(9000)}\r\nNICK ${'y'.repeat(600)}\r\n`, 1)]);
});

test('probing', () => {
  const cases: readonly (readonly [string, number])[] = [
    [':irc.example 001 n :x', Verdict.certain],
    [':irc.example NOTICE AUTH', Verdict.certain],
    [':irc.exa', Verdict.needMore],
    [':irc.example 00', Verdict.needMore],
    [':x y', Verdict.no],
    [': 001 ', Verdict.no],
    ['NICK a', Verdict.certain],
    ['NI', Verdict.needMore],
    ['CAP REQ :x', Verdict.certain],
    ['NOTICE AUTH :x', Verdict.certain],
    ['USER anonymous\r\n', Verdict.no],
    ['USER anon', Verdict.needMore],
    ['USER u 0 * :Real\r\n', Verdict.certain],
    ['USER u 0 * Real\r\nNICK u\r\n', Verdict.certain],
    ['PASS x\r\nNICK u\r\n', Verdict.certain],
    ['PASS x\r\n', Verdict.no],
    ['PUT / HTTP/1.1\r\n', Verdict.no],
  ];
  for (const [text, verdict] of cases) {
    const bytes = Buffer.from(`--${text}++`);
    assert.equal(ircDecoder.probe(0, bytes, 2, bytes.length - 2), verdict, text);
  }
});
