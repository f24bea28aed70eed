// Domain names on the wire (RFC 1035 §3.1, §4.1.4): where one ends, and its text. Used by the message and record data
// readers on packet workers. Pointers may only lead backwards and are bounded in number, so no name loops.

import type { TextWriter } from './text-writer.ts';

/** Longest name on the wire, length octets and root included (RFC 1035 §3.1). */
const nameBytesMax = 255;
/** A message's header (RFC 1035 §4.1.1); no name lies in it. */
export const headerBytes = 12;
/** Pointers followed in one name. Encoders make chains of a few; the longest useful one has a label a pointer. */
const pointersMax = 127;

/** What `skipName` and `writeName` answer instead of an offset. */
export const NameFault = {
  /** The message ends within the name. */
  cut: -1,
  /** A label type that does not exist, more than 255 bytes, or a pointer into the header. */
  bad: -2,
  /** A pointer that leads to itself or forward, or too many of them. */
  loop: -3,
} as const;

/** @returns the offset behind the name at `at`, or a NameFault. Pointers are not followed. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  const start = at;
  for (let here = at; here < end; ) {
    const length = bytes[here] as number;
    if (length === 0) return here + 1 - start > nameBytesMax ? NameFault.bad : here + 1;
    if (length >= 0xc0) return here + 2 > end ? NameFault.cut : here + 2;
    if (length > 63) return NameFault.bad;
    here += 1 + length;
    if (here - start >= nameBytesMax) return NameFault.bad;
  }
  return NameFault.cut;
}

/**
 * Writes the name at `at` as text: labels joined by dots, without a dot at the end, the root as `.`.
 * `message` is the offset that pointers count from.
 * @returns the offset behind the name (behind its first pointer), or a NameFault.
 */
export function writeName(text: TextWriter, bytes: Uint8Array, message: number, at: number, end: number): number {
  let behind = -1;
  let here = at;
  // Every pointer must lead to before the place where the part of the name that holds it began.
  let partStart = at;
  let wireBytes = 0;
  let pointers = 0;
  while (here < end) {
    const length = bytes[here] as number;
    if (length === 0) {
      if (wireBytes === 0) text.byte(0x2e);
      return behind >= 0 ? behind : here + 1;
    }
    if (length >= 0xc0) {
      if (here + 2 > end) return NameFault.cut;
      if (behind < 0) behind = here + 2;
      const target = message + (((length & 0x3f) << 8) | (bytes[here + 1] as number));
      if (target < message + headerBytes) return NameFault.bad;
      if (target >= partStart || ++pointers > pointersMax) return NameFault.loop;
      partStart = target;
      here = target;
      continue;
    }
    if (length > 63) return NameFault.bad;
    const next = here + 1 + length;
    if (next > end) return NameFault.cut;
    if (wireBytes + length + 2 > nameBytesMax) return NameFault.bad;
    if (wireBytes > 0) text.byte(0x2e);
    wireBytes += 1 + length;
    text.label(bytes, here + 1, next);
    here = next;
  }
  return NameFault.cut;
}

/**
 * The end of a message's first name, which must stand whole: nothing lies before it that a pointer could lead to.
 * @returns the offset behind the name at `at`, or the NameFault that `writeName` would answer.
 */
export function firstNameEnd(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  while (here < end) {
    const length = bytes[here] as number;
    if (length === 0) return here + 1;
    if (length > 63) return length < 0xc0 ? NameFault.bad : pointerFault(bytes, here, end);
    here += 1 + length;
    if (here > end) return NameFault.cut;
    if (here - at >= nameBytesMax) return NameFault.bad;
  }
  return NameFault.cut;
}

function pointerFault(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 > end) return NameFault.cut;
  const target = (((bytes[at] as number) & 0x3f) << 8) | (bytes[at + 1] as number);
  return target < headerBytes ? NameFault.bad : NameFault.loop;
}

/**
 * Are two names of `length` bytes as on the wire, without pointers, the same? Letters are compared without case (RFC
 * 4343 §3); no octet that gives a label's length is a letter.
 */
export function sameName(a: Uint8Array, aFrom: number, b: Uint8Array, bFrom: number, length: number): boolean {
  for (let index = 0; index < length; index++) {
    const one = a[aFrom + index] as number;
    const other = b[bFrom + index] as number;
    if (one === other) continue;
    const letter = one | 0x20;
    if (letter !== (other | 0x20) || letter < 0x61 || letter > 0x7a) return false;
  }
  return true;
}
