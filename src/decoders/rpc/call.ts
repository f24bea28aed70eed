// The head of a call of ONC RPC (RFC 5531 section 9): transaction id, message type 0, RPC version 2, program. Over TCP
// four bytes of record marking come first (section 11). Called by the decoder and by recognition, on packet workers;
// allocates nothing.

import { Verdict } from '../contract.ts';
import type { HeadForms } from '../payload-condition.ts';

/** Up to the program. */
export const headBytes = 16;
/** The procedure, and the credentials and verifier with nothing in them. */
const leastCallBytes = 40;
export const markBytes = 4;
export const lastFragment = 0x8000_0000;
const rpcVersion = 2;
const programAt = 12;

/** Names of programs by number (IANA "ONC RPC Program Numbers"), as Arkime has them. */
export const programNames: ReadonlyMap<number, string> = new Map([
  [100_000, 'portmap'],
  [100_001, 'rstat'],
  [100_002, 'rusers'],
  [100_003, 'nfs'],
  [100_004, 'ypprog'],
  [100_005, 'mount'],
  [100_007, 'ypbind'],
  [100_008, 'wall'],
  [100_009, 'yppasswd'],
  [100_011, 'rquota'],
  [100_017, 'rexec'],
  [100_037, 'tfs'],
]);

/** Number of the program that is called by the message at `from`; -1 when it is no call. */
export function programOf(bytes: Buffer, from: number, to: number): number {
  if (to - from < headBytes || bytes.readUInt32BE(from + 4) !== 0 || bytes.readUInt32BE(from + 8) !== rpcVersion) return -1;
  return bytes.readUInt32BE(from + programAt);
}

/** A message behind the mark of a last fragment, or by itself: a call, of this version. */
export const callForms: HeadForms = [
  [{ at: 0, least: 0x8000 }],
  [
    { at: 4, most: 0 },
    { at: 6, most: 0 },
    { at: 8, most: 0 },
    { at: 10, least: rpcVersion, most: rpcVersion },
  ],
];

export function probeCall(bytes: Buffer, from: number, to: number): Verdict {
  const there = to - from;
  // Of a datagram all is there; it is shorter than a call over TCP with its mark could be only if it is none.
  if (there >= leastCallBytes && programNames.has(programOf(bytes, from, to))) return Verdict.certain;
  if (there >= markBytes && (bytes[from] as number) < 0x80) return Verdict.no;
  if (there < markBytes) return (bytes[from] as number) < 0x80 ? Verdict.no : Verdict.needMore;
  const length = (bytes.readUInt32BE(from) & ~lastFragment) >>> 0;
  if (length < leastCallBytes || length % 4 !== 0) return Verdict.no;
  if (there < markBytes + headBytes) return Verdict.needMore;
  return programNames.has(programOf(bytes, from + markBytes, to)) ? Verdict.certain : Verdict.no;
}
