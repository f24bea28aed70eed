// Synchrophasor data transfer (IEEE C37.118.2) as recognition, configuration and the field registry see it.

import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { noMessage } from '../framed-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { synchrophasorAnomalies } from './anomalies.ts';
import { frameLength, hasChecksum, leastLength, readDatagram, SynchrophasorDecoder } from './decoder.ts';
import { synchrophasorFields } from './fields.ts';
import { type SynchrophasorOptions, synchrophasorOptions } from './options.ts';

/** `certain` when a whole frame has the right checksum. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = frameLength(bytes, from, to);
  if (length === noMessage) return Verdict.no;
  if (to - from < leastLength) return Verdict.needMore;
  return length <= to - from && hasChecksum(bytes, from, from + length) ? Verdict.certain : Verdict.maybe;
}

export const synchrophasorDecoder: DecoderDefinition = {
  name: 'synchrophasor',
  title: 'Synchrophasors (C37.118): streams, commands, stations',
  transports: ['tcp', 'udp'],
  ports: [4712, 4713],
  firstBytes: [0xaa],
  records: [],
  sessionFields: Object.values(synchrophasorFields),
  anomalies: Object.values(synchrophasorAnomalies),
  options: synchrophasorOptions,
  probe,
  create: (context, options) =>
    context.transport === 'udp'
      ? new PacketDecoder(context, readDatagram)
      : new SynchrophasorDecoder(context, options as unknown as SynchrophasorOptions),
};
