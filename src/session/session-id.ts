// The text of a session's id, which joins its records. Made by the session view for the first record of a session that
// wants it, on a packet worker.

const timeDigits = 13;
const wordDigits = 8;
const digits = Buffer.from('0123456789abcdef');
const scratch = Buffer.alloc(timeDigits + 2 * wordDigits);

/**
 * 29 hex digits: start time, flow hash, packet number.
 * @param startUs microseconds since 1970
 * @param hash 32 bits, signed or not; likewise `packetNumber`
 */
export function formatSessionId(startUs: number, hash: number, packetNumber: number): string {
  const upper = Math.floor(startUs / 2 ** 32);
  // Times before 1970 or past the year 2112 have a sign or another digit; they are seldom right.
  if (upper < 0 || upper >= 2 ** 20) return wideSessionId(startUs, hash, packetNumber);
  writeHex(upper, 0, timeDigits - wordDigits);
  writeHex(startUs - upper * 2 ** 32, timeDigits - wordDigits, wordDigits);
  writeHex(hash, timeDigits, wordDigits);
  writeHex(packetNumber, timeDigits + wordDigits, wordDigits);
  return scratch.toString('latin1');
}

/** The low 32 bits of `value`. */
function writeHex(value: number, from: number, count: number): void {
  let rest = value | 0;
  for (let at = from + count - 1; at >= from; at -= 1) {
    scratch[at] = digits[rest & 15] as number;
    rest >>>= 4;
  }
}

function wideSessionId(startUs: number, hash: number, packetNumber: number): string {
  const word = (value: number): string => (value >>> 0).toString(16).padStart(wordDigits, '0');
  return startUs.toString(16).padStart(timeDigits, '0') + word(hash) + word(packetNumber);
}
