import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { test } from 'node:test';
import { Verdict } from '../../../src/decoders/contract.ts';
import { smtpDecoder } from '../../../src/decoders/smtp/index.ts';
import {
  assertCutInvariant,
  assertSurvives,
  c2s,
  defaultOptions,
  type Heard,
  play,
  type Step,
  s2c,
  swapped,
} from '../decoder-kit.ts';

const options = { header_values: true, sha256: true };
const zip = Buffer.concat([Buffer.from('PK\x03\x04'), Buffer.alloc(80, 7)]);
const message = [
  'Received: from relay.example (relay [192.0.2.7])',
  '\tby mx.example; Mon, 1 Jan 2024 00:00:00 +0000',
  'From: "Ann" <Ann@Example.org>',
  'To: bob@example.org, Carol <carol@example.org>',
  'Subject: =?utf-8?Q?=C3=A4?= =?utf-8?Q?b?=',
  'Message-ID: <1@example.org>',
  'X-Originating-IP: [198.51.100.9]',
  'X-Other: one',
  'X-Other: one',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed;',
  '\tboundary="outer"',
  '',
  'preamble',
  '--outer',
  'Content-Type: multipart/alternative; boundary=inner',
  '',
  '--inner',
  'Content-Type: text/plain',
  '',
  '..a line with a dot',
  '--inner--',
  '--outer',
  'Content-Type: application/zip; name="b.zip"',
  'Content-Disposition: attachment; filename="a.zip"',
  'Content-Transfer-Encoding: base64',
  '',
  zip.toString('base64').slice(0, 60),
  zip.toString('base64').slice(60),
  '',
  '--outer--',
].join('\r\n');

const script: Step[] = [
  s2c('220-mx.example ESMTP\r\n220 ready\r\n', 1),
  c2s('EHLO Client.Example\r\n', 2),
  s2c('250-mx.example\r\n250 AUTH PLAIN\r\n', 3),
  c2s('AUTH LOGIN\r\n', 4),
  s2c('503 not advertised\r\n', 5),
  c2s(`AUTH PLAIN ${Buffer.from('\0Ann\0secret').toString('base64')}\r\n`, 6),
  s2c('235 ok\r\n', 7),
  c2s('MAIL FROM:<ann@example.org> SIZE=9\r\nRCPT TO:<bob@example.org>\r\nDATA\r\n', 8),
  s2c('250 ok\r\n250 ok\r\n354 go\r\n', 9),
  c2s(`${message}\r\n.\r\nQUIT\r\n`, 10),
  s2c('250 2.0.0 queued\r\n221 bye\r\n', 11),
];

const notesOf = (heard: Heard) => Object.fromEntries([...heard.notes].sort());

test('a message with its envelope, header, parts and verdict', () => {
  const heard = play(smtpDecoder, script, { options });
  assert.deepEqual(heard.protocols, ['smtp']);
  assert.deepEqual([...heard.anomalies], []);
  assert.deepEqual(notesOf(heard), {
    'email.attachments.file.detected_type': ['application/zip'],
    'email.attachments.file.hash.md5': [createHash('md5').update(zip).digest('hex')],
    'email.attachments.file.hash.sha256': [createHash('sha256').update(zip).digest('hex')],
    'email.attachments.file.mime_type': ['application/zip'],
    'email.attachments.file.name': ['b.zip', 'a.zip'],
    'email.content_type': ['multipart/mixed; boundary="outer"'],
    'email.from.address': ['ann@example.org'],
    'email.header': [
      ...['received', 'from', 'to', 'subject', 'message-id', 'x-originating-ip', 'x-other', 'mime-version'],
      'content-type',
    ],
    'email.header_field': ['x-other', 'x-other'],
    'email.header_value': ['one', 'one'],
    'email.message_id': ['1@example.org'],
    'email.mime_version': ['1.0'],
    'email.received.host': ['relay.example', 'mx.example'],
    'email.received.ip': ['192.0.2.7', '198.51.100.9'],
    'email.subject': ['äb'],
    'email.to.address': ['bob@example.org', 'carol@example.org'],
    'related.user': ['ann'],
    'smtp.hello': ['client.example'],
    tags: ['smtp:authlogin', 'smtp:authplain', 'smtp:statuscode:250'],
  });
  assert.deepEqual(notesOf(play(smtpDecoder, swapped(script), { options })), notesOf(heard));
});

test('any cut gives the same', () => assertCutInvariant(smtpDecoder, script, { options }));

test('nothing on the wire throws', () => assertSurvives(smtpDecoder, script, { options }, 200));

const chunks: Step[] = [
  c2s('EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<b@c>\r\nBDAT 20\r\nSubject: foo\r\nFrom: '),
  c2s('BDAT 13 LAST\r\nd@e\r\n\r\nbody\r\nRSET\r\n'),
  s2c('250 x\r\n'),
];

test('messages in chunks, cut anywhere', () => {
  const heard = play(smtpDecoder, chunks);
  assert.deepEqual(notesOf(heard), {
    'email.from.address': ['', 'd@e'],
    'email.header': ['subject', 'from'],
    'email.subject': ['foo'],
    'email.to.address': ['b@c'],
    'smtp.hello': ['x'],
  });
  assertCutInvariant(smtpDecoder, chunks);
  assert.deepEqual([...play(smtpDecoder, [c2s('BDAT many\r\n')]).anomalies.keys()], ['smtp.bad_chunk_size']);
});

test('STARTTLS hands the stream over, and is a command like others when refused', () => {
  const hello = Buffer.from('\x16\x03\x01', 'latin1');
  const tls = [c2s('EHLO x\r\nSTARTTLS\r\n'), s2c('250 x\r\n220 go\r\n'), c2s(hello)];
  assert.deepEqual(play(smtpDecoder, tls).handedOver[0], hello);
  assertCutInvariant(smtpDecoder, tls);
  // The server's side is missing.
  assert.deepEqual(play(smtpDecoder, [c2s('EHLO x\r\nSTARTTLS\r\n'), c2s(hello)]).handedOver[0], hello);
  const refused = play(smtpDecoder, [c2s('STARTTLS\r\n'), s2c('454 no\r\n'), c2s('EHLO y\r\n')]);
  assert.deepEqual(refused.notes.get('smtp.hello'), ['y']);
});

test('what an earlier line left in the buffer is no part of an empty one', () => {
  const steps = [
    c2s('DATA\r\nFrom: a@b\r\n\r\n..'),
    c2s('x\r\n'),
    c2s('\r'),
    c2s('\nEHLO no\r\n'),
    c2s('.\r'),
    c2s('\nEHLO yes\r\n'),
  ];
  assert.deepEqual(play(smtpDecoder, steps).notes.get('smtp.hello'), ['yes']);
});

test('DATA that is refused leaves commands; LMTP names itself', () => {
  const refused = play(smtpDecoder, [
    s2c('220 a LMTP\r\n'),
    c2s('LHLO a\r\n'),
    s2c('250 a\r\n'),
    c2s('DATA\r\n'),
    s2c('503 no\r\n'),
    c2s('MAIL FROM:x@y\r\n'),
  ]);
  assert.deepEqual(refused.protocols, ['lmtp']);
  assert.deepEqual(refused.notes.get('email.from.address'), ['x@y']);
});

test('holes: lines are taken up again, long lines are cut', () => {
  const holed = play(smtpDecoder, [c2s('EHLO a\r\nMAIL'), { direction: 0, gap: 9, timeUs: 1 }, c2s('RCPT TO:<a@b>\r\n')]);
  assert.deepEqual(holed.notes.get('email.to.address'), ['a@b']);
  const long = play(smtpDecoder, [c2s(`EHLO ${'x'.repeat(20_000)}\r\nMAIL FROM:<a@b>\r\n`)]);
  assert.deepEqual([...long.anomalies.keys()], ['smtp.line_too_long']);
  assert.deepEqual(long.notes.get('email.from.address'), ['a@b']);
});

test('header fields that the config names have fields of their own', () => {
  const own = { ...options, header_fields: ['X-Priority:integer', 'x-trace:lower:count', 'x-ip:ip'] };
  const settings = { ...defaultOptions(smtpDecoder), ...own };
  assert.deepEqual(
    smtpDecoder.configuredFields?.(settings).map((field) => [field.arkime?.path, field.arkime?.count]),
    [
      ['email.header-x-priority', undefined],
      ['email.header-x-trace', 'Cnt'],
      ['email.header-x-ip', undefined],
    ],
  );
  const steps = [c2s('DATA\r\nX-Priority: 3 (Normal)\r\nX-Trace: ABC\r\nX-IP: [192.0.2.1]\r\nX-Rest: d\r\n\r\n.\r\n')];
  const heard = play(smtpDecoder, steps, { options: own });
  assert.deepEqual(heard.notes.get('email.headers.x_priority'), [3]);
  assert.deepEqual(heard.notes.get('email.headers.x_trace'), ['abc']);
  assert.deepEqual(heard.notes.get('email.headers.x_ip'), ['192.0.2.1']);
  assert.deepEqual(heard.notes.get('email.header_field'), ['x-rest']);
});

test('a part with a hole or a line that is too long has no hash', () => {
  const open = 'DATA\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const hash = (...steps: Step[]) =>
    play(smtpDecoder, [c2s(open), ...steps, c2s('--b--\r\n.\r\n')]).notes.get('email.attachments.file.hash.md5');
  assert.equal(hash(c2s('aGVsbG8=\r\n'))?.length, 1);
  assert.equal(hash(c2s('aGVsbG8=\r\n'), { direction: 0, gap: 9, timeUs: 0 }), undefined);
  assert.equal(hash(c2s(`${'QUFB'.repeat(3000)}\r\n`)), undefined);
});

test('a content of many lines is the same whatever lines stand between and however it is cut', () => {
  const bytes = Buffer.from(Array.from({ length: 2000 }, (_, index) => (index * 131) & 255));
  const lines = bytes.toString('base64').match(/.{1,76}/g) as string[];
  const padded = [...lines.slice(0, 5), '- no boundary', '', '..', '--bb', ...lines.slice(5)];
  const head = 'DATA\r\nContent-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\nContent-Transfer-Encoding: base64\r\n\r\n';
  const content = `${padded.join('\r\n')}\r\n--b--\r\n.\r\n`;
  // Letters in those lines are of the alphabet: the same text without line ends is what they are decoded as.
  const decoded = Buffer.from(padded.map((line) => line.replace(/^\./, '').replace(/[^A-Za-z0-9+/=]/g, '')).join(''), 'base64');
  const steps = [c2s(head), s2c('354 go on\r\n'), c2s(content), s2c('250 taken\r\n')];
  const { notes } = play(smtpDecoder, steps);
  assert.deepEqual(notes.get('email.attachments.file.hash.md5'), [createHash('md5').update(decoded).digest('hex')]);
  assert.deepEqual(notes.get('tags'), ['smtp:statuscode:250']);
  assertCutInvariant(smtpDecoder, steps);
});

test('probing', () => {
  const probe = (text: string): number => smtpDecoder.probe(1, Buffer.from(`--${text}`), 2, 2 + text.length);
  const cases: [string, number][] = [
    ['220 mx ESMTP\r\n', Verdict.certain],
    ['220-mx\r\n220 SMTP\r\n', Verdict.certain],
    ['220 Greetings\r\n', Verdict.faint],
    ['220 an FTP server\r\n', Verdict.no],
    ['220 Gre', Verdict.needMore],
    ['EHLO x', Verdict.certain],
    ['EHL', Verdict.needMore],
    ['HELO\nDATA', Verdict.faint],
    ['rset\r\n', Verdict.faint],
    ['354 go\r\n', Verdict.faint],
    ['GET / HTTP/1.1\r\n', Verdict.no],
  ];
  for (const [text, verdict] of cases) assert.equal(probe(text), verdict, text);
});
