// Text of addresses as they stand in a packet record or a session slot: network order bytes, IPv4 in the first four,
// a MAC in the first six. Called when records are made (packet workers), not per packet.

import { addressMost, writeIpv4, writeIpv6 } from './address-bytes.ts';

const hexPairs: readonly string[] = Array.from({ length: 256 }, (_, value) => value.toString(16).padStart(2, '0'));

const text = Buffer.alloc(addressMost);
const textView = new DataView(text.buffer, text.byteOffset, text.length);
const words = new Int32Array(4);
const wordBytes = Buffer.from(words.buffer);

/** `192.0.2.1` from the four bytes at `at`. */
export function formatIpv4(bytes: Uint8Array, at: number): string {
  wordBytes.set(bytes.subarray(at, at + 4));
  return text.toString('latin1', 0, writeIpv4(textView, 0, words[0] as number));
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
  wordBytes.set(bytes.subarray(at, at + 16));
  return text.toString('latin1', 0, writeIpv6(textView, 0, words, 0));
}

/** The address at `at` for IP version 4, 6, or 0 (layer 2, a MAC). */
export function formatAddress(ipVersion: number, bytes: Uint8Array, at: number): string {
  if (ipVersion === 4) return formatIpv4(bytes, at);
  return ipVersion === 6 ? formatIpv6(bytes, at) : formatMac(bytes, at);
}
