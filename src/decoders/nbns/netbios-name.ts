// Names of NetBIOS on the wire (RFC 1001 §14.1): each half of a byte is a letter from A to P. Called by the message reader
// and recognition.

const nameLetters = 32;
const nameBytes = 16;
/** Labels of a scope that are walked. */
const labelsMax = 128;

/** Does an encoded name stand at `at`, whole? */
export function isEncodedName(bytes: Uint8Array, at: number, end: number): boolean {
  if (at + 1 + nameLetters >= end || bytes[at] !== nameLetters) return false;
  for (let index = at + 1; index <= at + nameLetters; index++) {
    const code = bytes[index] as number;
    if (code < 0x41 || code > 0x50) return false;
  }
  return true;
}

/**
 * The name at `at`, of whose message the first byte is at `message`: its 15 characters without the blanks that fill them and
 * without what cannot be printed, as `\x01\x02` around `__MSBROWSE__`; '' when it is not encoded so.
 */
export function nameAt(bytes: Uint8Array, message: number, at: number, end: number): string {
  const start = (bytes[at] as number) >= 0xc0 && at + 2 <= end ? message + pointerAt(bytes, at) : at;
  if (start > at || !isEncodedName(bytes, start, end)) return '';
  const plain = new Uint8Array(nameBytes);
  for (let index = 0; index < nameBytes; index++) {
    const high = (bytes[start + 1 + 2 * index] as number) - 0x41;
    plain[index] = (high << 4) | ((bytes[start + 2 + 2 * index] as number) - 0x41);
  }
  return plainName(plain, 0);
}

/** The 15 characters of a name at `at` that is not encoded. The 16th byte says what kind of name it is. */
export function plainName(bytes: Uint8Array, at: number): string {
  let text = '';
  for (let index = at; index < at + nameBytes - 1; index++) {
    const code = bytes[index] as number;
    if (code >= 0x20 && code !== 0x7f) text += String.fromCharCode(code);
  }
  return text.trimEnd();
}

/** The offset behind the name at `at`; -1 when it does not end. */
export function skipName(bytes: Uint8Array, at: number, end: number): number {
  let here = at;
  for (let label = 0; here < end && label < labelsMax; label++) {
    const length = bytes[here] as number;
    if (length >= 0xc0) return here + 2 <= end ? here + 2 : -1;
    here += 1 + length;
    if (length === 0) return here;
  }
  return -1;
}

function pointerAt(bytes: Uint8Array, at: number): number {
  return (((bytes[at] as number) & 0x3f) << 8) | (bytes[at + 1] as number);
}
