// Windows networks: SMB 1 and 2 with NTLM, DCE/RPC, LDAP, Kerberos, TDS, the NetBIOS services and RDP.

import { integer, item } from '../decoders/ber-items.ts';
import { call, contexts, pdu, samr } from '../decoders/dcerpc/pdus.ts';
import { authenticateMessage, challengeMessage, negotiateMessage } from '../decoders/ntlm/wire-messages.ts';
import { body, frame, smb1, smb2, utf16 as terminated, u16 as words } from '../decoders/smb/messages.ts';
import { chromeHello, message as handshake, record } from '../decoders/tls/hello-bytes.ts';
import { bytes, hex, le16, le32, measured, type Part, sized8, sized32, u16, u32, utf16 } from './message-parts.ts';
import { addTalks, tcp, udp } from './talks.ts';
import { Tap } from './tap.ts';

const zeros = (length: number): Buffer => Buffer.alloc(length);
const pad = zeros(1);

// NTLM and its wrapping in SPNEGO (RFC 4178 section 4.2).
const negotiate = negotiateMessage('CORP', 'DESK7');
const challenge = challengeMessage('CORP');
const authenticate = authenticateMessage('CORP', 'Ann', 'DESK7');
const ntlmName = hex('2b06010401823702020a');
const spnego = item(
  0x60,
  item(6, hex('2b0601050502')),
  item(0xa0, item(0x30, item(0xa0, item(0x30, item(6, ntlmName))), item(0xa2, item(4, negotiate)))),
);
const spnegoChallenge = item(
  0xa1,
  item(0x30, item(0xa0, item(10, '\x01')), item(0xa1, item(6, ntlmName)), item(0xa2, item(4, challenge))),
);
const spnegoAnswer = item(0xa1, item(0x30, item(0xa2, item(4, authenticate))));

// SMB 1 (MS-CIFS): a session setup with a security blob, a tree, a file.
const alone = 0xff;
const systems = (blob: Buffer): Buffer =>
  bytes(
    blob,
    blob.length % 2 === 0 ? pad : '',
    terminated('Windows 10 Pro 19041'),
    terminated('Windows 10 Pro 6.3'),
    terminated('CORP'),
  );
const setup = (blob: Buffer): Buffer =>
  smb1(0x73, bytes(words(alone, 0, 16_644, 50, 0), le32(0), le16(blob.length), le32(0), le32(0x8000_00d4)), systems(blob));
const setupReply = (blob: Buffer): Buffer => smb1(0x73, words(alone, 0, 0, blob.length), systems(blob), true);
const dialects = '\x02PC NETWORK PROGRAM 1.0\0\x02LANMAN1.0\0\x02NT LM 0.12\0';
const treeConnect = smb1(0x75, words(alone, 0, 8, 1), bytes(pad, pad, terminated('\\\\FILES\\Projects'), '?????\0').subarray(1));
const fileName = '\\plans\\Grüße.txt';
const createFile = smb1(
  0xa2,
  bytes(words(alone, 0), 0, le16(utf16(fileName).length), le32(0x16, 0, 0x0012_0089, 0, 0, 0, 1, 1, 0x40, 2), 3),
  bytes(pad, terminated(fileName)),
);

// SMB 2 (MS-SMB2): the same, and a read.
const setup2 = (blob: Buffer): Buffer =>
  smb2(
    1,
    body(
      24,
      [
        [0, 25],
        [2, 0x0100],
        [12, 88],
        [14, blob.length],
      ],
      blob,
    ),
  );
const setup2Reply = (blob: Buffer): Buffer =>
  smb2(
    1,
    body(
      8,
      [
        [0, 9],
        [4, 72],
        [6, blob.length],
      ],
      blob,
    ),
    true,
  );
const tree2 = (share: string): Buffer =>
  smb2(
    3,
    body(
      8,
      [
        [0, 9],
        [4, 72],
        [6, utf16(share).length],
      ],
      utf16(share),
    ),
  );
const create2 = (name: string): Buffer =>
  smb2(
    5,
    body(
      56,
      [
        [0, 57],
        [4, 2],
        [24, 0x89],
        [32, 3],
        [36, 1],
        [44, 120],
        [46, utf16(name).length],
      ],
      utf16(name),
    ),
  );
const negotiate2 = smb2(
  0,
  body(
    36,
    [
      [0, 36],
      [2, 2],
      [4, 1],
    ],
    words(0x0202, 0x0210),
  ),
);

// Kerberos (RFC 4120 section 5).
const kerberosText = (value: string): Buffer => item(0x1b, value);
const principal = (type: number, ...parts: string[]): Buffer =>
  item(0x30, item(0xa0, integer(type)), item(0xa1, item(0x30, ...parts.map(kerberosText))));
const time = (value: string): Buffer => item(0x18, value);
const requestBody = item(
  0x30,
  ...[item(0xa0, item(3, hex('00 40810010'))), item(0xa1, principal(1, 'ann')), item(0xa2, kerberosText('CORP.EXAMPLE'))],
  ...[
    item(0xa3, principal(2, 'krbtgt', 'CORP.EXAMPLE')),
    item(0xa5, time('20370913024805Z')),
    item(0xa7, item(2, hex('3ab5c7d9'))),
  ],
  item(0xa8, item(0x30, integer(18), integer(17), integer(23))),
);
const asRequest = item(0x6a, item(0x30, item(0xa1, integer(5)), item(0xa2, integer(10)), item(0xa4, requestBody)));
const kerberosError = item(
  0x7e,
  item(
    0x30,
    ...[item(0xa0, integer(5)), item(0xa1, integer(30)), item(0xa4, time('20251009085320Z')), item(0xa5, integer(7))],
    ...[item(0xa6, integer(25)), item(0xa9, kerberosText('CORP.EXAMPLE')), item(0xaa, principal(2, 'krbtgt', 'CORP.EXAMPLE'))],
  ),
);
const encrypted = item(0x30, item(0xa0, integer(18)), item(0xa2, item(4, Buffer.alloc(40, 0xee))));
const ticket = item(
  0x61,
  item(
    0x30,
    ...[item(0xa0, integer(5)), item(0xa1, kerberosText('CORP.EXAMPLE')), item(0xa2, principal(2, 'cifs', 'files.corp.example'))],
    item(0xa3, encrypted),
  ),
);
const tgsReply = item(
  0x6d,
  item(
    0x30,
    ...[
      item(0xa0, integer(5)),
      item(0xa1, integer(13)),
      item(0xa3, kerberosText('CORP.EXAMPLE')),
      item(0xa4, principal(1, 'ann')),
    ],
    ...[item(0xa5, ticket), item(0xa6, encrypted)],
  ),
);

// LDAP (RFC 4511).
const ldap = (id: number, operation: Buffer): Buffer => item(0x30, integer(id), operation);
const search = item(
  0x63,
  ...[item(4, 'dc=corp,dc=example'), item(10, '\x02'), item(10, '\0'), integer(0), integer(0), item(1, '\0')],
  ...[item(0x87, 'objectClass'), item(0x30, item(4, 'cn'))],
);
const bound = (code: string, ...more: Buffer[]): Buffer => item(0x61, item(10, code), item(4), item(4), ...more);

// TDS (MS-TDS 2.2.6): a login with integrated security.
const tds = (type: number, ...parts: Part[]): Buffer => measured(2, type, 1, u16(0, 0), 1, 0, ...parts);
const preLogin = hex('00 000b 0006 01 0011 0001 ff 0f00 07d0 0000 00');
function login7(host: string, user: string, application: string, server: string, sspi: Buffer): Buffer {
  const fixed = zeros(94);
  fixed.writeUInt32LE(0x7400_0004, 4);
  fixed.writeUInt32LE(4096, 8);
  let offset = fixed.length;
  const parts: Buffer[] = [];
  [host, user, '', application, server].forEach((text, index) => {
    fixed.writeUInt16LE(offset, 36 + 4 * index);
    fixed.writeUInt16LE(text.length, 38 + 4 * index);
    parts.push(utf16(text));
    offset += 2 * text.length;
  });
  fixed.writeUInt16LE(offset, 78);
  fixed.writeUInt16LE(sspi.length, 80);
  fixed.writeUInt32LE(offset + sspi.length);
  return tds(0x10, fixed, ...parts, sspi);
}

// NetBIOS (RFC 1002 sections 4.2 and 4.4).
const encoded = (name: string, kind: number): Buffer =>
  sized8(
    ...[...Buffer.from(name.padEnd(15) + String.fromCharCode(kind), 'latin1')].flatMap((byte) => [
      0x41 + (byte >> 4),
      0x41 + (byte & 15),
    ]),
  );
const question = bytes(encoded('FILES', 0x20), 0, u16(0x20, 1));

const announcement = bytes(
  ...[encoded('DESK7', 0), 0, encoded('CORP', 0x1d), 0],
  // A transaction to a mail slot (MS-MAIL 2.2.1): class 2, a host announcement of 33 bytes.
  smb1(
    0x25,
    bytes(words(0, 33, 0, 0, 0, 0), le32(1000), words(0, 0, 0, 33, 86, 3, 1, 1, 2)),
    bytes('\\MAILSLOT\\BROWSE\0', 1, 0, le32(60_000), 'DESK7'.padEnd(16, '\0'), 10, 0, le32(0x1003), 15, 1, le16(0xaa55), 0),
  ).subarray(4),
);

// RDP (MS-RDPBCGR 2.2.1): X.224 in TPKT.
const rdp = (kind: number, ...variable: Part[]): Buffer =>
  measured(2, 3, 0, u16(0), sized8(kind, u16(0), u16(kind === 0xd0 ? 0x1234 : 0), 0, ...variable));

const bind = pdu(11, bytes(le16(4280, 4280), le32(0), contexts(samr).subarray(8)), negotiate);

const talks = [
  tcp(
    139,
    [0, bytes(hex('81 00 0044'), encoded('FILES', 0x20), 0, encoded('DESK7', 0), 0)],
    [1, hex('82 00 0000')],
    [0, smb1(0x72, zeros(0), Buffer.from(dialects))],
    [1, smb1(0x72, bytes(words(2, 0x0f32), zeros(30)), zeros(16), true)],
    [0, setup(spnego)],
    [1, setupReply(spnegoChallenge)],
    [0, setup(spnegoAnswer)],
    [1, setupReply(zeros(0))],
    [0, treeConnect],
    [0, createFile],
  ),
  tcp(
    445,
    [0, frame(negotiate2)],
    [
      1,
      frame(
        smb2(
          0,
          body(
            64,
            [
              [0, 65],
              [2, 1],
              [4, 0x0210],
              [56, 128],
              [58, spnego.length],
            ],
            spnego,
          ),
          true,
        ),
      ),
    ],
    [0, frame(setup2(spnego))],
    [1, frame(setup2Reply(spnegoChallenge))],
    [0, frame(setup2(spnegoAnswer))],
    [1, frame(setup2Reply(zeros(0)))],
    [0, frame(tree2('\\\\FILES\\IPC$'))],
    [0, frame(create2('samr'))],
  ),
  tcp(
    49_155,
    [0, bind],
    [
      1,
      pdu(
        12,
        bytes(le16(4280, 4280), le32(1), le16(4), '135\0', 0, 0, le32(1), le16(0, 0), Buffer.alloc(16, 0xab), le32(2)),
        challenge,
      ),
    ],
    [0, pdu(16, zeros(4), authenticate)],
    [0, pdu(0, bytes(call(5).subarray(0, 8), zeros(28)))],
    [1, pdu(3, bytes(le32(32), le16(0), 0, 0, le32(5), le32(0)))],
  ),
  tcp(
    389,
    [0, ldap(1, item(0x60, integer(3), item(4, 'cn=admin,dc=corp,dc=example'), item(0x80, 'secret')))],
    [1, ldap(1, bound('\x31'))],
    [0, ldap(2, item(0x60, integer(3), item(4), item(0xa3, item(4, 'GSS-SPNEGO'), item(4, spnego))))],
    [1, ldap(2, bound('\x0e', item(0x87, spnegoChallenge)))],
    [0, ldap(3, item(0x60, integer(3), item(4), item(0xa3, item(4, 'GSS-SPNEGO'), item(4, spnegoAnswer))))],
    [1, ldap(3, bound('\0'))],
    [0, ldap(4, search)],
    [
      1,
      bytes(
        ldap(4, item(0x64, item(4, 'cn=ann,dc=corp,dc=example'), item(0x30))),
        ldap(4, item(0x65, item(10, '\0'), item(4), item(4))),
      ),
    ],
  ),
  udp(88, [0, asRequest], [1, kerberosError]),
  tcp(88, [0, sized32(asRequest)], [1, sized32(tgsReply)]),
  tcp(
    1433,
    [0, tds(0x12, preLogin)],
    [1, tds(0x04, preLogin)],
    [0, login7('DESK7', '', 'sqlcmd', 'db.corp.example', negotiate)],
    [1, tds(0x04, 0xed, le16(challenge.length), challenge)],
    [0, tds(0x11, authenticate)],
  ),
  tcp(1433, [0, tds(0x12, preLogin)], [1, tds(0x04, preLogin)], [0, login7('DESK7', 'Reporter', 'cron', 'db', zeros(0))]),
  udp(
    137,
    [0, bytes(u16(0x1a2b, 0x0110, 1, 0, 0, 0), question)],
    [1, bytes(u16(0x1a2b, 0x8500, 0, 1, 0, 0), question, u32(300_000), u16(6, 0), hex('c6336450'))],
  ),
  udp(138, [0, bytes(0x11, 10, u16(1), hex('c000020a'), u16(138, announcement.length, 0), announcement)]),
  tcp(
    3389,
    [0, rdp(0xe0, 'Cookie: mstshash=CORP\\Ann\r\n', hex('01 00 0800 0b000000'))],
    [1, rdp(0xd0, hex('02 1f 0800 02000000'))],
    [0, record(22, handshake(1, chromeHello('ts.corp.example')))],
  ),
];

export function windowsCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
