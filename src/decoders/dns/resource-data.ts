// The data of a resource record as text, in the presentation format of the type's RFC; types without one here, and data
// that does not fit its type, in the form that RFC 3597 §5 gives to unknown types (`\# 4 0A000001`). Called by the
// decoder for every record that it shows. Packet workers.

import { readU16, readU32 } from '../big-endian.ts';
import { typeName } from './code-points.ts';
import { writeName } from './domain-name.ts';
import { writeSvcParams } from './svc-params.ts';
import type { TextWriter } from './text-writer.ts';

/**
 * Layout of the data, a letter a field, spaces between fields in the text:
 * `a` IPv4, `A` IPv6, `n` name, `1 2 4` unsigned of so many bytes, `t` type, `d` time (RFC 4034 §3.2),
 * `s` character-string, `S` one or more of them to the end, `q` the rest quoted, `g` tag of CAA (RFC 8659 §4.1.1),
 * `h` rest as hex, `b` rest as base64, `e` rest as an EUI (RFC 7043), `l` salt (RFC 5155 §3.3), `o` hash (same),
 * `m` type bitmap (RFC 4034 §4.1.2), `p` service parameters (RFC 9460 §2.1).
 */
const layouts: readonly (readonly [number, string])[] = [
  [1, 'a'],
  [2, 'n'],
  [3, 'n'],
  [4, 'n'],
  [5, 'n'],
  [6, 'nn44444'],
  [7, 'n'],
  [8, 'n'],
  [9, 'n'],
  [12, 'n'],
  [13, 'ss'],
  [14, 'nn'],
  [15, '2n'],
  [16, 'S'],
  [17, 'nn'],
  [18, '2n'],
  [19, 's'],
  [20, 'S'],
  [21, '2n'],
  [24, 't114dd2nb'],
  [25, '211b'],
  [28, 'A'],
  [33, '222n'],
  [35, '22sssn'],
  [36, '2n'],
  [37, '221b'],
  [39, 'n'],
  [43, '211h'],
  [44, '11h'],
  [46, 't114dd2nb'],
  [47, 'nm'],
  [48, '211b'],
  [49, 'b'],
  [50, '112lom'],
  [51, '112l'],
  [52, '111h'],
  [53, '111h'],
  [56, 'S'],
  [58, 'nn'],
  [59, '211h'],
  [60, '211b'],
  [61, 'b'],
  [62, '42m'],
  [63, '411h'],
  [64, '2np'],
  [65, '2np'],
  [99, 'S'],
  [105, '2a'],
  [107, '2n'],
  [108, 'e'],
  [109, 'e'],
  [256, '22q'],
  [257, '1gq'],
  [258, 'S'],
  [261, 'S'],
  [32768, '211h'],
  [32769, '211h'],
];
const lowLayouts = new Array<string | undefined>(262).fill(undefined);
for (const [type, layout] of layouts) if (type < lowLayouts.length) lowLayouts[type] = layout;
const highLayouts = new Map(layouts.filter(([type]) => type >= lowLayouts.length));

/**
 * Writes the data `[from, to)` of a record of `type` as text; `message` is the offset that compression counts from.
 * @returns false when the data is not what its type asks for; the text is then the RFC 3597 form.
 */
export function writeData(text: TextWriter, type: number, bytes: Uint8Array, message: number, from: number, to: number): boolean {
  const layout = type < lowLayouts.length ? lowLayouts[type] : highLayouts.get(type);
  if (layout === undefined) {
    writeGeneric(text, bytes, from, to);
    return true;
  }
  const start = text.length;
  let at = from;
  for (let index = 0; index < layout.length && at >= 0; index++) {
    const field = layout.charCodeAt(index);
    // A type bitmap and service parameters may be empty and put their own spaces.
    if (index > 0 && field !== 0x6d && field !== 0x70) text.space();
    at = writeField(text, field, bytes, message, at, to);
  }
  if (at === to) return true;
  text.length = start;
  text.cut = false;
  writeGeneric(text, bytes, from, to);
  return false;
}

/** RFC 3597 §5. */
export function writeGeneric(text: TextWriter, bytes: Uint8Array, from: number, to: number): void {
  text.ascii('\\# ');
  text.decimal(to - from);
  if (to > from) text.space();
  text.hex(bytes, from, to);
}

/** @returns the offset behind the field, or a negative number when it does not fit. */
function writeField(text: TextWriter, field: number, bytes: Uint8Array, message: number, at: number, to: number): number {
  switch (field) {
    case 0x61: // a
      if (at + 4 > to) return -1;
      text.ipv4(bytes, at);
      return at + 4;
    case 0x41: // A
      if (at + 16 > to) return -1;
      text.ipv6(bytes, at);
      return at + 16;
    case 0x6e: // n
      return writeName(text, bytes, message, at, to);
    case 0x31: // 1
      if (at + 1 > to) return -1;
      text.decimal(bytes[at] as number);
      return at + 1;
    case 0x32: // 2
      if (at + 2 > to) return -1;
      text.decimal(readU16(bytes, at));
      return at + 2;
    case 0x34: // 4
      if (at + 4 > to) return -1;
      text.decimal(readU32(bytes, at));
      return at + 4;
    case 0x74: // t
      if (at + 2 > to) return -1;
      text.ascii(typeName(readU16(bytes, at)));
      return at + 2;
    case 0x64: // d
      if (at + 4 > to) return -1;
      writeTime(text, readU32(bytes, at));
      return at + 4;
    case 0x73: // s
      return writeString(text, bytes, at, to);
    case 0x53: // S
      return writeStrings(text, bytes, at, to);
    case 0x71: // q
      text.quoted(bytes, at, to);
      return to;
    case 0x67: // g
      return writeTag(text, bytes, at, to);
    case 0x68: // h
      if (at >= to) return -1;
      text.hex(bytes, at, to);
      return to;
    case 0x62: // b
      if (at >= to) return -1;
      text.base64(bytes, at, to);
      return to;
    case 0x65: // e
      return writeEui(text, bytes, at, to);
    case 0x6c: // l
    case 0x6f: // o
      return writeCounted(text, field === 0x6f, bytes, at, to);
    case 0x6d: // m
      return writeBitmap(text, bytes, at, to);
    default: // p
      return writeSvcParams(text, bytes, at, to) ? to : -1;
  }
}

/** Seconds since 1970 modulo 2^32 as YYYYMMDDHHmmSS. */
function writeTime(text: TextWriter, seconds: number): void {
  const iso = new Date(seconds * 1000).toISOString();
  for (let index = 0; index < 19; index++) {
    const code = iso.charCodeAt(index);
    if (code >= 0x30 && code <= 0x39) text.byte(code);
  }
}

function writeString(text: TextWriter, bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  const end = at + 1 + (bytes[at] as number);
  if (end > to) return -1;
  text.quoted(bytes, at + 1, end);
  return end;
}

function writeStrings(text: TextWriter, bytes: Uint8Array, at: number, to: number): number {
  let here = at;
  do {
    if (here > at) text.space();
    here = writeString(text, bytes, here, to);
  } while (here >= 0 && here < to);
  return here;
}

function writeTag(text: TextWriter, bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  const end = at + 1 + (bytes[at] as number);
  if (end > to || end === at + 1) return -1;
  for (let index = at + 1; index < end; index++) text.labelByte(bytes[index] as number);
  return end;
}

function writeEui(text: TextWriter, bytes: Uint8Array, at: number, to: number): number {
  if (to - at !== 6 && to - at !== 8) return -1;
  for (let index = at; index < to; index++) {
    if (index > at) text.byte(0x2d);
    const value = bytes[index] as number;
    text.hexGroup(value >> 4);
    text.hexGroup(value & 15);
  }
  return to;
}

/** Length octet and bytes: a hash in base32hex, or a salt in hex that is `-` when empty. */
function writeCounted(text: TextWriter, hash: boolean, bytes: Uint8Array, at: number, to: number): number {
  if (at >= to) return -1;
  const end = at + 1 + (bytes[at] as number);
  if (end > to) return -1;
  if (hash) text.base32(bytes, at + 1, end);
  else if (end === at + 1) text.byte(0x2d);
  else text.hex(bytes, at + 1, end);
  return end;
}

/** Window blocks, in order: number, length 1 to 32, bits. */
function writeBitmap(text: TextWriter, bytes: Uint8Array, at: number, to: number): number {
  let here = at;
  let lastWindow = -1;
  while (here < to) {
    if (here + 2 > to) return -1;
    const window = bytes[here] as number;
    const length = bytes[here + 1] as number;
    const bits = here + 2;
    if (window <= lastWindow || length < 1 || length > 32 || bits + length > to) return -1;
    lastWindow = window;
    for (let index = 0; index < length * 8 && !text.cut; index++) {
      if (((bytes[bits + (index >> 3)] as number) & (0x80 >> (index & 7))) === 0) continue;
      text.space();
      text.ascii(typeName(window * 256 + index));
    }
    here = bits + length;
  }
  return here;
}
