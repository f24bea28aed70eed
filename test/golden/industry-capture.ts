// Industry and signalling: Modbus, DNP3, BACnet, EtherNet/IP, S7comm, OPC UA, C12.22, synchrophasors, PANA, Diameter over TCP and SCTP,
// and SS7 over SCTP.

import { item } from '../decoders/ber-items.ts';
import { avp, message as diameter } from '../decoders/diameter/messages.ts';
import { begin, camel, invoke, m3ua, sccp, tlv } from '../decoders/sctp/sigtran-messages.ts';
import { serverCertificate } from '../decoders/tls/test-certificates.ts';
import { bytes, hex, le16, le32, measured, type Part, sized8, u16, u32 } from './message-parts.ts';
import { addTalks, sctp, tcp, udp } from './talks.ts';
import { Tap } from './tap.ts';

const zeros = (length: number): Buffer => Buffer.alloc(length);

/** CRC of a block of DNP3 behind it (IEEE 1815 section 9.2.5.4). */
function block(data: Uint8Array): Buffer {
  let crc = 0;
  for (const byte of data) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit++) crc = (crc & 1) === 0 ? crc >>> 1 : (crc >>> 1) ^ 0xa6bc;
  }
  return bytes(data, le16(~crc & 0xffff));
}
/** A frame that fits one block. */
const dnp3 = (control: number, to: number, from: number, user: Buffer): Buffer =>
  bytes(block(bytes(0x05, 0x64, 5 + user.length, control, le16(to, from))), block(user));

/** A frame of IEEE C37.118: its CRC has the polynomial 0x1021 and begins with ones. */
function synchrophasor(kind: number, stream: number, ...parts: Part[]): Buffer {
  const frame = measured(2, 0xaa, kind, u16(0, stream), u32(1_760_000_000, 0), ...parts, u16(0));
  let crc = 0xffff;
  for (const byte of frame.subarray(0, -2)) {
    crc ^= byte << 8;
    for (let bit = 0; bit < 8; bit++) crc = ((crc << 1) ^ ((crc & 0x8000) === 0 ? 0 : 0x1021)) & 0xffff;
  }
  frame.writeUInt16BE(crc, frame.length - 2);
  return frame;
}
const name16 = (text: string): string => text.padEnd(16);
const configuration = bytes(
  ...[u32(1_000_000), u16(1), name16('North Substation'), u16(7, 15, 2, 1, 0)],
  ...[name16('VA'), name16('VB'), name16('ANALOG1'), u32(0, 0, 0x0100_0001), u16(1, 1, 30)],
);

const bacnet = (kind: number, ...parts: Part[]): Buffer => measured(2, 0x81, kind, u16(0), ...parts);

/** A message of EtherNet/IP (CIP volume 2, section 2-3). */
const enip = (command: number, session: number, ...parts: Part[]): Buffer =>
  bytes(le16(command, bytes(...parts).length), le32(session, 0), 'Context1', le32(0), ...parts);
/** Items of the common packet format. */
const items = (...list: (readonly [type: number, data: Buffer])[]): Buffer =>
  bytes(le16(list.length), ...list.map(([type, data]) => bytes(le16(type, data.length), data)));
const unconnected = (cip: Buffer): Buffer => bytes(le32(0), le16(5), items([0, zeros(0)], [0xb2, cip]));
const identity = bytes(
  ...[le16(1), u16(2, 44_818), hex('c6336450'), zeros(8), le16(1, 14, 54), 20, 11, le16(0x30), le32(0x6061_3f2a)],
  ...[sized8('1756-L61/B LOGIX'), 3],
);

const cotp = hex('02 f0 80');
const tpkt = (...parts: Part[]): Buffer => measured(2, 3, 0, u16(0), ...parts);

const opcua = (kind: string, ...parts: Part[]): Buffer => bytes(kind, le32(8 + bytes(...parts).length), ...parts);
const uaString = (value: Part): Buffer => bytes(le32(bytes(value).length), value);
const certificate = Buffer.from(serverCertificate.replaceAll(/-----[^-]+-----/g, ''), 'base64');
const policy = 'http://opcfoundation.org/UA/SecurityPolicy#Basic256Sha256';

const information = (control: number): Buffer => item(0xbe, item(0x28, item(0x81, bytes(control, hex('01 20')))));
const meterRequest = item(
  0x60,
  ...[item(0xa2, item(6, hex('607c86f7540116007b01'))), item(0xa6, item(6, hex('607c86f7540116007b02')))],
  ...[item(0xa8, item(2, hex('2c'))), information(0x80)],
);
const meterAnswer = item(
  0x60,
  ...[item(0xa2, item(6, hex('607c86f7540116007b02'))), item(0xa4, item(2, hex('2c')))],
  ...[item(0xa6, item(6, hex('607c86f7540116007b01'))), item(0xa8, item(2, hex('07'))), information(0x82)],
);

const pana = (flags: number, type: number, session: number, sequence: number, ...avps: Part[]): Buffer =>
  measured(2, u16(0, 0, flags, type), u32(session, sequence), ...avps);
const eap = (code: number, ...parts: Part[]): Buffer => {
  const packet = measured(2, code, 7, u16(0), 1, ...parts);
  return bytes(u16(2, 0, packet.length, 0), packet, zeros(-packet.length & 3));
};

// Diameter (RFC 6733) and the S6a of 3GPP TS 29.272.
const peer = (host: string): Buffer[] => [avp(264, `${host}.epc.example`), avp(296, 'epc.example')];
const capabilities = (host: string): Buffer[] => [
  ...peer(host),
  avp(257, hex('0001 c000020a')),
  avp(266, u32(0)),
  avp(269, 'golden'),
];
const location = [
  ...[avp(263, 'mme.epc.example;1;1'), avp(277, u32(1)), ...peer('mme'), avp(283, 'epc.example'), avp(1, '001010123456789')],
];

/** A DATA chunk that is a whole message (RFC 9260 section 3.3.1). */
function data(sequence: number, protocol: number, user: Buffer): Buffer {
  return bytes(0, 3, u16(16 + user.length), u32(sequence, 0, protocol), user, zeros(-user.length & 3));
}
const init = (kind: number): Buffer => measured(2, kind, 0, u16(0), u32(0x5eed_0001, 65_536), u16(10, 10), u32(1));
const acknowledged = (sequence: number): Buffer => bytes(3, 0, u16(16), u32(sequence, 65_536), u16(0, 0));
const initialDp = invoke(
  '00',
  tlv('80', '05'),
  tlv('82', '03 10 2143 65'),
  tlv('83', '83 11 2143 f5'),
  tlv('9f32', '00 01 01 21 43 65 87 f9'),
);

const talks = [
  tcp(
    502,
    [0, hex('0001 0000 0006 11 03 006b 0003')],
    [1, hex('0001 0000 0009 11 03 06 022b 0000 0064')],
    [0, hex('0002 0000 0006 11 05 00ac ff00')],
    [1, hex('0002 0000 0003 11 85 02')],
  ),
  tcp(
    20_000,
    [0, dnp3(0xc4, 10, 1, hex('c0 c1 01 3c0206 3c0306 3c0406'))],
    [1, dnp3(0x44, 1, 10, hex('c0 c1 81 8000'))],
    [0, dnp3(0xc4, 10, 1, hex('c1 c2 02 3201 07 01 00c0a1d09801'))],
  ),
  udp(
    47_808,
    [0, bacnet(11, hex('01 20 ffff 00 ff 10 08'))],
    [1, bacnet(11, hex('01 00 10 00 c4 020004d2 22 0400 91 03 22 0104'))],
    [0, bacnet(10, hex('01 04 00 05 01 0c 0c 020004d2 19 4d'))],
    [1, bacnet(10, hex('01 00 30 01 0c 0c 020004d2 19 4d 3e 75 09 00'), 'Boiler 1', 0x3f)],
  ),
  tcp(
    44_818,
    [0, enip(0x65, 0, le16(1, 0))],
    [1, enip(0x65, 0x0b16_0001, le16(1, 0))],
    [0, enip(0x6f, 0x0b16_0001, unconnected(hex('0e 03 20 01 24 01 30 07')))],
    [1, enip(0x6f, 0x0b16_0001, unconnected(bytes(hex('8e 00 00 00'), sized8('1756-L61/B LOGIX'))))],
    [0, enip(0x66, 0x0b16_0001)],
  ),
  udp(44_818, [0, enip(0x63, 0)], [1, enip(0x63, 0, items([12, identity]))]),
  tcp(
    102,
    [0, tpkt(hex('11 e0 0000 0003 00 c0 01 0a c1 02 0100 c2 02 0102'))],
    [1, tpkt(hex('11 d0 0003 0001 00 c0 01 0a c1 02 0100 c2 02 0102'))],
    [0, tpkt(cotp, hex('32 01 0000 0001 0008 0000 f0 00 0001 0001 01e0'))],
    [1, tpkt(cotp, hex('32 03 0000 0001 0008 0000 00 00 f0 00 0001 0001 00f0'))],
    [0, tpkt(cotp, hex('32 01 0000 0002 000e 0000 04 01 12 0a 10 02 0001 0000 83 000000'))],
    [1, tpkt(cotp, hex('32 03 0000 0002 0002 0005 00 00 04 01 ff 04 0008 2a'))],
    [0, tpkt(cotp, hex('32 01 0000 0003 0010 0000 29 00 00 00 00 00 09'), 'P_PROGRAM')],
    [1, tpkt(cotp, hex('32 02 0000 0003 0000 0000 81 04'))],
  ),
  tcp(
    4840,
    [0, opcua('HELF', le32(0, 65_536, 65_536, 0, 0), uaString('opc.tcp://plant.example:4840/line1'))],
    [1, opcua('ACKF', le32(0, 65_536, 65_536, 0, 0))],
    [0, opcua('OPNF', le32(0), uaString(policy), uaString(certificate), uaString(Buffer.alloc(20, 7)), Buffer.alloc(256, 0xee))],
  ),
  tcp(1153, [0, meterRequest], [1, meterAnswer]),
  tcp(
    4712,
    [0, synchrophasor(0x41, 7, u16(5))],
    [1, synchrophasor(0x31, 7, configuration)],
    [0, synchrophasor(0x41, 7, u16(2))],
    [1, synchrophasor(0x01, 7, u16(0), u32(0x3f80_0000, 0, 0x3f80_0000, 0, 0, 0, 0))],
  ),
  udp(
    716,
    [0, pana(0, 1, 0, 0)],
    [1, pana(0xc000, 2, 0x0abb_ccdd, 1, eap(1))],
    [0, pana(0x4000, 2, 0x0abb_ccdd, 1, eap(2, 'ann@example.org'))],
  ),
  tcp(
    3868,
    [0, diameter(0x80, 257, 0, capabilities('mme'))],
    [1, diameter(0, 257, 0, [avp(268, u32(2001)), ...capabilities('hss')])],
    [0, diameter(0xc0, 316, 16_777_251, location)],
    [
      1,
      diameter(0x40, 316, 16_777_251, [avp(263, 'mme.epc.example;1;1'), avp(268, u32(5012)), avp(277, u32(1)), ...peer('hss')]),
    ],
  ),
  sctp(
    3868,
    [0, init(1)],
    [1, init(2)],
    [0, data(1, 46, diameter(0xc0, 316, 16_777_251, location))],
    [1, acknowledged(1)],
    [1, data(1, 46, diameter(0x40, 316, 16_777_251, [avp(263, 'mme.epc.example;1;1'), avp(268, u32(2001)), ...peer('hss')]))],
  ),
  sctp(
    2905,
    [0, init(1)],
    [1, init(2)],
    [0, data(1, 3, hex('01 00 03 01 00000008'))],
    [1, data(1, 3, hex('01 00 03 04 00000008'))],
    [0, data(2, 3, m3ua('03', sccp(begin(camel, initialDp))))],
    [1, acknowledged(2)],
  ),
];

export function industryCapture(): Buffer {
  return addTalks(new Tap(), talks).pcap();
}
