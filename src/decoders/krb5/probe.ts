// What a Kerberos message begins with (RFC 4120 section 5.4 and 5.9.1): an application tag, a sequence, and in its first
// item or second the version 5 and a type that fits the tag. Called by the decoder and by recognition on packet workers;
// allocates nothing.

import { contentBytes, headerBytes, Tag } from '../ber-cursor.ts';
import { Verdict } from '../contract.ts';
import { messageTypes } from './names.ts';

/** RFC 4120 section 7.2.2: over TCP four bytes of length come first. */
export const lengthBytes = 4;
export const maxMessageBytes = 65_535;
/** Tag and length of three items, and the two numbers, at the most. */
const mostHeadBytes = 32;

export function probeKrb5(bytes: Buffer, from: number, to: number): Verdict {
  if (bytes[from] !== 0) return headVerdict(bytes, from, to, to - from);
  if (to - from < lengthBytes) return bytes.subarray(from, to).some((byte) => byte !== 0) ? Verdict.no : Verdict.needMore;
  const length = bytes.readUInt32BE(from);
  if (length < 16 || length > maxMessageBytes) return Verdict.no;
  return headVerdict(bytes, from + lengthBytes, to, length);
}

/** `length`: what the message may have at most, over UDP the datagram. */
function headVerdict(bytes: Buffer, from: number, to: number, length: number): Verdict {
  const short = to - from < mostHeadBytes && to - from < length ? Verdict.needMore : Verdict.no;
  if (from >= to) return Verdict.needMore;
  const tag = bytes[from] as number;
  if (!messageTypes.includes(tag & 0x1f) || (tag & 0xe0) !== 0x60) return Verdict.no;
  const outerHeader = headerBytes(bytes, from, to);
  if (outerHeader <= 0) return short;
  const outer = from + outerHeader;
  const outerEnd = outer + contentBytes(bytes, from, outerHeader);
  if (outerEnd > from + length || bytes[outer] !== Tag.sequence) return outer >= to ? short : Verdict.no;
  const innerHeader = headerBytes(bytes, outer, to);
  const inner = outer + innerHeader;
  if (innerHeader <= 0 || inner + 10 > to) return short;
  // KDC-REQ begins with [1] pvno, all others with [0]; [n + 1] msg-type comes next.
  const first = bytes[inner] as number;
  if (first !== 0xa0 && first !== 0xa1) return Verdict.no;
  if (bytes.readUInt32BE(inner + 1) !== 0x03020105) return Verdict.no;
  if (bytes[inner + 5] !== first + 1 || bytes[inner + 6] !== 3 || bytes.readUInt16BE(inner + 7) !== 0x0201) return Verdict.no;
  return bytes[inner + 9] === (tag & 0x1f) ? Verdict.certain : Verdict.no;
}
