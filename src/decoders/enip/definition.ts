// EtherNet/IP (CIP volume 2, chapter 2) as recognition, configuration and the field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { needMoreBytes, noMessage } from '../framed-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { enipAnomalies } from './anomalies.ts';
import { EnipDecoder, headerLength, messageLength, readDatagram } from './decoder.ts';
import { enipFields } from './fields.ts';
import { type EnipOptions, enipOptions } from './options.ts';

/** `faint` at most: commands and lengths alone say little. Options must be 0. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = messageLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (length === needMoreBytes || to - from < headerLength) return Verdict.needMore;
  return bytes.readUInt32LE(from + headerLength - 4) === 0 ? Verdict.faint : Verdict.no;
}

export const enipDecoder: DecoderDefinition = {
  name: 'enip',
  title: 'EtherNet/IP and CIP: commands, services, identities',
  transports: ['tcp', 'udp'],
  ports: [44_818, 2222],
  firstBytes: [0x00, 0x04, 0x63, 0x64, 0x65, 0x66, 0x6f, 0x70, 0x72, 0x73],
  records: [],
  sessionFields: Object.values(enipFields),
  anomalies: Object.values(enipAnomalies),
  options: enipOptions,
  probe,
  create: (context, options) => {
    if (context.transport === 'udp') return new PacketDecoder(context, readDatagram);
    return new EnipDecoder(context, options as unknown as EnipOptions);
  },
};
