// How documents write positions of packets: as differences in which a repeated one is 0 (`gap0`), and the same as varints in
// the local index file of a capture file. The formats are those of Arkime 6.
//
//   varint  7 bits a byte, lowest first; the LAST byte of a number has bit 7 set, the ones before have not

import { positionGaps } from '../record/index.ts';

/** Positions of one file, in order. */
export interface FilePositions {
  readonly file: number;
  readonly positions: number[];
}

/** Most bytes of a number in an index: 56 bits. */
const varintMost = 8;

/** `packetPos` of a document → positions by file. `isGap`: whether those of a file are written as differences. */
export function splitPositions(packetPos: readonly number[], isGap: (file: number) => boolean): FilePositions[] {
  const files: FilePositions[] = [];
  let last = 0;
  let lastGap = 0;
  let gaps = false;
  for (const value of packetPos) {
    if (value < 0) {
      files.push({ file: -value, positions: [] });
      gaps = isGap(-value);
      last = 0;
      lastGap = 0;
      continue;
    }
    const file = files.at(-1);
    if (file === undefined) continue;
    if (gaps) {
      if (value !== 0) lastGap = value;
      last += lastGap;
    } else last = value;
    file.positions.push(last);
  }
  return files;
}

/** Varints of the differences of `positions`, for an index file. */
export function indexBytes(positions: readonly number[]): Buffer {
  const out = Buffer.allocUnsafe(positions.length * varintMost);
  let at = 0;
  for (const value of positionGaps(positions)) {
    let rest = value;
    for (; rest >= 128; rest = Math.floor(rest / 128)) out[at++] = rest % 128;
    out[at++] = rest | 0x80;
  }
  return out.subarray(0, at);
}

/** The positions that lie in `bytes` of an index file; what is cut off at the end is left out. */
export function readIndex(bytes: Uint8Array): number[] {
  const positions: number[] = [];
  let last = 0;
  let lastGap = 0;
  let value = 0;
  let weight = 1;
  for (const byte of bytes) {
    value += (byte & 0x7f) * weight;
    weight *= 128;
    if ((byte & 0x80) === 0) continue;
    if (value !== 0) lastGap = value;
    last += lastGap;
    positions.push(last);
    value = 0;
    weight = 1;
  }
  return positions;
}
