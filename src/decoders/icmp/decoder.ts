// Reads the head of ICMP and ICMPv6 messages. Called for each packet, on packet workers.

import type { PacketReader } from '../packet-decoder.ts';
import { icmpFields } from './fields.ts';

export const readPacket: PacketReader = (context, _direction, bytes, from, to) => {
  if (to - from < 2) return;
  context.note(icmpFields.type, bytes[from] as number);
  context.note(icmpFields.code, bytes[from + 1] as number);
};
