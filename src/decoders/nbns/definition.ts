// The NetBIOS name service (RFC 1001 §15, RFC 1002 §4.2) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { headerBytes, readMessage } from './decoder.ts';
import { nbnsFields } from './fields.ts';
import { isEncodedName } from './netbios-name.ts';

/** Records of all sections that are believed. */
const recordsMax = 32;

/** DNS's header, and a first name that is encoded as NetBIOS does it. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headerBytes) return Verdict.no;
  let records = 0;
  for (let at = from + 4; at < from + headerBytes; at += 2) records += readU16(bytes, at);
  if (records > recordsMax) return Verdict.no;
  // An acknowledgement may come without any record.
  if (records === 0) return to - from === headerBytes ? Verdict.faint : Verdict.no;
  return isEncodedName(bytes, from + headerBytes, to) ? Verdict.certain : Verdict.no;
}

export const nbnsDecoder: DecoderDefinition = {
  name: 'nbns',
  title: 'NetBIOS name service',
  transports: ['udp'],
  ports: [137],
  records: [],
  sessionFields: Object.values(nbnsFields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, readMessage),
};
