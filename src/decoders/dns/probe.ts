// Is this DNS? Judged by content alone. Certain: a header that makes sense and a first question (or, without questions,
// a first record) that parses and has a class that exists; sixteen bits of question count and fifteen of class leave
// random bytes next to no chance. Maybe: one thing about it is odd. Faint: only the counts make sense, which those of ONC
// RPC replies do too; so that broken DNS is still seen on DNS's ports. Used by recognition, and by the framer to find its
// place again in a stream. Allocates nothing.

import { readU16 } from '../big-endian.ts';
import { type Direction, Verdict } from '../contract.ts';
import type { HeadForms, WordBound } from '../payload-condition.ts';
import { isKnownClass, isKnownType, Opcode, RrType } from './code-points.ts';
import { headerBytes, NameFault, skipName } from './domain-name.ts';
import { HeaderFlag } from './message-reader.ts';

/** Questions in one message that are believed; multicast DNS asks some dozen at once. */
const questionsMax = 64;
/** Records of one section that are believed before more than the first is read. */
const recordsMax = 8192;

/** The four counts of a header at `at` that are believed. `needed`: all of the header has to be there. */
function believedCounts(at: number, needed: boolean): WordBound[] {
  return [
    { at: at + 4, most: questionsMax },
    { at: at + 6, most: recordsMax },
    { at: at + 8, most: recordsMax },
    { at: at + 10, most: recordsMax, needed },
  ];
}

/** A length, flags, and counts that are believed, at the start of a stream. */
function streamForm(flags: Omit<WordBound, 'at'>): WordBound[] {
  return [{ at: 0, least: headerBytes }, { at: 4, ...flags }, ...believedCounts(2, false)];
}

/**
 * Forms that `probeDns` says `no` without: a datagram; in a stream an answer, or a query, whose flags are no higher than those of DNS
 * stateful operations (`isOddQuery`).
 */
export const dnsForms: HeadForms = [
  believedCounts(0, true),
  streamForm({ least: HeaderFlag.qr }),
  streamForm({ most: Opcode.dso << 11 }),
];

/** The first data of a direction: a datagram, or the start of a stream with its two-byte length (RFC 1035 §4.2.2). */
export function probeDns(_direction: Direction, bytes: Buffer, from: number, to: number): Verdict {
  const asDatagram = judgeMessage(bytes, from, to, to);
  return asDatagram === Verdict.no ? probeStream(bytes, from, to) : asDatagram;
}

/**
 * A length and a message at `from`? Its header is read as soon as it is there, and one that is odd in a query is no DNS: so
 * text, whose letters and digits are all such, is given up at its sixth byte, and nobody has to wait for the rest.
 */
export function probeStream(bytes: Uint8Array, from: number, to: number): Verdict {
  if (to - from < 2) return Verdict.needMore;
  const length = readU16(bytes, from);
  const start = from + 2;
  if (to - start >= 4 && isOddQuery(readU16(bytes, start + 2))) return Verdict.no;
  return judgeMessage(bytes, start, Math.min(to, start + length), start + length);
}

/** No opcode that is one, the reserved bit, a code for an answer, or DNS stateful operations with any flag (RFC 8490 §5.4). */
function isOddQuery(flags: number): boolean {
  const opcode = (flags >> 11) & 15;
  if ((flags & HeaderFlag.qr) !== 0) return false;
  return opcode === Opcode.dso ? (flags & 0x7ff) !== 0 : hasOddHeader(flags);
}

function hasOddHeader(flags: number): boolean {
  const opcode = (flags >> 11) & 15;
  const isResponse = (flags & HeaderFlag.qr) !== 0;
  return opcode === 3 || opcode > Opcode.dso || (flags & HeaderFlag.z) !== 0 || (!isResponse && (flags & 15) !== 0);
}

/** The message is `[start, messageEnd)`, of which `[start, end)` is there. */
function judgeMessage(bytes: Uint8Array, start: number, end: number, messageEnd: number): Verdict {
  if (messageEnd - start < headerBytes) return Verdict.no;
  const short = end < messageEnd ? Verdict.needMore : Verdict.no;
  if (end - start < 4) return short;
  const flags = readU16(bytes, start + 2);
  const opcode = (flags >> 11) & 15;
  const isResponse = (flags & HeaderFlag.qr) !== 0;
  const oddHeader = hasOddHeader(flags);
  if (end - start < headerBytes) return mayBeCounts(bytes, start + 4, end) ? short : Verdict.no;
  const questions = readU16(bytes, start + 4);
  const answers = readU16(bytes, start + 6);
  const authorities = readU16(bytes, start + 8);
  const additionals = readU16(bytes, start + 10);
  if (questions > questionsMax || answers > recordsMax || authorities > recordsMax || additionals > recordsMax) return Verdict.no;
  const room = messageEnd - start - headerBytes;
  // The shortest question has 5 bytes, the shortest record 11 (RFC 1035 §4.1.2, §4.1.3).
  const fits = questions * 5 + (answers + authorities + additionals) * 11 <= room;
  if (questions > 0) {
    const verdict = judgeQuestion(bytes, start + headerBytes, end, short, fits);
    if (oddHeader) return verdict === Verdict.certain ? Verdict.maybe : verdict;
    if (verdict !== Verdict.no) return verdict;
    return fits && !isNetbiosName(bytes, start + headerBytes, end) ? Verdict.faint : Verdict.no;
  }
  if (oddHeader) return Verdict.no;
  if (answers + authorities + additionals === 0) {
    // Only a header: an error without its question, or DNS stateful operations (RFC 8490 §5.4).
    return opcode === Opcode.dso || (isResponse && room === 0) ? Verdict.faint : Verdict.no;
  }
  if (!fits || (!isResponse && opcode !== Opcode.iquery)) return Verdict.no;
  return judgeRecord(bytes, start + headerBytes, end, messageEnd, short);
}

/** The header's counts begin at `at`; those that end before `end` are looked at. */
function mayBeCounts(bytes: Uint8Array, at: number, end: number): boolean {
  let most = questionsMax;
  for (let here = at; here + 2 <= end; here += 2) {
    if (readU16(bytes, here) > most) return false;
    most = recordsMax;
  }
  return true;
}

function judgeQuestion(bytes: Uint8Array, at: number, end: number, short: Verdict, fits: boolean): Verdict {
  const behind = skipName(bytes, at, end);
  if (behind === NameFault.cut) return short;
  // Nothing stands before the first name that a pointer could lead to.
  if (behind < 0 || endsInPointer(bytes, at, behind)) return Verdict.no;
  if (behind + 4 > end) return short;
  const type = readU16(bytes, behind);
  if (type === 0 || type === RrType.opt || !isKnownClass(readU16(bytes, behind + 2) & 0x7fff)) return Verdict.no;
  if ((type === RrType.nimloc || type === RrType.srv) && isNetbiosName(bytes, at, end)) return Verdict.no;
  return fits && isKnownType(type) ? Verdict.certain : Verdict.maybe;
}

function judgeRecord(bytes: Uint8Array, at: number, end: number, messageEnd: number, short: Verdict): Verdict {
  const behind = skipName(bytes, at, end);
  if (behind === NameFault.cut) return short;
  if (behind < 0 || endsInPointer(bytes, at, behind)) return Verdict.no;
  if (behind + 10 > end) return short;
  const type = readU16(bytes, behind);
  if (!isKnownType(type) || behind + 10 + readU16(bytes, behind + 8) > messageEnd) return Verdict.no;
  if ((type === RrType.nimloc || type === RrType.srv) && isNetbiosName(bytes, at, end)) return Verdict.no;
  if (type === RrType.opt) return behind === at + 1 ? Verdict.maybe : Verdict.no;
  return isKnownClass(readU16(bytes, behind + 2) & 0x7fff) ? Verdict.certain : Verdict.no;
}

/** Walks the labels of a name that `skipName` has accepted. */
function endsInPointer(bytes: Uint8Array, at: number, behind: number): boolean {
  let here = at;
  while (here < behind) {
    const length = bytes[here] as number;
    if (length >= 0xc0) return true;
    here += 1 + length;
  }
  return false;
}

/** NetBIOS names (RFC 1001 §14.1) share DNS's header; their types NB and NBSTAT share the numbers of NIMLOC and SRV. */
function isNetbiosName(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 33 > end || bytes[at] !== 32) return false;
  for (let index = at + 1; index <= at + 32; index++) {
    const code = bytes[index] as number;
    if (code < 0x41 || code > 0x50) return false;
  }
  return true;
}
