// Domain names as strings, for the objects of queries: labels as they are, joined by dots. What a record shows goes another
// way (`domain-name.ts`), with every byte that is not plain written as a number. Runs on packet workers, where Arkime's
// document is written.

import { readU16 } from '../big-endian.ts';
import { textOf } from '../wire-text.ts';
import { headerBytes, NameFault, skipName } from './domain-name.ts';

const nameBytesMax = 255;
const scratch = Buffer.alloc(nameBytesMax + 1);

/** The name that `readWireName` read last; '' for the root. */
export interface WireName {
  text: string;
}

/**
 * Reads the name at `at`; `message` is the offset that pointers count from. Pointers lead back only.
 * @returns the offset behind the name (behind its first pointer), or a NameFault
 */
export function readWireName(name: WireName, bytes: Buffer, message: number, at: number, end: number): number {
  const behind = skipName(bytes, at, end);
  if (behind < 0) return behind;
  let length = 0;
  let here = at;
  let partStart = at;
  while (here < end) {
    const size = bytes[here] as number;
    if (size === 0) {
      name.text = textOf(scratch, 0, Math.max(0, length - 1));
      return behind;
    }
    if (size >= 0xc0) {
      if (here + 2 > end) return NameFault.cut;
      const target = message + (readU16(bytes, here) & 0x3fff);
      if (target < message + headerBytes) return NameFault.bad;
      // Each part begins before the one that leads to it: so this ends.
      if (target >= partStart) return NameFault.loop;
      partStart = target;
      here = target;
      continue;
    }
    const next = here + 1 + size;
    if (size > 63 || length + size + 1 > nameBytesMax) return NameFault.bad;
    if (next > end) return NameFault.cut;
    bytes.copy(scratch, length, here + 1, next);
    length += size;
    scratch[length++] = 0x2e;
    here = next;
  }
  return NameFault.cut;
}
