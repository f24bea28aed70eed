// Text of addresses as bytes: addresses.ts makes strings of it. Addresses come as words in memory order, as session slots have
// them. What records have the addon writes (crates/capture/src/facts).

/** Most bytes that `writeIpv4` and `writeIpv6` touch. */
export const addressMost = 44;

/** By value: its decimal digits with a point behind them, and how many bytes that is. */
const decimals = new Int32Array(256);
const decimalLengths = new Uint8Array(256);
const hexDigits = Buffer.from('0123456789abcdef');
for (let value = 0; value < 256; value += 1) {
  // Each digit is written ahead of those behind it, from the point on.
  let bytes = 0x2e;
  let length = 1;
  for (let rest = value; rest > 0 || length === 1; rest = (rest / 10) | 0) {
    bytes = (bytes << 8) | (0x30 + (rest % 10));
    length += 1;
  }
  decimals[value] = bytes;
  decimalLengths[value] = length;
}

/** `192.0.2.1`; returns its end. Up to three bytes behind it are overwritten. */
export function writeIpv4(view: DataView, start: number, word: number): number {
  let at = start;
  for (let shift = 0; shift < 32; shift += 8) {
    const value = (word >>> shift) & 0xff;
    view.setInt32(at, decimals[value] as number, true);
    at += decimalLengths[value] as number;
  }
  return at - 1;
}

/** RFC 5952, as `formatIpv6`; the four words are at `from`. Returns the end. */
export function writeIpv6(view: DataView, start: number, words: Int32Array, from: number): number {
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let group = 0; group < 8; group += 1) {
    if (groupOf(words, from, group) !== 0) {
      runStart = -1;
      continue;
    }
    if (runStart < 0) runStart = group;
    if (group - runStart + 1 > bestLength) {
      bestStart = runStart;
      bestLength = group - runStart + 1;
    }
  }
  let at = start;
  if (bestStart === 0 && bestLength === 5 && groupOf(words, from, 5) === 0xffff) {
    // ::ffff:
    view.setInt32(at, 0x6666_3a3a, true);
    view.setInt32(at + 3, 0x3a66_6666, true);
    return writeIpv4(view, at + 7, words[from + 3] as number);
  }
  for (let group = 0; group < 8; group += 1) {
    if (group === bestStart) {
      view.setUint16(at, 0x3a3a, true);
      at += 2;
      group += bestLength - 1;
      continue;
    }
    if (group !== 0 && group !== bestStart + bestLength) view.setUint8(at++, 0x3a);
    at = writeGroup(view, at, groupOf(words, from, group));
  }
  return at;
}

function groupOf(words: Int32Array, from: number, group: number): number {
  const half = (words[from + (group >> 1)] as number) >>> ((group & 1) * 16);
  return ((half & 0xff) << 8) | ((half >>> 8) & 0xff);
}

/** Lower case, without leading zeros. */
function writeGroup(view: DataView, start: number, value: number): number {
  let at = start;
  if (value > 0xfff) view.setUint8(at++, hexDigits[value >> 12] as number);
  if (value > 0xff) view.setUint8(at++, hexDigits[(value >> 8) & 15] as number);
  if (value > 0xf) view.setUint8(at++, hexDigits[(value >> 4) & 15] as number);
  view.setUint8(at, hexDigits[value & 15] as number);
  return at + 1;
}
