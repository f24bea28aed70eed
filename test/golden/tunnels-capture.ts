// What carries other protocols: SOCKS 4 and 5, WebSocket, HTTP/2, QUIC, Facebook Zero, DTLS, ISAKMP, OpenVPN.

import { crypto, initial } from '../decoders/quic/initial-packet.ts';
import {
  chromeHello,
  clientHello,
  groups,
  message,
  record,
  serverHello,
  serverName,
  signatures,
} from '../decoders/tls/hello-bytes.ts';
import { bytes, hex, le32, lines, measured, type Part, sized16, u16, u32 } from './message-parts.ts';
import { addTalks, tcp, udp } from './talks.ts';
import { Tap } from './tap.ts';

const get = lines('GET /inside HTTP/1.1', 'Host: www.example.com', '');
const ok = lines('HTTP/1.1 204 No Content', '');

/** The handshake of RFC 6455 section 1.3 and the frames of section 5.7. */
const upgrade = lines(
  ...['GET /chat HTTP/1.1', 'Host: server.example.com', 'Upgrade: websocket', 'Connection: Upgrade'],
  ...['Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13', ''],
);
const switching = lines(
  ...['HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'],
  ...['Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=', ''],
);

const http2 = (type: number, flags: number, stream: number, payload: Part): Buffer =>
  bytes(u32(bytes(payload).length).subarray(1), type, flags, u32(stream), payload);
/** The blocks of RFC 7541 appendix C.4.1 and C.6.1. */
const requestBlock = hex('8286 8441 8cf1 e3c2 e5f2 3a6b a0ab 90f4 ff');
const responseBlock = hex(
  '4882 6402 5885 aec3 771a 4b61 96d0 7abe 9410 54d4 44a8 2005 9504 0b81 66e0 82a6 2d1b ff6e 919d 29ad 1718 63c7 8f0b 97c8 e9ae 82ae 43d3',
);

/** The CRYPTO frame of RFC 9001 appendix A.2. */
const quicHello = hex(
  '010000ed 0303 ebf8fa56f12939b9584a3896472ec40bb863cfd3e86804fe3a47f06a2b69484c 00 0004 1301 1302 01 00 00c0' +
    '0000 0010 000e 00 000b 6578616d706c652e636f6d ff01 0001 00 000a 0008 0006 001d 0017 0018' +
    '0010 0007 0005 04 616c706e 0005 0005 01 0000 0000' +
    '0033 0026 0024 001d 0020 9370b2c9caa47fbabaf4559fedba753de171fa71f50f1ce15d43e994ec74d748' +
    '002b 0003 02 0304 000d 0010 000e 0403 0503 0603 0203 0804 0805 0806 002d 0002 01 01 001c 0002 4001' +
    '0039 0032 0408ffffffffffffffff 05048000ffff 07048000ffff 08011001 04800075300901100f088394c8f03e515708 06048000ffff',
);
/** What QUIC Crypto says: tags with the ends of their values (QUIC Crypto, section 3.2). */
function tagged(name: string, tags: Readonly<Record<string, string>>): Buffer {
  const values = Object.values(tags);
  const ends = values.map((_, index) => values.slice(0, index + 1).join('').length);
  return bytes(
    name,
    u16(values.length).swap16(),
    u16(0),
    ...Object.keys(tags).flatMap((tag, index) => [tag.padEnd(4, '\0'), le32(ends[index] ?? 0)]),
    ...values,
  );
}
const zeroHello = tagged('CHLO', { SNI: 'graph.example.com', VERS: 'F1.0', AEAD: 'AESG' });

// DTLS 1.2 (RFC 6347): a hello, a request to verify, the hello with its cookie, an answer.
const dtls = (sequence: number, content: Buffer): Buffer => bytes(22, u16(0xfefd, 0, 0), u32(sequence), sized16(content));
const u24 = (value: number): Buffer => u32(value).subarray(1);
const dtlsMessage = (type: number, sequence: number, body: Buffer): Buffer =>
  bytes(type, u24(body.length), u16(sequence), u24(0), u24(body.length), body);
const plainHello = clientHello({
  version: 0xfefd,
  ciphers: [0xc02b, 0xc02f],
  extensions: [serverName('turn.example.com'), groups(29, 23), signatures(0x0403, 0x0401)],
});
const dtlsHello = (cookie: Buffer): Buffer => bytes(plainHello.subarray(0, 35), cookie.length, cookie, plainHello.subarray(35));
const cookie = Buffer.alloc(20, 7);

// ISAKMP (RFC 2408) with an association of RFC 2409; IKE 2 (RFC 7296).
const initiator = hex('c0ffee0102030405');
const responder = hex('decaf00102030405');
function ike(
  version: number,
  exchange: number,
  flags: number,
  cookies: Buffer,
  ...payloads: (readonly [type: number, body: Part])[]
): Buffer {
  const parts = payloads.map(([, body], index) => measured(2, payloads[index + 1]?.[0] ?? 0, 0, u16(0), body));
  const all = bytes(...parts);
  return bytes(cookies, payloads[0]?.[0] ?? 0, version, exchange, flags, u32(0, 28 + all.length), all);
}
const transform = measured(
  2,
  0,
  0,
  u16(0),
  1,
  1,
  u16(0),
  hex('8001 0007 800e 0100 8002 0004 8003 0001 8004 000e 800b 0001 800c 7080'),
);
const association = bytes(u32(1, 1), measured(2, 0, 0, u16(0), 1, 1, 0, 1, transform));
const transforms = hex('03 00 000c 01 00 000c 800e 0100 03 00 0008 02 00 0005 03 00 0008 03 00 000c 00 00 0008 04 00 001f');
const association2 = measured(2, 0, 0, u16(0), 1, 1, 0, 4, transforms);

// OpenVPN without a key for its control channel: resets, then TLS.
const [here, there] = [hex('a1a2a3a4a5a6a7a8'), hex('b1b2b3b4b5b6b7b8')];
const vpn = (opcode: number, session: Buffer, acknowledged: readonly number[], id: number, payload: Part = ''): Buffer =>
  bytes(
    opcode << 3,
    session,
    acknowledged.length,
    ...acknowledged.map((each) => u32(each)),
    ...(acknowledged.length > 0 ? [session === here ? there : here] : []),
    u32(id),
    payload,
  );

const talks = [
  tcp(
    1080,
    [0, hex('05 02 00 02')],
    [1, hex('05 02')],
    [0, bytes(1, 3, 'Ann', 6, 'secret')],
    [1, hex('01 00')],
    [0, bytes(5, 1, 0, 3, 15, 'www.example.com', u16(80))],
    [1, hex('05 00 00 01 c0000263 9c40')],
    [0, get],
    [1, ok],
  ),
  tcp(1080, [0, bytes(4, 1, u16(80), hex('c6336450'), 'Bob\0')], [1, hex('00 5a 0050 c6336450')], [0, get], [1, ok]),
  tcp(
    1080,
    [0, bytes(5, 1, 0)],
    [1, hex('05 00')],
    [0, hex('05 01 00 04 20010db8000000000000000000000080 01bb')],
    [1, hex('05 05 00 01 00000000 0000')],
  ),
  tcp(
    80,
    [0, upgrade],
    [1, switching],
    [0, hex('81 85 37fa213d 7f9f4d5158')],
    [1, hex('81 05 48656c6c6f 89 05 48656c6c6f')],
    [0, hex('8a 85 37fa213d 7f9f4d5158')],
    [1, hex('01 03 48656c 80 02 6c6f 88 02 03e8')],
  ),
  tcp(
    80,
    [0, bytes('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n', http2(4, 0, 0, hex('0003 00000064')), http2(1, 5, 1, requestBlock))],
    [1, bytes(http2(4, 0, 0, ''), http2(4, 1, 0, ''), http2(1, 5, 1, responseBlock))],
  ),
  udp(
    443,
    [0, initial(1, 0, bytes(crypto(120, quicHello.subarray(120)), crypto(0, quicHello.subarray(0, 120))))],
    [1, bytes(hex('c1 00000001 00 08 f067a5502a4262b5 00 4028'), Buffer.alloc(40, 0xee))],
  ),
  udp(443, [0, initial(2, 0, crypto(0, quicHello))]),
  tcp(443, [0, bytes('1QTV0', le32(zeroHello.length), zeroHello)]),
  udp(
    5349,
    [0, dtls(0, dtlsMessage(1, 0, dtlsHello(Buffer.alloc(0))))],
    [1, dtls(0, dtlsMessage(3, 0, bytes(u16(0xfeff), 20, cookie)))],
    [0, dtls(1, dtlsMessage(1, 1, dtlsHello(cookie)))],
    [1, dtls(1, dtlsMessage(2, 1, serverHello({ version: 0xfefd, ciphers: [0xc02b] })))],
  ),
  udp(
    500,
    [0, ike(0x10, 2, 0, bytes(initiator, Buffer.alloc(8)), [1, association], [13, hex('afcad71368a1f1c96b8696fc77570100')])],
    [1, ike(0x10, 2, 0, bytes(initiator, responder), [1, association])],
  ),
  udp(4500, [
    0,
    bytes(
      u32(0),
      ike(
        0x20,
        34,
        8,
        bytes(initiator, Buffer.alloc(8)),
        [33, association2],
        [34, bytes(u16(31, 0), Buffer.alloc(32, 9))],
        [40, Buffer.alloc(32, 3)],
      ),
    ),
  ]),
  udp(
    1194,
    [0, vpn(7, here, [], 0)],
    [1, vpn(8, there, [0], 0)],
    [0, vpn(4, here, [0], 1, record(22, message(1, chromeHello('vpn.example.com'))))],
    [1, vpn(4, there, [1], 1, record(22, message(2, serverHello({}))))],
  ),
];

export function tunnelsCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
