// ARP for IPv4 over Ethernet (RFC 826): which addresses are asked for, and who has them.

import { Type } from 'typebox';
import { defineAnomalies } from '../../record/index.ts';
import { ipv4Text, macText } from '../address-text.ts';
import { collected } from '../collected-field.ts';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder, type PacketReader } from '../packet-decoder.ts';

const macField = collected('keyword', 'arp.mac', 'Link addresses that replies give.', { path: 'arp.mac', kind: 'lotermfield' });
const ipField = collected('ip', 'arp.ip', 'Addresses that requests ask for and replies are about.', { path: 'arp.ip' });
const opcodeField = collected('long', 'arp.opcode', 'Operations: 1 request, 2 reply.', { path: 'arp.opcode' });

const anomalies = defineAnomalies('arp', {
  not_ipv4_over_ethernet: 'A packet is too short, or is not about IPv4 addresses and Ethernet.',
});

const packetLength = 28;
const Operation = { request: 1, reply: 2 } as const;
/** Where the sender's and the target's addresses stand. */
const Place = { operation: 6, senderMac: 8, senderIp: 14, targetIp: 24 } as const;

const read: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  // Hardware Ethernet or IEEE 802, protocol IPv4, lengths 6 and 4.
  const hardware = to - from < packetLength ? 0 : bytes.readUInt16BE(from);
  if ((hardware !== 1 && hardware !== 6) || bytes.readUInt32BE(from + 2) !== 0x0800_0604) {
    context.anomaly(anomalies.not_ipv4_over_ethernet, timeUs);
    return;
  }
  const operation = bytes.readUInt16BE(from + Place.operation);
  context.note(opcodeField, operation);
  if (operation === Operation.request) context.note(ipField, ipv4Text(bytes, from + Place.targetIp));
  if (operation !== Operation.reply) return;
  context.note(ipField, ipv4Text(bytes, from + Place.senderIp));
  context.note(macField, macText(bytes, from + Place.senderMac));
};

export const arpDecoder: DecoderDefinition = {
  name: 'arp',
  title: 'ARP: who asks for which IPv4 address, and who has it',
  transports: ['ethernet'],
  ports: [],
  numbers: [0x0806],
  records: [],
  sessionFields: [macField, ipField, opcodeField],
  anomalies: Object.values(anomalies),
  options: Type.Object({}),
  probe: () => Verdict.no,
  create: (context) => new PacketDecoder(context, read),
};
