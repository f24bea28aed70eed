// Mail and files: SMTP with an attachment, with a login, and with STARTTLS; IMAP; POP3; FTP.

import { chromeHello, extension, message, record, serverHello } from '../decoders/tls/hello-bytes.ts';
import { lines } from './message-parts.ts';
import { addTalks, type Said, tcp } from './talks.ts';
import { Tap } from './tap.ts';

const base64 = (text: string): string => Buffer.from(text).toString('base64');
/** A picture of one pixel. */
const gif = 'R0lGODlhAQABAIAAAAAAAP///yH5BAEAAAAALAAAAAABAAEAAAIBRAA7';

const letter = lines(
  'Received: from desk.example.org (desk.example.org [203.0.113.20])',
  '\tby mail.example.org with ESMTPSA id 4711; Thu, 9 Oct 2025 08:53:20 +0000',
  'From: =?UTF-8?B?SsO8cmdlbg==?= <Juergen@Example.org>',
  'To: Ann <ann@example.com>, bob@example.com',
  'Cc: carol@example.net',
  'Subject: =?iso-8859-1?Q?Gr=FC=DFe?= and a picture',
  'Message-ID: <20251009.4711@example.org>',
  'Date: Thu, 9 Oct 2025 08:53:20 +0000',
  'User-Agent: golden/1.0',
  'X-Priority: 3',
  'MIME-Version: 1.0',
  'Content-Type: multipart/mixed; boundary="=-frontier"',
  '',
  '--=-frontier',
  'Content-Type: text/plain; charset=utf-8',
  '',
  '..hidden dot',
  '--=-frontier',
  'Content-Type: image/gif; name="pixel.gif"',
  'Content-Disposition: attachment; filename="pixel.gif"',
  'Content-Transfer-Encoding: base64',
  '',
  gif,
  '--=-frontier--',
  '.',
);
const header = lines('From: dave@example.net', 'To: ann@example.com', 'Subject: Meeting', '');

/** The extension as a server sends it (RFC 8446 section 4.2.1). */
const versionChosen = extension(43, Buffer.of(3, 4));
/** TLS 1.3 begins. */
const secured = (name: string): Said[] => [
  [0, record(22, message(1, chromeHello(name)))],
  [1, record(22, message(2, serverHello({ extensions: [versionChosen] })))],
];

const talks = [
  tcp(
    25,
    [1, '220 mail.example.com ESMTP Postfix\r\n'],
    [0, 'EHLO Desk.Example.org\r\n'],
    [1, lines('250-mail.example.com', '250-PIPELINING', '250-SIZE 10240000', '250 8BITMIME')],
    [0, lines('MAIL FROM:<juergen@example.org> SIZE=1200', 'RCPT TO:<ann@example.com>', 'RCPT TO:<nobody@example.com>', 'DATA')],
    [1, lines('250 2.1.0 Ok', '250 2.1.5 Ok', '550 5.1.1 unknown', '354 End data with <CR><LF>.<CR><LF>')],
    [0, letter],
    [1, '250 2.0.0 Ok: queued as 12345\r\n'],
    [0, 'QUIT\r\n'],
    [1, '221 2.0.0 Bye\r\n'],
  ),
  tcp(
    587,
    [1, '220 mail.example.com ESMTP\r\n'],
    [0, 'EHLO [192.0.2.10]\r\n'],
    [1, lines('250-mail.example.com', '250-AUTH PLAIN LOGIN', '250 STARTTLS')],
    [0, 'AUTH LOGIN\r\n'],
    [1, `334 ${base64('Username:')}\r\n`],
    [0, `${base64('Ann')}\r\n`],
    [1, `334 ${base64('Password:')}\r\n`],
    [0, `${base64('secret')}\r\n`],
    [1, '535 5.7.8 authentication failed\r\n'],
    [0, 'STARTTLS\r\n'],
    [1, '220 2.0.0 Ready to start TLS\r\n'],
    ...secured('mail.example.com'),
  ),
  tcp(
    143,
    [1, '* OK [CAPABILITY IMAP4rev1 STARTTLS] Dovecot ready.\r\n'],
    [0, 'a1 LOGIN Ann secret\r\n'],
    [1, 'a1 OK Logged in\r\n'],
    [0, 'a2 SELECT INBOX\r\n'],
    [1, lines('* FLAGS (\\Seen)', '* 1 EXISTS', 'a2 OK [READ-WRITE] Select completed.')],
    [0, 'a3 FETCH 1 (FLAGS BODY[HEADER])\r\n'],
    [1, `* 1 FETCH (FLAGS (\\Seen) BODY[HEADER] {${header.length}}\r\n${header})\r\na3 OK Fetch completed.\r\n`],
    [0, 'a4 LOGOUT\r\n'],
    [1, lines('* BYE Logging out', 'a4 OK Logout completed.')],
  ),
  tcp(
    143,
    [1, '* OK IMAP4rev1 Service Ready\r\n'],
    [0, 'a1 STARTTLS\r\n'],
    [1, 'a1 OK Begin TLS negotiation now\r\n'],
    ...secured('imap.example.com'),
  ),
  tcp(
    110,
    [1, '+OK POP3 server ready <1896.697170952@dbc.mtview.ca.us>\r\n'],
    [0, 'APOP mrose c4c9334bac560ecc979e58001b3e22fb\r\n'],
    [1, "+OK mrose's maildrop has 1 message (120 octets)\r\n"],
    [0, 'RETR 1\r\n'],
    [1, `+OK 120 octets\r\n${header}See you at ten.\r\n.\r\n`],
    [0, 'QUIT\r\n'],
    [1, '+OK bye\r\n'],
  ),
  tcp(
    110,
    [1, '+OK Dovecot ready.\r\n'],
    [0, 'USER Ann\r\n'],
    [1, '+OK\r\n'],
    [0, 'PASS secret\r\n'],
    [1, '-ERR [AUTH] Authentication failed.\r\n'],
    [0, 'STLS\r\n'],
    [1, '+OK Begin TLS negotiation now.\r\n'],
    ...secured('pop.example.com'),
  ),
  tcp(
    21,
    [1, '220 (vsFTPd 3.0.5)\r\n'],
    [0, 'USER Anonymous\r\n'],
    [1, '331 Please specify the password.\r\n'],
    [0, 'PASS ann@example.org\r\n'],
    [1, '230 Login successful.\r\n'],
    [0, 'PASV\r\n'],
    [1, '227 Entering Passive Mode (198,51,100,80,195,149).\r\n'],
    [0, 'RETR pub/read me.txt\r\n'],
    [1, lines('150 Opening BINARY mode data connection.', '226 Transfer complete.')],
    [0, 'DELE gone.txt\r\n'],
    [1, '550 Permission denied.\r\n'],
    [0, 'QUIT\r\n'],
    [1, '221 Goodbye.\r\n'],
  ),
  tcp(
    2121,
    [1, '220 ProFTPD Server (files) [198.51.100.80]\r\n'],
    [0, 'AUTH TLS\r\n'],
    [1, '234 AUTH TLS successful\r\n'],
    ...secured('ftp.example.com'),
  ),
];

export function mailCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
