import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { imapDecoder } from '../../../src/decoders/imap/index.ts';
import { assertCutInvariant, assertSurvives, c2s, type Heard, play, type Step, s2c, swapped } from '../decoder-kit.ts';

const header =
  'From: Ann <Ann@a.example>\r\nSubject: =?utf-8?Q?=C3=A4?=\r\n b\r\nTo: bob@a.example\r\nX-No: 1\r\n\r\nTo: body@a.example\r\n';
const script: Step[] = [
  s2c('* OK IMAP4rev1 ready\r\n'),
  c2s('a1 LOGIN {3}\r\n'),
  s2c('+ go\r\n'),
  c2s('Ann "pass \\" word"\r\n'),
  s2c('* CAPABILITY IMAP4rev1\r\na1 OK done\r\n'),
  c2s('a2 SELECT "IN BOX"\r\na3 UID FETCH 1 (BODY[HEADER])\r\n'),
  s2c(`* 1 EXISTS\r\na2 OK\r\n* 1 FETCH (FLAGS () BODY[HEADER] {${header.length}}\r\n${header} UID 7)\r\na3 OK\r\n`),
  s2c(`* 2 FETCH (BODY[TEXT] {20}\r\nFrom: x@y.example\r\n\r\n)\r\n* 3 FETCH (RFC822 {18}\r\nFrom: z@y.example\n)\r\n`),
  c2s('a4 APPEND "Sent" {2000+}\r\n'),
  c2s(`${'From: no@y.example\r\n'.repeat(100)}\r\na5 EXAMINE Archive\r\n`),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('users, mailboxes and headers, with literals on both sides', () => {
  const heard = play(imapDecoder, script);
  assert.deepEqual(notesOf(heard), {
    'email.folder': ['IN BOX', 'Archive'],
    'email.from.address': ['ann@a.example', 'z@y.example'],
    'email.subject': ['ä b'],
    'email.to.address': ['bob@a.example'],
    'related.user': ['ann'],
  });
  assert.deepEqual(notesOf(play(imapDecoder, swapped(script))), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(imapDecoder, script));

test('nothing on the wire throws', () => assertSurvives(imapDecoder, script, {}, 200));

test('STARTTLS and COMPRESS change the stream once the server agrees', () => {
  const tls = [c2s('a STARTTLS\r\n'), s2c('* x\r\na OK go\r\n\x16\x03'), c2s('\x16\x03')];
  assert.deepEqual(
    play(imapDecoder, tls).handedOver.map((bytes) => bytes.toString('latin1')),
    ['\x16\x03', '\x16\x03'],
  );
  assertCutInvariant(imapDecoder, tls);
  const refused = play(imapDecoder, [c2s('a STARTTLS\r\n'), s2c('a NO\r\n'), c2s('b SELECT x\r\n')]);
  assert.deepEqual(refused.notes.get('email.folder'), ['x']);
  const compressed = play(imapDecoder, [c2s('a COMPRESS DEFLATE\r\n'), s2c('a OK\r\n'), c2s('b SELECT x\r\n')]);
  assert.equal(compressed.notes.get('email.folder'), undefined);
});

test('AUTHENTICATE tells the user', () => {
  const plain = Buffer.from('\0Carol\0secret').toString('base64');
  const heard = play(imapDecoder, [
    s2c('* OK\r\n'),
    c2s('a AUTHENTICATE PLAIN\r\n'),
    s2c('+ \r\n'),
    c2s(`${plain}\r\n`),
    s2c('a OK\r\n'),
    c2s('b SELECT x\r\n'),
  ]);
  assert.deepEqual(heard.notes.get('related.user'), ['carol']);
  assert.deepEqual(heard.notes.get('email.folder'), ['x']);
});

test('probing', () => {
  const probe = (text: string): number => imapDecoder.probe(1, Buffer.from(`--${text}`), 2, 2 + text.length);
  const cases: [string, number][] = [
    ['* OK IMAP4 ready\r\n', Verdict.certain],
    ['* OK Dovecot ready.\r\n', Verdict.maybe],
    ['* O', Verdict.needMore],
    ['a1 LOGIN x y\r\n', Verdict.maybe],
    ['GET / HTTP/1.1\r\n', Verdict.no],
  ];
  for (const [text, verdict] of cases) assert.equal(probe(text), verdict, text);
});

test('quotes that stay open cost a command little', () => {
  const started = performance.now();
  for (let turn = 0; turn < 100; turn += 1) play(imapDecoder, [c2s(`a LOGIN "${'\\"'.repeat(4000)}\r\n`)]);
  assert.ok(performance.now() - started < 2000);
});
