// SCCP messages without connection (Q.713 section 4): who calls whom, and the TCAP message they carry. Called for each MTP3
// message for SCCP.

import type { SessionField } from '../../record/index.ts';
import type { DecoderContext } from '../contract.ts';
import { sigtranFields } from './fields.ts';
import { readTcap } from './tcap.ts';

/** By message type: where the pointers to called and calling party and to the data stand. */
const pointers: ReadonlyMap<number, number> = new Map([
  [0x09, 2], // unitdata: class
  [0x0a, 2], // unitdata service: cause
  [0x11, 3], // extended unitdata: class, hops
  [0x12, 3], // extended unitdata service: cause, hops
]);
const hasPointCode = 0x01;
/** The lower bits are signalling point's number. */
const pointCodeBits = 0x3fff;

export function readSccp(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const start = from < to ? pointers.get(bytes[from] as number) : undefined;
  if (start === undefined || to - from < start + 3) return;
  const data = target(bytes, from + start + 2, to);
  if (data < 0) return;
  context.protocol('sccp');
  notePointCode(context, sigtranFields.destination, bytes, target(bytes, from + start, to));
  notePointCode(context, sigtranFields.source, bytes, target(bytes, from + start + 1, to));
  readTcap(context, bytes, data + 1, data + 1 + (bytes[data] as number));
}

/** Where the pointer at `at` leads: to a length with as many bytes behind it; -1 when it leads out of the message. */
function target(bytes: Buffer, at: number, to: number): number {
  const place = at + (bytes[at] as number);
  return place < to && place + 1 + (bytes[place] as number) <= to ? place : -1;
}

/** Q.713 section 3.4: address indicator, then the point code, lower byte first. */
function notePointCode(context: DecoderContext, field: SessionField, bytes: Buffer, place: number): void {
  if (place < 0 || (bytes[place] as number) < 3 || ((bytes[place + 1] as number) & hasPointCode) === 0) return;
  context.note(field, bytes.readUInt16LE(place + 2) & pointCodeBits);
}
