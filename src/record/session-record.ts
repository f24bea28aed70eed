// The fields that every record of a session carries, and the session's own record. ECS names where ECS has one.

import { type DirectValue, defineRecordType, type Field, type RecordType, type SessionField } from './contract.ts';
import { positionGaps } from './position-gaps.ts';
import { identityMost, type SessionFacts } from './session-facts.ts';
import { TextTable, tableTextMost } from './text-table.ts';

const protocolNumbers: readonly string[] = Array.from({ length: 256 }, (_, number) => String(number));

/** By IP protocol: its IANA keyword, or the number where it has none. */
const transportNames: readonly string[] = withNumbers([
  [1, 'icmp'],
  [2, 'igmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [47, 'gre'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'ipv6-icmp'],
  [89, 'ospf'],
  [103, 'pim'],
  [112, 'vrrp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

const transportTexts = new TextTable(transportNames);
const protocolTexts = new TextTable(protocolNumbers);
const ipTypeTexts = new TextTable(['ipv4', 'ipv6']);

function withNumbers(names: readonly (readonly [number, string])[]): readonly string[] {
  const all = [...protocolNumbers];
  for (const [number, name] of names) all[number] = name;
  return all;
}

const etherTypeNames = new Map([
  [0x0800, 'ipv4'],
  [0x0806, 'arp'],
  [0x8035, 'rarp'],
  [0x86dd, 'ipv6'],
  [0x8808, 'ethernet_flow_control'],
  [0x8809, 'slow_protocols'],
  [0x888e, 'eapol'],
  [0x88cc, 'lldp'],
  [0x88f7, 'ptp'],
]);

/** `ipv4`, `ipv6`, or the name of the EtherType. */
function networkType(facts: SessionFacts): string {
  if (facts.ipVersion === 4) return 'ipv4';
  if (facts.ipVersion === 6) return 'ipv6';
  return etherTypeNames.get(facts.etherType) ?? `0x${facts.etherType.toString(16).padStart(4, '0')}`;
}

/** ECS writes MAC addresses in upper case with hyphens (RFC 7042). */
function ecsMac(mac: string | undefined): string | undefined {
  return mac?.toUpperCase().replaceAll(':', '-');
}

const isIp = (facts: SessionFacts): boolean => facts.ipVersion !== 0;

function identity(write: DirectValue<SessionFacts>['write']): DirectValue<SessionFacts> {
  return { most: identityMost, write };
}

function table(write: DirectValue<SessionFacts>['write']): DirectValue<SessionFacts> {
  return { most: tableTextMost, write };
}

/** Added to every record that has a session. */
export const flowFields: readonly Field<SessionFacts>[] = [
  {
    name: 'session.id',
    type: 'keyword',
    meaning: 'Joins all records of one session.',
    value: (s) => s.id,
    direct: identity((s, writer, at) => s.writeId(writer, at)),
  },
  {
    name: 'source.ip',
    type: 'ip',
    meaning: 'Address of the side that opened the session.',
    value: (s) => (isIp(s) ? s.sourceAddress : undefined),
    direct: identity((s, writer, at) => (isIp(s) ? s.writeAddress(0, writer, at) : at)),
  },
  { name: 'source.port', type: 'long', meaning: 'Its port.', value: (s) => (s.hasPorts ? s.sourcePort : undefined) },
  {
    name: 'source.mac',
    type: 'keyword',
    meaning: 'MAC address in the first frame it sent.',
    value: (s) => ecsMac(isIp(s) ? s.sourceMac : s.sourceAddress),
    direct: identity((s, writer, at) => s.writeMac(0, writer, at)),
  },
  {
    name: 'destination.ip',
    type: 'ip',
    meaning: 'Address of the other side.',
    value: (s) => (isIp(s) ? s.destinationAddress : undefined),
    direct: identity((s, writer, at) => (isIp(s) ? s.writeAddress(1, writer, at) : at)),
  },
  { name: 'destination.port', type: 'long', meaning: 'Its port.', value: (s) => (s.hasPorts ? s.destinationPort : undefined) },
  {
    name: 'destination.mac',
    type: 'keyword',
    meaning: 'MAC address of the other side in the first frame.',
    value: (s) => ecsMac(isIp(s) ? s.destinationMac : s.destinationAddress),
    direct: identity((s, writer, at) => s.writeMac(1, writer, at)),
  },
  {
    name: 'network.type',
    type: 'keyword',
    meaning: 'ipv4, ipv6, or the EtherType of a layer-2 session.',
    value: networkType,
    direct: table((s, writer, at) =>
      isIp(s) ? ipTypeTexts.write(s.ipVersion === 4 ? 0 : 1, writer, at) : writer.text(at, networkType(s)),
    ),
  },
  {
    name: 'network.transport',
    type: 'keyword',
    meaning: 'Protocol above IP, by its IANA keyword.',
    value: (s) => (isIp(s) ? transportNames[s.protocol] : undefined),
    direct: table((s, writer, at) => (isIp(s) ? transportTexts.write(s.protocol, writer, at) : at)),
  },
  {
    name: 'network.iana_number',
    type: 'keyword',
    meaning: 'IP protocol number.',
    value: (s) => (isIp(s) ? protocolNumbers[s.protocol] : undefined),
    direct: table((s, writer, at) => (isIp(s) ? protocolTexts.write(s.protocol, writer, at) : at)),
  },
  {
    name: 'network.community_id',
    type: 'keyword',
    meaning: 'Community ID version 1 of the flow.',
    value: (s) => (isIp(s) ? s.communityId : undefined),
    direct: identity((s, writer, at) => (isIp(s) ? s.writeCommunityId(writer, at) : at)),
  },
];

const flagLetters = ['F', 'S', 'R', 'P', 'A', 'U', 'E', 'C'];

/** By value: TCP flags as letters in the order of their bits: FIN, SYN, RST, PSH, ACK, URG, ECE, CWR. */
const flagTexts: readonly string[] = Array.from({ length: 256 }, (_, flags) =>
  flagLetters.filter((_letter, bit) => (flags & (1 << bit)) !== 0).join(''),
);

const isUdp = (facts: SessionFacts): boolean => facts.protocol === 17 && isIp(facts);
const flagLetterTexts = new TextTable(flagTexts);

const isTcp = (facts: SessionFacts): boolean => facts.protocol === 6 && isIp(facts);

type Side = readonly ['source' | 'destination', 0 | 1];
const sides: readonly Side[] = [
  ['source', 0],
  ['destination', 1],
];

function sideFields([side, direction]: Side): Field<SessionFacts>[] {
  return [
    { name: `${side}.packets`, type: 'long', meaning: `Packets sent by the ${side}.`, value: (s) => s.packets(direction) },
    {
      name: `${side}.bytes`,
      type: 'long',
      meaning: `Frame bytes sent by the ${side}, as on the wire.`,
      value: (s) => s.bytes(direction),
    },
    {
      name: `session.${side}.payload_bytes`,
      type: 'long',
      meaning: `Distinct layer-4 payload bytes sent by the ${side}; retransmissions count once.`,
      value: (s) => s.payloadBytes(direction),
    },
    {
      name: `session.${side}.ttl`,
      type: 'long',
      meaning: `TTL or hop limit of the ${side}'s first packet.`,
      value: (s) => s.ttl(direction) || undefined,
    },
    {
      name: `session.${side}.duplicate_packets`,
      type: 'long',
      meaning: `UDP datagrams of the ${side} that were captured twice: IPv4 identification and checksum as one of the three before, within 10 ms. Their payload counts once.`,
      value: (s) => (isUdp(s) ? s.retransmittedPackets(direction) || undefined : undefined),
    },
    {
      name: `tcp.${side}.flags`,
      type: 'keyword',
      meaning: `All TCP flags the ${side} sent, letters FSRPAUEC.`,
      value: (s) => (isTcp(s) ? flagTexts[s.tcpFlags(direction)] : undefined),
      direct: table((s, writer, at) => {
        const flags = isTcp(s) ? s.tcpFlags(direction) : 0;
        return flags === 0 ? at : flagLetterTexts.write(flags, writer, at);
      }),
    },
    {
      name: `tcp.${side}.gap_bytes`,
      type: 'long',
      meaning: `Stream bytes of the ${side} that were never seen.`,
      value: (s) => (isTcp(s) ? s.gapBytes(direction) || undefined : undefined),
    },
    {
      name: `tcp.${side}.retransmitted_packets`,
      type: 'long',
      meaning: `Packets of the ${side} that brought only bytes seen before.`,
      value: (s) => (isTcp(s) ? s.retransmittedPackets(direction) || undefined : undefined),
    },
    {
      name: `tcp.${side}.out_of_order_packets`,
      type: 'long',
      meaning: `Packets of the ${side} that came before earlier bytes.`,
      value: (s) => (isTcp(s) ? s.outOfOrderPackets(direction) || undefined : undefined),
    },
  ];
}

const sessionOwnFields: readonly Field<SessionFacts>[] = [
  { name: 'event.start', type: 'date', meaning: 'Time of the first packet of this part.', value: (s) => s.startUs },
  { name: 'event.end', type: 'date', meaning: 'Time of the last packet.', value: (s) => s.lastUs },
  {
    name: 'event.duration',
    type: 'long',
    meaning: 'Nanoseconds from first to last packet.',
    value: (s) => Math.max(0, s.lastUs - s.startUs) * 1000,
  },
  { name: 'network.protocol', type: 'keyword', meaning: 'First application protocol recognised.', value: (s) => s.protocols[0] },
  { name: 'network.packets', type: 'long', meaning: 'Packets of both sides.', value: (s) => s.packets(0) + s.packets(1) },
  { name: 'network.bytes', type: 'long', meaning: 'Frame bytes of both sides.', value: (s) => s.bytes(0) + s.bytes(1) },
  {
    name: 'network.vlan.id',
    type: 'keyword',
    meaning: 'Outermost VLAN id.',
    value: (s) => (s.vlanIds.length > 0 ? String(s.vlanIds[0]) : undefined),
  },
  {
    name: 'network.inner.vlan.id',
    type: 'keyword',
    meaning: 'Second VLAN id (QinQ, or inside a tunnel).',
    value: (s) => (s.vlanIds.length > 1 ? String(s.vlanIds[1]) : undefined),
  },
  {
    name: 'session.tunnels',
    type: 'object',
    many: true,
    meaning: 'Tunnels around the session, outermost first: type, outer addresses, id (VNI, TEID, key).',
    value: (s) =>
      s.tunnels.length === 0
        ? undefined
        : s.tunnels.map((tunnel) => ({
            type: tunnel.type,
            source: { ip: tunnel.sourceAddress || undefined },
            destination: { ip: tunnel.destinationAddress || undefined },
            id: tunnel.id || undefined,
          })),
  },
  {
    name: 'session.protocols',
    type: 'keyword',
    many: true,
    meaning: 'Application protocols recognised, in order.',
    value: (s) => s.protocols,
  },
  {
    name: 'session.end',
    type: 'keyword',
    meaning:
      'Why the record was written: fin, reset, timeout, evicted, reused, stopped, rule (one said so), or part (the session goes on).',
    value: (s) => s.end,
  },
  {
    name: 'session.part',
    type: 'long',
    meaning: 'n-th part of a long session, from 0; counters are those of the part.',
    value: (s) => s.part || undefined,
  },
  {
    name: 'session.midstream',
    type: 'boolean',
    meaning: 'The start of the connection was not seen.',
    value: (s) => s.midstream || undefined,
  },
  {
    name: 'pcap.packet_pos',
    type: 'long',
    many: true,
    meaning:
      'Where the packets are stored (output pcap): a negative number names the file of the following positions, which are differences, 0 repeating the last one; with a local index offset and length there. At most the first 4096.',
    value: storedPositions,
  },
  { name: 'tcp.state', type: 'keyword', meaning: 'State of the connection at this record.', value: (s) => s.tcpState },
  {
    name: 'tcp.handshake_us',
    type: 'long',
    meaning: 'Microseconds from the SYN to the ACK that completes the handshake.',
    value: (s) => s.handshakeUs,
  },
  ...sides.flatMap(sideFields),
];

/** Entries of `pcap.packet_pos` at most: a record has its bound. */
const positionsMost = 4096;

function storedPositions({ details }: SessionFacts): readonly number[] | undefined {
  if (details === undefined || details.files.length === 0) return undefined;
  return details.places ?? positionGaps(details.positions.slice(0, positionsMost));
}

function noteField(field: SessionField): Field<SessionFacts> {
  return {
    name: field.name,
    type: field.type,
    many: field.many,
    meaning: field.meaning,
    value: (facts) => facts.noted(field),
    noted: field,
  };
}

/** The session record: its own fields and those that the given decoders note. */
export function sessionRecordType(noted: readonly SessionField[]): RecordType<SessionFacts> {
  return defineRecordType<SessionFacts>({
    name: 'session',
    meaning: 'A session (flow): written when it ends, and in parts while a long one goes on.',
    fields: [...sessionOwnFields, ...noted.map(noteField)],
  });
}
