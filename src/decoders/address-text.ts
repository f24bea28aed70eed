// The text of addresses that protocols carry in their messages: dotted IPv4, RFC 5952 for IPv6, MACs with colons. Strings,
// for what is noted now and then; the addresses of sessions are written as bytes elsewhere.

/** The IPv4 address at `at`, dotted. */
export function ipv4Text(bytes: Buffer, at: number): string {
  return `${bytes[at]}.${bytes[at + 1]}.${bytes[at + 2]}.${bytes[at + 3]}`;
}

/** The IPv6 address at `at` as RFC 5952 has it; IPv4-mapped ones (RFC 4291 section 2.5.5.2) as the IPv4 address they stand for. */
export function ipv6Text(bytes: Buffer, at: number): string {
  const groups: number[] = [];
  for (let group = 0; group < 16; group += 2)
    groups.push(((bytes[at + group] as number) << 8) | (bytes[at + group + 1] as number));
  let bestStart = -1;
  let bestLength = 1;
  let length = 0;
  for (let group = 0; group < 8; group += 1) {
    length = groups[group] === 0 ? length + 1 : 0;
    if (length > bestLength) {
      bestStart = group - length + 1;
      bestLength = length;
    }
  }
  if (bestStart === 0 && bestLength === 5 && groups[5] === 0xffff) return ipv4Text(bytes, at + 12);
  const words = groups.map((group) => group.toString(16));
  if (bestStart < 0) return words.join(':');
  return `${words.slice(0, bestStart).join(':')}::${words.slice(bestStart + bestLength).join(':')}`;
}

/** The address `[from, to)`, of 4 or 16 bytes; '' for other lengths. */
export function addressText(bytes: Buffer, from: number, to: number): string {
  if (to - from === 4) return ipv4Text(bytes, from);
  return to - from === 16 ? ipv6Text(bytes, from) : '';
}

/** The six bytes at `at` as `00:1d:09:f0:92:ab`. */
export function macText(bytes: Buffer, at: number): string {
  return bytes.toString('hex', at, at + 6).replace(/..(?=.)/g, '$&:');
}
