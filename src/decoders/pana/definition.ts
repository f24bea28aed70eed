// PANA (RFC 5191), authentication for network access over UDP, as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { anomalies, probe, readDatagram, sessionFields } from './message.ts';

export const panaDecoder: DecoderDefinition = {
  name: 'pana',
  title: 'PANA: messages and who authenticates',
  transports: ['udp'],
  ports: [716],
  firstBytes: [0],
  records: [],
  sessionFields,
  anomalies: Object.values(anomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => (probe(bytes, from, to) ? Verdict.maybe : Verdict.no),
  create: (context) => new PacketDecoder(context, readDatagram),
};
