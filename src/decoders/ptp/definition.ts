// PTP (IEEE 1588-2019 §13, over UDP by annex C) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { headerBytes, messageNames, readDatagram } from './decoder.ts';
import { ptpFields } from './fields.ts';

/** Version 2 (or 2.1) and a length that the datagram has. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headerBytes) return Verdict.no;
  if (((bytes[from + 1] as number) & 15) !== 2 || messageNames[(bytes[from] as number) & 15] === undefined) return Verdict.no;
  const length = readU16(bytes, from + 2);
  return length >= headerBytes && length <= to - from ? Verdict.faint : Verdict.no;
}

export const ptpDecoder: DecoderDefinition = {
  name: 'ptp',
  title: 'PTP, Precision Time Protocol',
  transports: ['udp'],
  ports: [319, 320],
  records: [],
  sessionFields: Object.values(ptpFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
