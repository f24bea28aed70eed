// EtherNet/IP (CIP volume 2, chapter 2) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { anomalies, headerLength, messageReader, messages, readDatagram } from './encapsulation.ts';
import { sessionFields } from './fields.ts';

/** `faint` at most: commands and lengths alone say little. Options must be 0. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messages(headerLength).length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
  if (length === Framing.more || to - from < headerLength) return Verdict.needMore;
  return bytes.readUInt32LE(from + headerLength - 4) === 0 ? Verdict.faint : Verdict.no;
}

export const enipDecoder: DecoderDefinition = {
  name: 'enip',
  title: 'EtherNet/IP and CIP: commands, services, identities',
  transports: ['tcp', 'udp'],
  ports: [44_818, 2222],
  firstBytes: [0x00, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73],
  records: [],
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_message_bytes: Type.Integer({
      default: 4096,
      minimum: 64,
      maximum: 65_559,
      description: 'Bytes of a message that are read.',
    }),
  }),
  probe,
  create: (context, options) => {
    if (context.transport === 'udp') return new PacketDecoder(context, readDatagram);
    const { max_message_bytes } = options as { max_message_bytes: number };
    return new MessageDecoder(context, messages(max_message_bytes), messageReader);
  },
};
