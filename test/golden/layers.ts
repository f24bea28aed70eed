// Network layers as bytes, with right lengths and checksums, for the golden captures: what tools/traces does not need
// (IPv6, VLANs, tunnels, fragments, ICMP, ARP). Each function puts one header before its payload.

export interface Host {
  /** `02:00:5e:00:53:01` */
  readonly mac: string;
  /** Dotted IPv4, or IPv6. */
  readonly ip: string;
}

export const EtherType = { ipv4: 0x0800, arp: 0x0806, vlan: 0x8100, qinq: 0x88a8, ipv6: 0x86dd } as const;
export const Protocol = { icmp: 1, tcp: 6, udp: 17, gre: 47, icmpv6: 58, sctp: 132 } as const;

const u16 = (...values: number[]): Buffer => Buffer.from(values.flatMap((value) => [(value >> 8) & 255, value & 255]));

export function u32(value: number): Buffer {
  return u16(value >>> 16, value & 0xffff);
}

function macBytes(mac: string): Buffer {
  return Buffer.from(mac.replaceAll(':', ''), 'hex');
}

export function ipBytes(ip: string): Buffer {
  if (!ip.includes(':')) return Buffer.from(ip.split('.').map(Number));
  const [head = '', tail = ''] = ip.split('::');
  const groups = (part: string): Buffer =>
    u16(...(part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16))));
  const [front, back] = [groups(head), groups(tail)];
  return Buffer.concat([front, Buffer.alloc(16 - front.length - back.length), back]);
}

/** Internet checksum (RFC 1071). */
export function checksum(...parts: Buffer[]): number {
  const bytes = Buffer.concat(parts);
  let sum = 0;
  for (let at = 0; at < bytes.length; at += 2) sum += ((bytes[at] as number) << 8) | (bytes[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

/** What the checksum of a layer above IP covers besides it (RFC 9293 section 3.1, RFC 8200 section 8.1). */
function pseudoHeader(from: Host, to: Host, protocol: number, length: number): Buffer {
  return Buffer.concat([ipBytes(from.ip), ipBytes(to.ip), u32(length), u32(protocol)]);
}

export function ethernet(from: Host, to: Host | string, etherType: number, payload: Buffer): Buffer {
  return Buffer.concat([macBytes(typeof to === 'string' ? to : to.mac), macBytes(from.mac), u16(etherType), payload]);
}

/** A VLAN tag with what it is around: goes behind an Ethernet header of type `vlan` or `qinq`. */
export function vlan(id: number, etherType: number, payload: Buffer): Buffer {
  return Buffer.concat([u16(id, etherType), payload]);
}

export interface Ipv4Options {
  readonly id?: number;
  readonly ttl?: number;
  /** Offset in bytes and whether more fragments follow. */
  readonly fragment?: readonly [offset: number, more: boolean];
}

export function ipv4(from: Host, to: Host, protocol: number, payload: Buffer, options: Ipv4Options = {}): Buffer {
  const [offset, more] = options.fragment ?? [0, false];
  const head = Buffer.concat([
    u16(
      0x4500,
      20 + payload.length,
      options.id ?? 1,
      (more ? 0x2000 : options.fragment === undefined ? 0x4000 : 0) | (offset >> 3),
    ),
    Buffer.of(options.ttl ?? 64, protocol, 0, 0),
    ipBytes(from.ip),
    ipBytes(to.ip),
  ]);
  head.writeUInt16BE(checksum(head), 10);
  return Buffer.concat([head, payload]);
}

export function ipv6(from: Host, to: Host, next: number, payload: Buffer, hopLimit = 64): Buffer {
  return Buffer.concat([
    u32(0x60000000),
    u16(payload.length),
    Buffer.of(next, hopLimit),
    ipBytes(from.ip),
    ipBytes(to.ip),
    payload,
  ]);
}

/** IPv4 or IPv6, by the address. */
export function ip(from: Host, to: Host, protocol: number, payload: Buffer): Buffer {
  return from.ip.includes(':') ? ipv6(from, to, protocol, payload) : ipv4(from, to, protocol, payload);
}

export function etherTypeOf(host: Host): number {
  return host.ip.includes(':') ? EtherType.ipv6 : EtherType.ipv4;
}

export function udp(from: Host, fromPort: number, to: Host, toPort: number, payload: Uint8Array): Buffer {
  const segment = Buffer.concat([u16(fromPort, toPort, 8 + payload.length, 0), payload]);
  segment.writeUInt16BE(checksum(pseudoHeader(from, to, Protocol.udp, segment.length), segment) || 0xffff, 6);
  return segment;
}

export interface TcpWords {
  readonly fromPort: number;
  readonly toPort: number;
  readonly sequence: number;
  readonly acknowledgement: number;
  /** FIN 1, SYN 2, RST 4, PSH 8, ACK 16. */
  readonly flags: number;
  readonly payload: Uint8Array;
}

export function tcp(from: Host, to: Host, words: TcpWords): Buffer {
  const segment = Buffer.concat([
    u16(words.fromPort, words.toPort),
    u32(words.sequence >>> 0),
    u32(words.acknowledgement >>> 0),
    Buffer.of(0x50, words.flags),
    u16(65535, 0, 0),
    words.payload,
  ]);
  segment.writeUInt16BE(checksum(pseudoHeader(from, to, Protocol.tcp, segment.length), segment), 16);
  return segment;
}

/** ICMP echo request (8) or reply (0); ICMPv6 128 and 129. */
export function echo(from: Host, to: Host, type: number, id: number, sequence: number): Buffer {
  const message = Buffer.concat([Buffer.of(type, 0, 0, 0), u16(id, sequence), Buffer.from('abcdefghijklmnop')]);
  const pseudo = type >= 128 ? pseudoHeader(from, to, Protocol.icmpv6, message.length) : Buffer.alloc(0);
  message.writeUInt16BE(checksum(pseudo, message), 2);
  return message;
}

/** ARP for IPv4 over Ethernet (RFC 826): 1 request, 2 reply. */
export function arp(operation: number, from: Host, to: Host): Buffer {
  const asked = operation === 1 ? Buffer.alloc(6) : macBytes(to.mac);
  return Buffer.concat([
    u16(1, EtherType.ipv4),
    Buffer.of(6, 4),
    u16(operation),
    macBytes(from.mac),
    ipBytes(from.ip),
    asked,
    ipBytes(to.ip),
  ]);
}

/** VXLAN header around an Ethernet frame (RFC 7348). */
export function vxlan(vni: number, frame: Buffer): Buffer {
  return Buffer.concat([u32(0x08000000), u32(vni << 8), frame]);
}

/** GRE with a key around a packet (RFC 2890). */
export function gre(key: number, etherType: number, packet: Buffer): Buffer {
  return Buffer.concat([u16(0x2000, etherType), u32(key), packet]);
}
