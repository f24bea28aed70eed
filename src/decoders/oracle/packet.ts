// Packets of Oracle's TNS (Oracle Net; the layout is that of Wireshark's and of the JDBC driver's documentation): length,
// checksum, type, flags, checksum of the header. Called by the decoder and by recognition, on packet workers.

import { type Direction, probeLimitBytes, Verdict } from '../contract.ts';
import type { HeadForms } from '../payload-condition.ts';

export const headBytes = 8;
export const PacketType = { connect: 1, data: 6, resend: 11 } as const;
/** In a connect packet: protocol version, lowest version, … length and offset of the connect descriptor. */
export const connectAt = { version: 8, lowestVersion: 10, descriptorBytes: 24, descriptorOffset: 26 } as const;
/** A connect packet up to its descriptor is at least this long. */
export const leastConnectBytes = 34;
/** A data packet has two bytes of flags behind its head. */
export const dataAt = 10;
/** 300 is Oracle 8; later versions stay in the three-hundreds. */
const versions = { lowest: 300, highest: 399 } as const;

/** No checksums: nobody uses them. */
export const connectForms: HeadForms = [
  [
    { at: 2, most: 0 },
    { at: 6, most: 0 },
  ],
];

export function probeConnect(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const there = to - from;
  if (there >= 4 && bytes.readUInt16BE(from + 2) !== 0) return Verdict.no;
  if (there >= headBytes && (bytes[from + 4] !== PacketType.connect || bytes.readUInt16BE(from + 6) !== 0)) return Verdict.no;
  if (there < leastConnectBytes) return Verdict.needMore;
  const length = bytes.readUInt16BE(from);
  const version = bytes.readUInt16BE(from + connectAt.version);
  const offset = bytes.readUInt16BE(from + connectAt.descriptorOffset);
  if (length < leastConnectBytes || version < versions.lowest || version > versions.highest) return Verdict.no;
  if (bytes.readUInt16BE(from + connectAt.lowestVersion) > version || offset > length) return Verdict.no;
  return there < Math.min(length, probeLimitBytes) ? Verdict.needMore : Verdict.certain;
}
