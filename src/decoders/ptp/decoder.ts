// Reads the header of a PTP message (IEEE 1588-2019 §13.3). Called for each datagram, on packet workers.

import type { DecoderContext, Direction } from '../contract.ts';
import { hexOf } from '../wire-text.ts';
import { ptpFields } from './fields.ts';

/** The header that all messages begin with (§13.3). */
export const headerBytes = 34;
const clockIdentityAt = 20;
const clockIdentityBytes = 8;

/** By message type (§13.3.2.3); those without a name are reserved. */
export const messageNames: readonly (string | undefined)[] = [
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

export function readDatagram(context: DecoderContext, _direction: Direction, bytes: Buffer, from: number, to: number): void {
  if (to - from < headerBytes) return;
  const name = messageNames[(bytes[from] as number) & 15];
  if (name === undefined) return;
  context.note(ptpFields.messageType, name);
  context.note(ptpFields.clockIdentity, identityText(bytes, from + clockIdentityAt));
}

function identityText(bytes: Buffer, at: number): string {
  return hexOf(bytes, at, at + clockIdentityBytes).replace(/..(?=.)/g, '$&:');
}
