import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { ftpDecoder } from '../../../src/decoders/ftp/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';

const script: Step[] = [
  s2c('220-Welcome\r\n 120 not a reply\r\n230-neither\r\n220 ready\r\n'),
  c2s('USER Anonymous\r\n'),
  s2c('331 password?\r\n'),
  c2s('pass me@x\r\n'),
  s2c('230 ok\r\n'),
  c2s('RETR a file.txt\r\nCWD /pub\r\nRNFR old\r\n'),
  s2c('150 go\r\n226 done\r\n250 ok\r\n350 to?\r\n'),
  c2s(Buffer.from('\xff\xf4\xff\xf2ABOR\r\n', 'latin1')),
  c2s('AUTH TLS\r\n'),
  s2c('234 go\r\n'),
  c2s('\x16\x03\x01'),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('commands, files and replies', () => {
  const heard = play(ftpDecoder, script);
  assert.deepEqual(notesOf(heard), {
    'ftp.banner': ['Welcome'],
    'ftp.command': ['USER', 'PASS', 'RETR', 'CWD', 'RNFR', 'ABOR', 'AUTH'],
    'ftp.file_name': ['a file.txt', 'old'],
    'ftp.response_code': [220, 331, 230, 150, 226, 250, 350, 234],
    'related.user': ['anonymous'],
    tags: ['ftp:password'],
  });
  assert.equal(heard.handedOver[0].toString('latin1'), '\x16\x03\x01');
  assert.deepEqual(notesOf(play(ftpDecoder, swapped(script))), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(ftpDecoder, script));

test('nothing on the wire throws', () => assertSurvives(ftpDecoder, script, {}, 200));

test('lines are taken up behind a hole; long ones are cut', () => {
  const heard = play(ftpDecoder, [
    s2c('220 x\r\n'),
    { direction: 0, gap: 5, timeUs: 0 },
    c2s(`USER ${'x'.repeat(9000)}\r\nSYST\r\n`),
  ]);
  assert.deepEqual(heard.notes.get('ftp.command'), ['USER', 'SYST']);
  assert.deepEqual([...heard.anomalies.keys()], ['ftp.line_too_long']);
});

test('probing', () => {
  const probe = (text: string): number => ftpDecoder.probe(1, Buffer.from(`--${text}`), 2, 2 + text.length);
  const cases: [string, number][] = [
    ['220 ProFTPD ready\r\n', Verdict.certain],
    ['220 Welcome\r\n', Verdict.faint],
    ['220 mx ESMTP\r\n', Verdict.no],
    ['22', Verdict.needMore],
    ['USER x\r\n', Verdict.faint],
    ['200 OK\r\n', Verdict.faint],
    ['QUIT\r\n', Verdict.faint],
    ['HELLO\r\n', Verdict.no],
  ];
  for (const [text, verdict] of cases) assert.equal(probe(text), verdict, text);
});
