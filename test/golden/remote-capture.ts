// People and devices at a distance: SSH, Telnet, VNC, ADB, IRC, SIP with STUN.

import { bytes, hex, le32, lines, type Part, sized32, u32 } from './message-parts.ts';
import { addTalks, tcp, udp } from './talks.ts';
import { Tap } from './tap.ts';

/** A packet of SSH (RFC 4253 section 6), padded to eight bytes. */
function ssh(...parts: Part[]): Buffer {
  const payload = bytes(...parts);
  const padding = 4 + (((-(payload.length + 9) % 8) + 8) % 8);
  return sized32(padding, payload, Buffer.alloc(padding));
}
const exchanges = 'curve25519-sha256,diffie-hellman-group14-sha256';
const ciphers = 'chacha20-poly1305@openssh.com,aes128-ctr';
const macs = 'umac-64-etm@openssh.com,hmac-sha2-256';
const offer = (keys: string, compression: string): Buffer =>
  ssh(
    20,
    Buffer.alloc(16, 0x3c),
    ...[exchanges, keys, ciphers, ciphers, macs, macs, compression, compression, '', ''].map((list) => sized32(list)),
    0,
    u32(0),
  );
const hostKey = bytes(sized32('ssh-ed25519'), sized32(Buffer.alloc(32, 7)));
const point = sized32(Buffer.alloc(32, 9));

/** A message of ADB: command, two words, length, sum, the command's complement. */
function adb(command: string, first: number, second: number, ...parts: Part[]): Buffer {
  const data = bytes(...parts);
  const word = Buffer.from(command).readUInt32LE();
  return bytes(
    command,
    le32(
      first,
      second,
      data.length,
      data.reduce((sum, byte) => sum + byte, 0),
      ~word >>> 0,
    ),
    data,
  );
}

const invite = lines(
  'INVITE sip:Bob@biloxi.example.com SIP/2.0',
  'Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds',
  'Max-Forwards: 70',
  'To: Bob <sip:bob@biloxi.example.com>',
  'From: Alice <sip:alice@atlanta.example.com>;tag=1928301774',
  'Call-ID: a84b4c76e66710@pc33.atlanta.example.com',
  'CSeq: 314159 INVITE',
  'Contact: <sip:alice@pc33.atlanta.example.com>',
  'User-Agent: golden/1.0',
  'Content-Length: 0',
  '',
);
const ringing = lines(
  'SIP/2.0 180 Ringing',
  'Via: SIP/2.0/UDP pc33.atlanta.example.com:5060;branch=z9hG4bK776asdhds;received=192.0.2.10',
  't: Bob <sip:bob@biloxi.example.com>;tag=a6c85cf',
  'f: Alice <sip:alice@atlanta.example.com>;tag=1928301774',
  'i: a84b4c76e66710@pc33.atlanta.example.com',
  'CSeq: 314159 INVITE',
  'l: 0',
  '',
);

/** The request and the response of RFC 5769 sections 2.1 and 2.2. */
const bindingRequest = hex(
  '0001 0058 2112a442 b7e7a701bc34d686fa87dfae 8022 0010 5354554e207465737420636c69656e74 0024 0004 6e0001ff' +
    '8029 0008 932ff9b151263b36 0006 0009 6576746a3a68367659202020' +
    '0008 0014 9aeaa70cbfd8cb56781ef2b5b2d3f249c1b571a2 8028 0004 e57a3bcf',
);
const bindingResponse = hex(
  '0101 003c 2112a442 b7e7a701bc34d686fa87dfae 8022 000b 7465737420766563746f7220 0020 0008 0001a147e112a643' +
    '0008 0014 2b91f599fd9e90c38c7489f92af9ba53f06be7d7 8028 0004 c07d4c96',
);

const talks = [
  tcp(
    22,
    [1, 'SSH-2.0-OpenSSH_9.6p1 Ubuntu-3ubuntu13\r\n'],
    [0, 'SSH-2.0-PuTTY_Release_0.80\r\n'],
    [0, offer('ssh-ed25519,rsa-sha2-256', 'none,zlib')],
    [1, offer('ssh-ed25519', 'none,zlib@openssh.com')],
    [0, ssh(30, point)],
    [1, bytes(ssh(31, sized32(hostKey), point, sized32(sized32('ssh-ed25519'), sized32(Buffer.alloc(64, 5)))), ssh(21))],
    [0, bytes(ssh(21), Buffer.alloc(48, 0xee))],
    [1, Buffer.alloc(48, 0xdd)],
  ),
  tcp(23, [1, hex('fffd18 fffd20 fffd23 fffd27')], [0, hex('fffb18 fffc20 fffc23 fffc27')], [1, 'login: ']),
  tcp(5900, [1, 'RFB 003.008\n'], [0, 'RFB 003.008\n'], [1, hex('01 02')], [0, hex('02')]),
  tcp(
    5555,
    [0, adb('CNXN', 0x0100_0001, 1_048_576, 'host::features=shell_v2,cmd')],
    [1, adb('CNXN', 0x0100_0001, 262_144, 'device::ro.product.name=golden;ro.product.model=One;ro.product.device=g1;')],
    [0, adb('OPEN', 1, 0, 'shell:id\0')],
    [1, adb('OKAY', 9, 1)],
    [1, adb('WRTE', 9, 1, 'uid=2000(shell)\n')],
    [0, adb('OKAY', 1, 9)],
    [1, adb('CLSE', 9, 1)],
  ),
  tcp(
    6667,
    [0, lines('NICK Wiz', 'USER guest 0 * :Ronnie Reagan')],
    [1, ':irc.example.net 001 Wiz :Welcome to the network Wiz!guest@client\r\n'],
    [0, lines('JOIN #ringtap,&local', 'PRIVMSG #ringtap :hello')],
    [1, ':Wiz!guest@client JOIN #ringtap\r\n'],
    [0, lines('NICK Kilroy', 'QUIT :Gone to have lunch')],
  ),
  udp(5060, [0, invite], [1, ringing], [1, ringing.replace('180 Ringing', '200 OK')]),
  udp(3478, [0, bindingRequest], [1, bindingResponse]),
];

export function remoteCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
