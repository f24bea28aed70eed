// BACnet/IP (ASHRAE 135 annexes J and U) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { type DecoderDefinition, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { isMessage, readDatagram } from './decoder.ts';
import { bacnetFields } from './fields.ts';

export const bacnetDecoder: DecoderDefinition = {
  name: 'bacnet',
  title: 'BACnet/IP: functions, services, object names',
  transports: ['udp'],
  ports: [47_808],
  firstBytes: [0x81, 0x82],
  records: [],
  sessionFields: Object.values(bacnetFields),
  anomalies: [],
  options: Type.Object({}),
  probe: (_direction, bytes, from, to) => (isMessage(bytes, from, to) ? Verdict.maybe : Verdict.no),
  create: (context) => new PacketDecoder(context, readDatagram),
};
