// The messages of SOCKS 4, 4a and 5: how long each is, as far as its bytes tell. Called by the decoder and the probe.

/** Answers of the `…Length` functions that are no length. */
export const Incomplete = 0;
export const Malformed = -1;

/** Longest user or host in a message of SOCKS 4. */
const textMost = 255;

/** Length of the request of SOCKS 4 or 4a (version, command, port, address, user NUL, host NUL when the address is 0.0.0.x). */
export function request4Length(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 9) return Incomplete;
  const user = textEnd(bytes, from + 8, to);
  if (user <= 0 || !isNamed(bytes, from)) return user <= 0 ? user : user - from;
  const host = textEnd(bytes, user, to);
  return host <= 0 ? host : host - from;
}

/** Does the request of SOCKS 4 at `from` bring a host name (4a)? */
export function isNamed(bytes: Uint8Array, from: number): boolean {
  return bytes[from + 4] === 0 && bytes[from + 5] === 0 && bytes[from + 6] === 0 && bytes[from + 7] !== 0;
}

/** Behind the NUL of the text at `from`; or Incomplete or Malformed. */
function textEnd(bytes: Uint8Array, from: number, to: number): number {
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    if (byte === 0) return at + 1;
    if (byte < 0x20 || byte === 0x7f || at - from >= textMost) return Malformed;
  }
  return Incomplete;
}

/** Length of the client's list of methods (RFC 1928 section 3). */
export function greetingLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 2) return Incomplete;
  const count = bytes[from + 1] as number;
  if (bytes[from] !== 5 || count === 0) return Malformed;
  return to - from < 2 + count ? Incomplete : 2 + count;
}

/** Is the method one that is registered or kept for private use? */
export function isMethod(method: number): boolean {
  return method <= 9 || (method >= 0x80 && method < 0xff);
}

/** Length of a login (RFC 1929 section 2). */
export function loginLength(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 2) return Incomplete;
  if (bytes[from] !== 1) return Malformed;
  const password = 2 + (bytes[from + 1] as number);
  if (to - from <= password) return Incomplete;
  const length = password + 1 + (bytes[from + password] as number);
  return to - from < length ? Incomplete : length;
}

/** Length of a request or reply of SOCKS 5: both have the same form (RFC 1928 sections 4 and 6). */
export function request5Length(bytes: Uint8Array, from: number, to: number): number {
  if (to - from < 5) return Incomplete;
  if (bytes[from] !== 5) return Malformed;
  const size = addressBytes(bytes, from);
  if (size < 0) return Malformed;
  return to - from < 6 + size ? Incomplete : 6 + size;
}

export const AddressType = { ipv4: 1, host: 3, ipv6: 4 } as const;

/** Bytes of the address in a request or reply, with the length before a host name. */
export function addressBytes(bytes: Uint8Array, from: number): number {
  switch (bytes[from + 3]) {
    case AddressType.ipv4:
      return 4;
    case AddressType.host:
      return 1 + (bytes[from + 4] as number);
    case AddressType.ipv6:
      return 16;
    default:
      return -1;
  }
}
