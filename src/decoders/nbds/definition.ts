// The NetBIOS datagram service (RFC 1001 §17, RFC 1002 §4.4) as recognition, configuration and the field registry see it.
// What it carries is nearly always SMB, mailslots of the browser service.

import { Type } from 'typebox';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { datagramHeaderBytes, MessageType, readDatagram } from './decoder.ts';

const errorBytes = 11;
/** Of an encoded name (§4.1): 32 letters behind their number. */
const nameLetters = 32;

function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const type = bytes[from] as number;
  if (to - from < errorBytes || type < MessageType.directUnique || type > MessageType.negativeResponse) return Verdict.no;
  // The reserved flags are zero.
  if ((bytes[from + 1] as number) > 15) return Verdict.no;
  if (type === MessageType.error) return to - from === errorBytes ? Verdict.faint : Verdict.no;
  const nameAt = from + (type >= MessageType.queryRequest ? 10 : datagramHeaderBytes);
  return nameAt < to && bytes[nameAt] === nameLetters ? Verdict.maybe : Verdict.no;
}

export const nbdsDecoder: DecoderDefinition = {
  name: 'nbds',
  title: 'NetBIOS datagram service',
  transports: ['udp'],
  ports: [138],
  firstBytes: [0x10, 0x11, 0x12, 0x13, 0x14, 0x15, 0x16],
  records: [],
  sessionFields: [],
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readDatagram),
};
