// PTP (IEEE 1588-2019 §13, over UDP by annex C) as recognition, configuration and the field registry see it.

import { Type } from 'typebox';
import { readU16 } from '../big-endian.ts';
import { collected } from '../collected-field.ts';
import { type DecoderContext, type DecoderDefinition, type Direction, Verdict } from '../contract.ts';
import { PacketDecoder } from '../packet-decoder.ts';
import { hexOf } from '../wire-text.ts';

/** The header that all messages begin with (§13.3). */
const headerBytes = 34;
const clockIdentityAt = 20;
const clockIdentityBytes = 8;

/** By message type (§13.3.2.3); those without a name are reserved. */
const messageNames: readonly (string | undefined)[] = [
  'sync',
  'delay_req',
  'pdelay_req',
  'pdelay_resp',
  undefined,
  undefined,
  undefined,
  undefined,
  'follow_up',
  'delay_resp',
  'pdelay_resp_follow_up',
  'announce',
  'signaling',
  'management',
];

const fields = {
  messageType: collected('keyword', 'ptp.message_type', 'Kinds of messages: sync, follow_up, announce, …', {
    path: 'ptp.msgType',
  }),
  clockIdentity: collected('keyword', 'ptp.clock_identity', "Identities of the senders' clocks (EUI-64).", {
    path: 'ptp.clockId',
  }),
};

/** Version 2 (or 2.1) and a length that the datagram has. */
function probe(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  if (to - from < headerBytes) return Verdict.no;
  if (((bytes[from + 1] as number) & 15) !== 2 || messageNames[(bytes[from] as number) & 15] === undefined) return Verdict.no;
  const length = readU16(bytes, from + 2);
  return length >= headerBytes && length <= to - from ? Verdict.faint : Verdict.no;
}

function read(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const name = messageNames[(bytes[from] as number) & 15];
  if (name === undefined) return;
  context.note(fields.messageType, name);
  context.note(fields.clockIdentity, identityText(bytes, from + clockIdentityAt));
}

function identityText(bytes: Buffer, at: number): string {
  return hexOf(bytes, at, at + clockIdentityBytes).replace(/..(?=.)/g, '$&:');
}

export const ptpDecoder: DecoderDefinition = {
  name: 'ptp',
  title: 'PTP, Precision Time Protocol',
  transports: ['udp'],
  ports: [319, 320],
  records: [],
  sessionFields: Object.values(fields),
  anomalies: [],
  options: Type.Object({}),
  probe,
  create: (context) => new PacketDecoder(context, read),
};
