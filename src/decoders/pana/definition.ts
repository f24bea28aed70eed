// PANA (RFC 5191), authentication for network access over UDP, as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { panaAnomalies } from './anomalies.ts';
import { probe, readDatagram } from './decoder.ts';
import { panaFields } from './fields.ts';

export const panaDecoder: DecoderDefinition = {
  name: 'pana',
  title: 'PANA: messages and who authenticates',
  transports: ['udp'],
  ports: [716],
  firstBytes: [0],
  records: [],
  sessionFields: Object.values(panaFields),
  anomalies: Object.values(panaAnomalies),
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => (probe(bytes, from, to) ? Verdict.maybe : Verdict.no),
  create: (context) => new PacketDecoder(context, readDatagram),
};
