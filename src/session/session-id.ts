// The id of a session, which joins its records: 29 hex digits of start time, flow hash and packet number. Written by the
// session view for every record, on a packet worker.

const timeDigits = 13;
const wordDigits = 8;
export const sessionIdLength = timeDigits + 2 * wordDigits;
/** Most bytes of an id: times before 1970 or past the year 2112 have a sign or more digits; they are seldom right. */
export const sessionIdMost = 64;

/** By value: two hex digits, as they lie in memory. */
const pairs = new Uint16Array(256);
for (let value = 0; value < 256; value += 1) pairs[value] = Buffer.from(value.toString(16).padStart(2, '0')).readUInt16LE(0);

const scratch = Buffer.alloc(sessionIdMost);
const scratchView = new DataView(scratch.buffer, scratch.byteOffset, scratch.length);

/**
 * Writes the id and returns its end.
 * @param startUs microseconds since 1970
 * @param hash 32 bits, signed or not; likewise `packetNumber`
 */
export function writeSessionId(view: DataView, at: number, startUs: number, hash: number, packetNumber: number): number {
  const upper = Math.floor(startUs / 2 ** 32);
  if (upper < 0 || upper >= 2 ** 20) return writeWide(view, at, startUs, hash, packetNumber);
  view.setUint16(at, pairs[(upper >>> 12) & 0xff] as number, true);
  view.setUint16(at + 2, pairs[(upper >>> 4) & 0xff] as number, true);
  view.setUint8(at + 4, (pairs[upper & 15] as number) >>> 8);
  writeWord(view, at + 5, (startUs - upper * 2 ** 32) | 0);
  writeWord(view, at + timeDigits, hash);
  writeWord(view, at + timeDigits + wordDigits, packetNumber);
  return at + sessionIdLength;
}

/** The same as text. */
export function formatSessionId(startUs: number, hash: number, packetNumber: number): string {
  return scratch.toString('latin1', 0, writeSessionId(scratchView, 0, startUs, hash, packetNumber));
}

/** The low 32 bits of `value` as eight digits. */
function writeWord(view: DataView, at: number, value: number): void {
  view.setUint16(at, pairs[(value >>> 24) & 0xff] as number, true);
  view.setUint16(at + 2, pairs[(value >>> 16) & 0xff] as number, true);
  view.setUint16(at + 4, pairs[(value >>> 8) & 0xff] as number, true);
  view.setUint16(at + 6, pairs[value & 0xff] as number, true);
}

function writeWide(view: DataView, at: number, startUs: number, hash: number, packetNumber: number): number {
  const word = (value: number): string => (value >>> 0).toString(16).padStart(wordDigits, '0');
  const text = (startUs.toString(16).padStart(timeDigits, '0') + word(hash) + word(packetNumber)).slice(0, sessionIdMost);
  for (let index = 0; index < text.length; index += 1) view.setUint8(at + index, text.charCodeAt(index));
  return at + text.length;
}
