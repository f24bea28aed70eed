// Reads ARP packets (RFC 826). Called for each frame, on packet workers.

import { ipv4Text, macText } from '../address-text.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { arpAnomalies } from './anomalies.ts';
import { arpFields } from './fields.ts';

const packetLength = 28;
const Operation = { request: 1, reply: 2 } as const;
/** Where the sender's and the target's addresses stand. */
const Place = { operation: 6, senderMac: 8, senderIp: 14, targetIp: 24 } as const;

export const readPacket: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  // Hardware Ethernet or IEEE 802, protocol IPv4, lengths 6 and 4.
  const hardware = to - from < packetLength ? 0 : bytes.readUInt16BE(from);
  if ((hardware !== 1 && hardware !== 6) || bytes.readUInt32BE(from + 2) !== 0x0800_0604) {
    context.anomaly(arpAnomalies.not_ipv4_over_ethernet, timeUs);
    return;
  }
  const operation = bytes.readUInt16BE(from + Place.operation);
  context.note(arpFields.opcode, operation);
  if (operation === Operation.request) context.note(arpFields.ip, ipv4Text(bytes, from + Place.targetIp));
  if (operation !== Operation.reply) return;
  context.note(arpFields.ip, ipv4Text(bytes, from + Place.senderIp));
  context.note(arpFields.mac, macText(bytes, from + Place.senderMac));
};
