// What keeps a network going: ARP, ICMP, OSPF, IGMP, PIM, LLDP, IS-IS, ES-IS, BGP, RIP, DHCP, SNMP, NTP, PTP, RADIUS, TFTP, syslog,
// NetFlow, portmap.

import { item } from '../decoders/ber-items.ts';
import { arp, checksum, EtherType, ethernet, etherTypeOf, type Host, ip, Protocol } from './layers.ts';
import { bytes, hex, measured, type Part, sized8, u16, u32 } from './message-parts.ts';
import { addTalks, type Talk, tcp, udp } from './talks.ts';
import { client, server, Tap } from './tap.ts';

const zeros = (length: number): Buffer => Buffer.alloc(length);
const router: Host = { mac: '02:00:5e:00:53:11', ip: '192.0.2.1' };
const group = (mac: string, address: string): Host => ({ mac, ip: address });

/** With its internet checksum at `at`. */
function summed(at: number, ...parts: Part[]): Buffer {
  const message = bytes(...parts);
  message.writeUInt16BE(checksum(message), at);
  return message;
}

// OSPF 2 (RFC 2328 appendix A.3), the second one with a password, which the checksum leaves out.
const ospf = (type: number, authentication: 0 | 1, password: Part, ...body: Part[]): Buffer => {
  const sum = summed(12, ...[2, type, u16(24 + bytes(...body).length), hex('c0000201'), u32(0), u16(0, authentication), ...body]);
  return bytes(sum.subarray(0, 16), password, sum.subarray(16));
};
const hello = bytes(u32(0xffff_ff00), u16(10), 2, 1, u32(40), hex('c0000201'), u32(0));
const linkState = bytes(u16(1, 0x0201), hex('c0000201 c0000201'), u32(0x8000_0001), u16(0x9a3c, 24));

// LLDP (IEEE 802.1AB): chassis, port, time to live, name, capabilities, management address.
const lldp = (type: number, ...parts: Part[]): Buffer => bytes(u16((type << 9) | bytes(...parts).length), ...parts);
const neighbour = bytes(
  ...[lldp(1, 4, hex('02005e005311')), lldp(2, 5, 'ge-0/0/1'), lldp(3, u16(120)), lldp(4, 'to core'), lldp(5, 'edge-1')],
  ...[lldp(6, 'switch OS 1.2'), lldp(7, u16(0x14, 0x04)), lldp(8, 5, 1, hex('c0000201'), 2, u32(7), 0), lldp(0)],
);
/** A frame of IEEE 802.2: a length instead of an EtherType. */
const logicalLink = (to: string, ...parts: Part[]): Buffer => {
  const payload = bytes(...parts);
  return ethernet(router, to, payload.length, bytes(payload, zeros(Math.max(0, 46 - payload.length))));
};
const systemId = hex('1920 0000 2001');
const lanHello = bytes(
  ...[hex('83 1b 01 00 0f 01 00 00'), 1, systemId, u16(30), u16(27 + 4 + 6), 0x40, systemId, 1],
  ...[hex('01 02 01 49'), hex('84 04 c0000201')],
);

const bgp = (type: number, ...body: Part[]): Buffer => measured(16, Buffer.alloc(16, 0xff), u16(0), type, ...body);
const open = (as: number, id: string): Buffer => bgp(1, 4, u16(as, 180), hex(id), sized8(hex('02 06 01 04 0001 0001')));
const update = bgp(2, u16(0), u16(20), hex('40 01 01 00 40 02 06 02 02 fde9 fdea 40 03 04 c0000201'), hex('18 cb0071'));

// DHCP (RFC 2131): options behind the cookie.
const dhcp = (operation: 1 | 2, your: string, ...options: Part[]): Buffer =>
  bytes(
    ...[operation, 1, 6, 0, hex('3903f326'), u16(0, operation === 1 ? 0x8000 : 0), u32(0), hex(your), hex('00000000 00000000')],
    ...[hex('02005e005342'), zeros(10 + 64 + 128), hex('63825363'), ...options, 0xff, zeros(20)],
  );
const nobody: Host = { mac: '02:00:5e:00:53:42', ip: '0.0.0.0' };
const everybody: Host = { mac: 'ff:ff:ff:ff:ff:ff', ip: '255.255.255.255' };
const leaser: Host = { mac: '02:00:5e:00:53:fe', ip: '192.0.2.2' };
const local: Host = { mac: '02:00:5e:00:53:42', ip: 'fe80::42' };
const servers6 = group('33:33:00:01:00:02', 'ff02::1:2');
const clientId = hex('0001 000e 0001 0001 2c0ffee0 02005e005342');

// SNMP (RFC 3416, RFC 3412).
const number = (value: number): Buffer => item(2, Buffer.of(value));
const sysName = item(6, hex('2b06 0102 0101 0500'));
const snmp = (version: number, kind: number, status: number, ...variables: Buffer[]): Buffer =>
  item(0x30, number(version), item(4, 'public'), item(kind, number(7), number(status), number(0), item(0x30, ...variables)));
const snmp3 = item(
  0x30,
  ...[number(3), item(0x30, number(7), item(2, hex('7fe3')), item(4, '\x03'), number(3))],
  item(
    4,
    item(
      0x30,
      item(4, hex('80001f8880e9bd0c1d12667a51')),
      number(2),
      number(100),
      item(4, 'Operator'),
      item(4, zeros(12)),
      item(4, zeros(8)),
    ),
  ),
  item(4, Buffer.alloc(48, 0xee)),
);
const trap = item(
  0x30,
  ...[number(0), item(4, 'public')],
  item(
    0xa4,
    ...[item(6, hex('2b06010401 8937')), item(0x40, hex('c0000201')), number(2), number(0), item(0x43, '\x64'), item(0x30)],
  ),
);

const ntp = (first: number, stratum: number, reference: Part): Buffer =>
  bytes(
    first,
    stratum,
    6,
    0xec,
    u32(0x1200, 0x0800),
    reference,
    u32(0xec8f_2a00, 0, 0xec8f_2b00, 0, 0xec8f_2b00, 1, 0xec8f_2b00, 2),
  );
const ptp = (type: number, ...body: Part[]): Buffer =>
  measured(2, type, 2, u16(0), hex('00 00 0200'), zeros(12), hex('02005efffe005311 0001 0001 00 00'), ...body);

/** The example of RFC 2865 section 7.1. */
const accessRequest = hex(
  '01 00 0038 0f403f9473978057bd83d5cb98f4227a 01 06 6e656d6f 02 12 0dbe708d93d413ce3196e43f782a0aee 04 06 c0a80110 05 06 00000003',
);
const accessAccept = hex('02 00 0026 86fe220e7624ba2a1005f6bf9b55e0b2 06 06 00000001 0f 06 00000000 0e 06 c0a80103');
const accounting = measured(
  2,
  4,
  1,
  u16(0),
  zeros(16),
  1,
  sized8Whole('nemo'),
  31,
  sized8Whole('02-00-5E-00-53-42'),
  hex('08 06 c0000242'),
);

/** An attribute's length counts its type and itself. */
function sized8Whole(text: string): Buffer {
  return bytes(text.length + 2, text);
}

const call = bytes(u32(0x1234, 0, 2, 100_000, 2, 3, 0, 0, 0, 0), u32(100_003, 3, 6, 0));
const answer = u32(0x1234, 1, 0, 0, 0, 0, 2049);

const talks: readonly Talk[] = [
  tcp(
    179,
    [0, open(65_001, 'c0000201')],
    [1, bytes(open(65_002, 'c6336450'), bgp(4))],
    [0, bytes(bgp(4), update, bgp(5, hex('0001 00 01')))],
    [1, bgp(3, 6, 2)],
  ),
  {
    ...udp(520, [0, hex('02 02 0000 0002 0000 c6336400 ffffff00 00000000 00000001')]),
    from: 520,
    hosts: [router, group('01:00:5e:00:00:09', '224.0.0.9')],
  },
  {
    ...udp(67, [0, dhcp(1, '00000000', hex('35 01 01'), 12, sized8('Desk7'), 60, sized8('MSFT 5.0'), hex('37 04 01030f06'))]),
    from: 68,
    hosts: [nobody, everybody],
  },
  {
    ...udp(
      67,
      [0, dhcp(1, '00000000', hex('35 01 03 32 04 c0000242 36 04 c0000202'))],
      [1, dhcp(2, 'c0000242', hex('35 01 05 33 04 00015180 01 04 ffffff00'))],
    ),
    from: 68,
    hosts: [{ ...nobody, ip: '192.0.2.66' }, leaser],
  },
  {
    ...udp(547, [0, bytes(1, hex('0a0b0c'), clientId, hex('0008 0002 0000 0006 0004 0017 0018'))]),
    from: 546,
    hosts: [local, servers6],
  },
  {
    ...udp(547, [0, bytes(3, hex('0a0b0d'), clientId)], [1, bytes(7, hex('0a0b0d'), clientId)]),
    from: 546,
    hosts: [local, { ...leaser, ip: 'fe80::2' }],
  },
  udp(
    161,
    [0, snmp(1, 0xa0, 0, item(0x30, sysName, item(5)))],
    [1, snmp(1, 0xa2, 0, item(0x30, sysName, item(4, 'edge-1')))],
    [0, snmp(0, 0xa3, 0, item(0x30, sysName, item(4, 'x')))],
    [1, snmp(0, 0xa2, 4, item(0x30, sysName, item(4, 'x')))],
  ),
  udp(161, [0, snmp3]),
  udp(162, [0, trap]),
  { ...udp(123, [0, ntp(0xe3, 0, 'INIT')], [1, ntp(0x24, 2, hex('c0000263'))]), from: 123 },
  { ...udp(319, [0, ptp(0x00, zeros(10))]), from: 319, hosts: [router, group('01:00:5e:00:01:81', '224.0.1.129')] },
  { ...udp(320, [0, ptp(0x08, zeros(10))]), from: 320, hosts: [router, group('01:00:5e:00:01:81', '224.0.1.129')] },
  udp(1812, [0, accessRequest], [1, accessAccept]),
  udp(1813, [0, accounting]),
  udp(
    69,
    [0, '\0\x01boot/pxe.0\0octet\0blksize\x001024\0'],
    [1, '\0\x06blksize\x001024\0'],
    [0, hex('0004 0000')],
    [1, '\0\x03\0\x01kernel'],
    [0, hex('0004 0001')],
  ),
  udp(69, [0, '\0\x02notes.txt\0netascii\0'], [1, '\0\x05\0\x02denied\0']),
  udp(514, [0, "<34>1 2003-10-11T22:14:15.003Z mymachine.example.com su - ID47 - 'su root' failed for lonvick on /dev/pts/8"]),
  udp(2055, [0, bytes(u16(5, 1), u32(1000, 1_760_000_000, 0, 1), zeros(4), hex('c000020a c6336450 00000000'), zeros(36))]),
  udp(111, [0, call], [1, answer]),
];

export function networkCapture(): Buffer {
  const tap = new Tap();
  const packet = (from: Host, to: Host, protocol: number, payload: Buffer): void =>
    tap.frame(ethernet(from, to, etherTypeOf(from), ip(from, to, protocol, payload)));
  // Who has it, and an announcement of one's own address.
  tap.frame(ethernet(client, 'ff:ff:ff:ff:ff:ff', EtherType.arp, arp(1, client, router)));
  tap.frame(ethernet(router, client, EtherType.arp, arp(2, router, client)));
  tap.frame(ethernet(leaser, 'ff:ff:ff:ff:ff:ff', EtherType.arp, arp(1, leaser, leaser)));
  // A time stamp, and a datagram that did not arrive with its beginning (RFC 792).
  packet(client, server, Protocol.icmp, summed(2, 13, 0, u16(0, 7, 1), u32(1000, 0, 0)));
  packet(server, client, Protocol.icmp, summed(2, 14, 0, u16(0, 7, 1), u32(1000, 1005, 1005)));
  packet(
    router,
    client,
    Protocol.icmp,
    summed(2, 3, 1, u16(0), u32(0), hex('4500 0024 0001 0000 4011 0000 c000020a c6336463 9c40 2328 0010 0000')),
  );
  const allRouters = group('01:00:5e:00:00:05', '224.0.0.5');
  packet(router, allRouters, 89, ospf(1, 0, zeros(8), hello));
  packet(router, allRouters, 89, ospf(5, 1, 'opensesa', linkState));
  packet(client, group('01:00:5e:01:02:03', '239.1.2.3'), 2, summed(2, 0x16, 0, u16(0), hex('ef010203')));
  packet(client, group('01:00:5e:00:00:16', '224.0.0.22'), 2, summed(2, 0x22, 0, u16(0, 0, 1), 4, 0, u16(0), hex('ef010203')));
  packet(
    router,
    group('01:00:5e:00:00:0d', '224.0.0.13'),
    103,
    summed(2, 0x20, 0, u16(0), hex('0001 0002 0069 0014 0004 3f2a1c09')),
  );
  tap.frame(ethernet(router, '01:80:c2:00:00:0e', 0x88cc, neighbour));
  tap.frame(logicalLink('01:80:c2:00:00:14', hex('fefe03'), lanHello));
  tap.frame(logicalLink('09:00:2b:00:00:05', hex('fefe03 82 0d 01 00 02 003c 0000 01 02 4900')));
  tap.frame(logicalLink('01:80:c2:00:00:00', hex('0001af 810100')));
  return addTalks(tap, talks).pcap();
}
