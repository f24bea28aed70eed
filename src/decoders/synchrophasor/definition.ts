// Synchrophasor data transfer (IEEE C37.118.2) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { Framing, MessageDecoder } from '../message-decoder.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { anomalies, frameReader, frames, hasChecksum, leastLength, readDatagram, sessionFields } from './frame.ts';

interface SynchrophasorOptions {
  readonly max_frame_bytes: number;
}

/** `certain` when a whole frame has the right checksum. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const length = frames(leastLength).length(bytes, from, to);
  if (length === Framing.lost) return Verdict.no;
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
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({
    max_frame_bytes: Type.Integer({
      default: 65_535,
      minimum: 64,
      maximum: 65_535,
      description: 'Bytes of a frame that are read.',
    }),
  }),
  probe,
  create: (context, options) =>
    context.transport === 'udp'
      ? new PacketDecoder(context, readDatagram)
      : new MessageDecoder(context, frames((options as unknown as SynchrophasorOptions).max_frame_bytes), frameReader),
};
