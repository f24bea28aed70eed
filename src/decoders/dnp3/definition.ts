// DNP3 (IEEE 1815) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { noMessage } from '../framed-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { dnp3Anomalies } from './anomalies.ts';
import { Dnp3Decoder, frameLength, hasChecksum, headerLength, readDatagram } from './decoder.ts';
import { dnp3Fields } from './fields.ts';

/** `certain` when the header's checksum is right. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (frameLength(bytes, from, to) === noMessage) return Verdict.no;
  if (to - from < headerLength) return Verdict.needMore;
  return hasChecksum(bytes, from) ? Verdict.certain : Verdict.maybe;
}

export const dnp3Decoder: DecoderDefinition = {
  name: 'dnp3',
  title: 'DNP3: stations and functions',
  transports: ['tcp', 'udp'],
  ports: [20_000],
  firstBytes: [0x05],
  records: [],
  sessionFields: Object.values(dnp3Fields),
  anomalies: Object.values(dnp3Anomalies),
  options: Type.Object({}),
  probe,
  create: (context) => (context.transport === 'udp' ? new PacketDecoder(context, readDatagram) : new Dnp3Decoder(context)),
};
