// Text of addresses as they stand in a packet record or a session slot: network order bytes, IPv4 in the first four,
// a MAC in the first six. Called when records are made (packet workers), not per packet.

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

/** `192.0.2.1` from the four bytes at `at`. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** `aa:bb:cc:dd:ee:ff` from the six bytes at `at`. */
export function formatMac(bytes: Uint8Array, at: number): string {
  let text = hexPairs[bytes[at] as number] as string;
  for (let position = 1; position < 6; position += 1) text += `:${hexPairs[bytes[at + position] as number]}`;
  return text;
}

/**
 * The sixteen bytes at `at` in the form of RFC 5952: lower case, no leading zeros, the longest run of two or more zero
 * groups (the first of equals) as `::`, IPv4-mapped addresses with their dotted tail (section 5).
 */
export function formatIpv6(bytes: Uint8Array, at: number): string {
  let bestStart = -1;
  let bestLength = 1;
  let runStart = -1;
  for (let group = 0; group < 8; group += 1) {
    if (groupAt(bytes, at, group) !== 0) {
      runStart = -1;
      continue;
    }
    if (runStart < 0) runStart = group;
    if (group - runStart + 1 > bestLength) {
      bestStart = runStart;
      bestLength = group - runStart + 1;
    }
  }
  if (bestStart === 0 && bestLength === 5 && groupAt(bytes, at, 5) === 0xffff) return `::ffff:${formatIpv4(bytes, at + 12)}`;
  let text = '';
  for (let group = 0; group < 8; group += 1) {
    if (group === bestStart) {
      text += '::';
      group += bestLength - 1;
      continue;
    }
    if (text !== '' && !text.endsWith(':')) text += ':';
    text += groupAt(bytes, at, group).toString(16);
  }
  return text;
}

/** The address at `at` for IP version 4, 6, or 0 (layer 2, a MAC). */
export function formatAddress(ipVersion: number, bytes: Uint8Array, at: number): string {
  if (ipVersion === 4) return formatIpv4(bytes, at);
  return ipVersion === 6 ? formatIpv6(bytes, at) : formatMac(bytes, at);
}

function groupAt(bytes: Uint8Array, at: number, group: number): number {
  return ((bytes[at + group * 2] as number) << 8) | (bytes[at + group * 2 + 1] as number);
}
