// The NetBIOS datagram service (RFC 1001 §17, RFC 1002 §4.4) as recognition, configuration and the field registry see it.
// What it carries is nearly always SMB, mailslots of the browser service.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';

/** Kinds of messages: datagrams to one name, a group, all; errors; queries to and answers of a distribution server. */
const MessageType = { directUnique: 0x10, broadcast: 0x12, error: 0x13, queryRequest: 0x14, negativeResponse: 0x16 } as const;
/** Of datagrams: with their length and the offset of a fragment (§4.4.1). Others are shorter. */
const datagramHeaderBytes = 14;
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

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  const type = bytes[from] as number;
  if (to - from < datagramHeaderBytes || type < MessageType.directUnique || type > MessageType.broadcast) return;
  // A later fragment begins anywhere.
  if (readU16(bytes, from + 12) !== 0) return;
  let at = from + datagramHeaderBytes;
  for (let name = 0; name < 2; name++) {
    at = behindName(bytes, at, to);
    if (at < 0) return;
  }
  if (at + 4 > to || bytes[at + 1] !== 0x53 || bytes[at + 2] !== 0x4d || bytes[at + 3] !== 0x42) return;
  if (bytes[at] === 0xff || bytes[at] === 0xfe) context.protocol('smb');
}

/** The offset behind the labels of a name and its root; -1 when it does not end. */
function behindName(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at += 1 + (bytes[at] as number)) if (bytes[at] === 0) return at + 1;
  return -1;
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
  create: (context) => new PacketDecoder(context, read),
};
