// RADIUS (RFC 2865, accounting RFC 2866, dynamic authorization RFC 5176) as recognition, configuration and the field
// registry see it.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { headerBytes, messageName } from './attributes.ts';
import { readDatagram } from './decoder.ts';
import { radiusFields } from './fields.ts';

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headerBytes || messageName(bytes[from] as number) === undefined) return Verdict.no;
  const length = readU16(bytes, from + 2);
  if (length < headerBytes || length > to - from) return Verdict.no;
  return Verdict.faint;
}

export const radiusDecoder: DecoderDefinition = {
  name: 'radius',
  title: 'RADIUS',
  transports: ['udp'],
  ports: [1812, 1813, 1645, 1646, 3799],
  records: [],
  sessionFields: Object.values(radiusFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
