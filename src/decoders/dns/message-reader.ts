// Reads a DNS message in place (RFC 1035 §4): the header and the questions at once, the records one by one as a cursor.
// One reader a thread, used by the decoder for one message at a time; it keeps no bytes.

import { readU16, readU32 } from '../big-endian.ts';
import { firstNameEnd, headerBytes, NameFault, skipName } from './domain-name.ts';

/** Bits of the header's second word (RFC 1035 §4.1.1, RFC 4035 §3). */
export const HeaderFlag = {
  qr: 0x8000,
  aa: 0x0400,
  tc: 0x0200,
  rd: 0x0100,
  ra: 0x0080,
  z: 0x0040,
  ad: 0x0020,
  cd: 0x0010,
} as const;

/** Answers of `open` and `next`; faults are negative and include those of names. */
export const Reading = { end: 0, ok: 1, ...NameFault, shortHeader: -4 } as const;

export class MessageReader {
  /** The message is `[start, end)` of the bytes given to `open`. */
  start: number;
  end: number;
  id: number;
  flags: number;
  questionCount: number;
  answerCount: number;
  authorityCount: number;
  additionalCount: number;
  /** Bytes of the first question's name on the wire, which stands behind the header; 0 when `questionCount` is 0. */
  questionNameBytes: number;
  questionType: number;
  /** Without the top bit, which multicast DNS uses (RFC 6762 §5.4). */
  questionClass: number;
  /** The top bit: an answer by unicast is asked for. */
  unicastWanted: boolean;
  /** Offset behind the first question. */
  firstQuestionEnd: number;

  /** The record that `next` has read. */
  ownerAt: number;
  type: number;
  /** As on the wire: the size of a UDP payload for OPT, with multicast DNS's flush bit. */
  rawClass: number;
  ttl: number;
  dataAt: number;
  dataEnd: number;
  #at: number;

  constructor() {
    this.start = 0;
    this.end = 0;
    this.id = 0;
    this.flags = 0;
    this.questionCount = 0;
    this.answerCount = 0;
    this.authorityCount = 0;
    this.additionalCount = 0;
    this.questionNameBytes = 0;
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    this.firstQuestionEnd = 0;
    this.ownerAt = 0;
    this.type = 0;
    this.rawClass = 0;
    this.ttl = 0;
    this.dataAt = 0;
    this.dataEnd = 0;
    this.#at = 0;
  }

  get isResponse(): boolean {
    return (this.flags & HeaderFlag.qr) !== 0;
  }
  get opcode(): number {
    return (this.flags >> 11) & 15;
  }
  /** The four bits in the header; EDNS may put more above them. */
  get rcode(): number {
    return this.flags & 15;
  }
  /** Bytes between what has been read and the end. */
  get bytesLeft(): number {
    return this.end - this.#at;
  }

  /** Reads the header and the questions. @returns Reading.ok or a fault. */
  open(bytes: Uint8Array, start: number, end: number): number {
    this.start = start;
    this.end = end;
    if (end - start < headerBytes) return Reading.shortHeader;
    this.id = readU16(bytes, start);
    this.flags = readU16(bytes, start + 2);
    this.questionCount = readU16(bytes, start + 4);
    this.answerCount = readU16(bytes, start + 6);
    this.authorityCount = readU16(bytes, start + 8);
    this.additionalCount = readU16(bytes, start + 10);
    this.questionNameBytes = 0;
    this.questionType = 0;
    this.questionClass = 0;
    this.unicastWanted = false;
    let at = start + headerBytes;
    if (this.questionCount > 0) {
      at = firstNameEnd(bytes, at, end);
      if (at < 0) return at;
      this.questionNameBytes = at - start - headerBytes;
      if (at + 4 > end) return Reading.cut;
      this.questionType = readU16(bytes, at);
      const rawClass = readU16(bytes, at + 2);
      this.questionClass = rawClass & 0x7fff;
      this.unicastWanted = rawClass > 0x7fff;
      at += 4;
    }
    this.firstQuestionEnd = at;
    for (let question = 1; question < this.questionCount; question++) {
      at = skipName(bytes, at, end);
      if (at < 0) return at;
      at += 4;
      if (at > end) return Reading.cut;
    }
    this.#at = at;
    return Reading.ok;
  }

  /** Reads the head of the next record. @returns Reading.ok, Reading.end at the end of the message, or a fault. */
  next(bytes: Uint8Array): number {
    if (this.#at === this.end) return Reading.end;
    const owner = this.#at;
    // Nearly all owners are a pointer and nothing else.
    const at = (bytes[owner] as number) >= 0xc0 && owner + 2 <= this.end ? owner + 2 : skipName(bytes, owner, this.end);
    if (at < 0) return at;
    if (at + 10 > this.end) return Reading.cut;
    this.ownerAt = owner;
    this.type = readU16(bytes, at);
    this.rawClass = readU16(bytes, at + 2);
    this.ttl = readU32(bytes, at + 4);
    this.dataAt = at + 10;
    this.dataEnd = at + 10 + readU16(bytes, at + 8);
    if (this.dataEnd > this.end) return Reading.cut;
    this.#at = this.dataEnd;
    return Reading.ok;
  }
}
