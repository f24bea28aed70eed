// PANA messages (RFC 5191 section 6): header, AVPs, and the identity in an EAP payload (RFC 3748). Called by the PANA
// decoder, on packet workers.

import { ByteCursor } from '../byte-cursor.ts';
import type { DecoderContext } from '../contract.ts';
import type { PacketReader } from '../packet-decoder.ts';
import { textOf } from '../wire-text.ts';
import { panaAnomalies } from './anomalies.ts';
import { panaFields } from './fields.ts';

const headerLength = 16;
const typeNames = ['', 'client-initiation', 'auth', 'termination', 'notification'];
const vendorFlag = 0x8000;
/** The bits of the flags that mean nothing (section 6.2). */
const reservedFlags = 0x03ff;
const eapPayload = 2;
const Eap = { request: 1, response: 2, identity: 1, header: 5 } as const;

/** A message fills its datagram, its type is known, and its reserved bits are clear. */
export function probe(bytes: Buffer, from: number, to: number): boolean {
  if (to - from < headerLength || bytes.readUInt32BE(from) !== to - from) return false;
  const type = bytes.readUInt16BE(from + 6);
  return type >= 1 && type < typeNames.length && (bytes.readUInt16BE(from + 4) & reservedFlags) === 0;
}

export const readDatagram: PacketReader = (context, _direction, bytes, from, to, timeUs) => {
  const header = new ByteCursor(bytes, from, to);
  header.skip(2);
  const length = header.u16();
  header.skip(2);
  const type = header.u16();
  const session = header.u32();
  if (header.failed || length < headerLength || length > to - from) return;
  const name = typeNames[type];
  if (name !== undefined && name !== '') context.note(panaFields.type, name);
  if (session !== 0) context.note(panaFields.session, session.toString(16).padStart(8, '0'));
  const cursor = new ByteCursor(bytes, from + headerLength, from + length);
  while (cursor.left >= 8) {
    if (readAvp(context, cursor)) continue;
    context.anomaly(panaAnomalies.bad_avp, timeUs);
    return;
  }
};

/** Reads an AVP (section 6.3); its length is that of its value. @returns false when it does not fit */
function readAvp(context: DecoderContext, cursor: ByteCursor): boolean {
  const code = cursor.u16();
  const flags = cursor.u16();
  const length = cursor.u16();
  cursor.skip(2);
  // Some set the flag and send no vendor: then the value fits without one alone.
  const isVendors = (flags & vendorFlag) !== 0 && cursor.left >= 4 + length;
  if (isVendors) cursor.skip(4);
  const from = cursor.take(length);
  if (from < 0) return false;
  cursor.skip(Math.min(cursor.left, -length & 3));
  if (code === eapPayload && !isVendors) readEap(context, cursor.bytes, from, from + length);
  return true;
}

function readEap(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  if (to - from <= Eap.header) return;
  const code = bytes[from] as number;
  const isAbout = (code === Eap.request || code === Eap.response) && bytes[from + 4] === Eap.identity;
  const end = from + bytes.readUInt16BE(from + 2);
  if (isAbout && end > from + Eap.header && end <= to) context.note(panaFields.user, textOf(bytes, from + Eap.header, end));
}
