// The fields that every record of a session carries, and the session's own record. ECS names where ECS has one.

import { defineRecordType, type FactField, type Field, type RecordType, type SessionField } from './contract.ts';
import { positionGaps } from './position-gaps.ts';
import type { SessionFacts } from './session-facts.ts';
import { assetField } from './shared-fields.ts';

/** Added to every record that has a session. */
export const flowFields: readonly FactField[] = [
  { name: 'session.id', type: 'keyword', meaning: 'Joins all records of one session.', fact: 'id' },
  { name: 'source.ip', type: 'ip', meaning: 'Address of the side that opened the session.', fact: 'address' },
  { name: 'source.port', type: 'long', meaning: 'Its port.', fact: 'port' },
  { name: 'source.mac', type: 'keyword', meaning: 'MAC address in the first frame it sent.', fact: 'mac' },
  { name: 'destination.ip', type: 'ip', meaning: 'Address of the other side.', fact: 'address', which: 1 },
  { name: 'destination.port', type: 'long', meaning: 'Its port.', fact: 'port', which: 1 },
  {
    name: 'destination.mac',
    type: 'keyword',
    meaning: 'MAC address of the other side in the first frame.',
    fact: 'mac',
    which: 1,
  },
  { name: 'network.type', type: 'keyword', meaning: 'ipv4, ipv6, or the EtherType of a layer-2 session.', fact: 'networkType' },
  { name: 'network.transport', type: 'keyword', meaning: 'Protocol above IP, by its IANA keyword.', fact: 'transport' },
  { name: 'network.iana_number', type: 'keyword', meaning: 'IP protocol number.', fact: 'ianaNumber' },
  { name: 'network.community_id', type: 'keyword', meaning: 'Community ID version 1 of the flow.', fact: 'communityId' },
];

type Side = readonly ['source' | 'destination', 0 | 1];
const sides: readonly Side[] = [
  ['source', 0],
  ['destination', 1],
];

function sideFields([side, which]: Side): FactField[] {
  return [
    { name: `${side}.packets`, type: 'long', meaning: `Packets sent by the ${side}.`, fact: 'packets', which },
    {
      name: `${side}.bytes`,
      type: 'long',
      meaning: `Frame bytes sent by the ${side}, as on the wire.`,
      fact: 'bytes',
      which,
    },
    {
      name: `session.${side}.payload_bytes`,
      type: 'long',
      meaning: `Distinct layer-4 payload bytes sent by the ${side}; retransmissions count once.`,
      fact: 'payloadBytes',
      which,
    },
    {
      name: `session.${side}.ttl`,
      type: 'long',
      meaning: `TTL or hop limit of the ${side}'s first packet.`,
      fact: 'ttl',
      which,
    },
    {
      name: `session.${side}.duplicate_packets`,
      type: 'long',
      meaning: `UDP datagrams of the ${side} that were captured twice: IPv4 identification and checksum as one of the three before, within 10 ms. Their payload counts once.`,
      fact: 'duplicates',
      which,
    },
    {
      name: `tcp.${side}.flags`,
      type: 'keyword',
      meaning: `All TCP flags the ${side} sent, letters FSRPAUEC.`,
      fact: 'tcpFlags',
      which,
    },
    {
      name: `tcp.${side}.gap_bytes`,
      type: 'long',
      meaning: `Stream bytes of the ${side} that were never seen.`,
      fact: 'gapBytes',
      which,
    },
    {
      name: `tcp.${side}.retransmitted_packets`,
      type: 'long',
      meaning: `Packets of the ${side} that brought only bytes seen before.`,
      fact: 'retransmitted',
      which,
    },
    {
      name: `tcp.${side}.out_of_order_packets`,
      type: 'long',
      meaning: `Packets of the ${side} that came before earlier bytes.`,
      fact: 'outOfOrder',
      which,
    },
  ];
}

const ownFacts: readonly (FactField | Field<SessionFacts>)[] = [
  { name: 'event.start', type: 'date', meaning: 'Time of the first packet of this part.', fact: 'start' },
  { name: 'event.end', type: 'date', meaning: 'Time of the last packet.', fact: 'end' },
  { name: 'event.duration', type: 'long', meaning: 'Nanoseconds from first to last packet.', fact: 'duration' },
  { name: 'network.protocol', type: 'keyword', meaning: 'First application protocol recognised.', fact: 'firstProtocol' },
  { name: 'network.packets', type: 'long', meaning: 'Packets of both sides.', fact: 'allPackets' },
  { name: 'network.bytes', type: 'long', meaning: 'Frame bytes of both sides.', fact: 'allBytes' },
  { name: 'network.vlan.id', type: 'keyword', meaning: 'Outermost VLAN id.', fact: 'vlan' },
  {
    name: 'network.inner.vlan.id',
    type: 'keyword',
    meaning: 'Second VLAN id (QinQ, or inside a tunnel).',
    fact: 'vlan',
    which: 1,
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
    fact: 'protocols',
  },
  {
    name: 'session.end',
    type: 'keyword',
    meaning:
      'Why the record was written: fin, reset, timeout, evicted, reused, stopped, rule (one said so), or part (the session goes on).',
    fact: 'reason',
  },
  {
    name: 'session.part',
    type: 'long',
    meaning: 'n-th part of a long session, from 0; counters are those of the part.',
    fact: 'part',
  },
  {
    name: 'session.midstream',
    type: 'boolean',
    meaning: 'The start of the connection was not seen.',
    fact: 'midstream',
  },
  {
    name: 'pcap.packet_pos',
    type: 'long',
    many: true,
    meaning:
      'Where the packets are stored (output pcap): a negative number names the file of the following positions, which are differences, 0 repeating the last one; with a local index offset and length there. At most the first 4096.',
    value: storedPositions,
  },
  { name: 'tcp.state', type: 'keyword', meaning: 'State of the connection at this record.', fact: 'tcpState' },
  {
    name: 'tcp.handshake_us',
    type: 'long',
    meaning: 'Microseconds from the SYN to the ACK that completes the handshake.',
    fact: 'handshakeUs',
  },
  ...sides.flatMap(sideFields),
  // Noted by rules alone, and in an object of facts.
  {
    name: assetField.name,
    type: assetField.type,
    many: assetField.many,
    meaning: assetField.meaning,
    noted: assetField,
    value: (s) => s.noted(assetField)?.kept(),
  },
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
    // The next field that is read so uses the bytes again, before the record is written.
    value: (facts) => facts.noted(field)?.kept(),
    noted: field,
  };
}

/** The session record: its own fields and those that the given decoders note. */
export function sessionRecordType(noted: readonly SessionField[]): RecordType<SessionFacts> {
  return defineRecordType<SessionFacts>({
    name: 'session',
    meaning: 'A session (flow): written when it ends, and in parts while a long one goes on.',
    facts: ownFacts,
    fields: noted.filter((field) => field !== assetField).map(noteField),
  });
}
