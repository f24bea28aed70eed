// Community ID version 1 (https://github.com/corelight/community-id-spec): a text that every tool computes alike for
// both directions of a flow: "1:" and the SHA-1 of seed, addresses, protocol and ports in base64. Called when records are
// made, on packet workers.

import { sha1Block } from './sha1-block.ts';

const Protocol = { icmp: 1, tcp: 6, udp: 17, icmpv6: 58, sctp: 132 } as const;

/** ICMP types that have a counterpart; every other type is a one-way flow in the specification's sense. */
const icmpPairs: ReadonlyMap<number, number> = new Map([
  [0, 8],
  [8, 0],
  [9, 10],
  [10, 9],
  [13, 14],
  [14, 13],
  [15, 16],
  [16, 15],
  [17, 18],
  [18, 17],
]);
const icmpv6Pairs: ReadonlyMap<number, number> = new Map([
  [128, 129],
  [129, 128],
  [130, 131],
  [131, 130],
  [133, 134],
  [134, 133],
  [135, 136],
  [136, 135],
  [139, 140],
  [140, 139],
  [144, 145],
  [145, 144],
]);

/** What stands for the ports of an ICMP packet: its type and the type that answers it, or its code where none does. */
export function icmpPorts(protocol: number, type: number, code: number): readonly [number, number] {
  return [type, (protocol === Protocol.icmp ? icmpPairs : icmpv6Pairs).get(type) ?? code];
}

/** Words of a digest. */
export const digestWords = 5;
/** Characters of a community id. */
export const communityIdLength = 30;

/** What is hashed, as bytes: at most 42 of them, so one block. */
const message = Buffer.alloc(64);
const messageWords = new DataView(message.buffer, message.byteOffset, message.length);
const textBytes = new DataView(new ArrayBuffer(communityIdLength));

/**
 * Puts the flow's digest into `target`.
 * @param bytes holds both addresses, `addressLength` bytes each (4 or 16), at `sourceAt` and `destinationAt`
 * @param sourcePort port; ICMP: type
 * @param destinationPort port; ICMP: the type's counterpart, or the code where it has none
 * @param seed 0 to 65535
 * @param always the ports are hashed for every protocol, and the ends put in order also for ICMP without an answer, as Arkime
 *   does against the specification
 */
export function communityDigest(
  bytes: Uint8Array,
  sourceAt: number,
  destinationAt: number,
  addressLength: number,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
  seed: number,
  target: Int32Array,
  always = false,
): void {
  const withPorts =
    always ||
    protocol === Protocol.tcp ||
    protocol === Protocol.udp ||
    protocol === Protocol.sctp ||
    protocol === Protocol.icmp ||
    protocol === Protocol.icmpv6;
  let swap = false;
  if (always || !isOneWay(protocol, sourcePort, destinationPort)) {
    const order = compareBytes(bytes, sourceAt, destinationAt, addressLength);
    swap = order > 0 || (order === 0 && withPorts && sourcePort > destinationPort);
  }
  const lowAt = swap ? destinationAt : sourceAt;
  const highAt = swap ? sourceAt : destinationAt;
  messageWords.setUint16(0, seed);
  for (let position = 0; position < addressLength; position += 1) {
    message[2 + position] = bytes[lowAt + position] as number;
    message[2 + addressLength + position] = bytes[highAt + position] as number;
  }
  let length = 2 + addressLength * 2;
  messageWords.setUint16(length, protocol << 8);
  length += 2;
  if (withPorts) {
    messageWords.setUint16(length, swap ? destinationPort : sourcePort);
    messageWords.setUint16(length + 2, swap ? sourcePort : destinationPort);
    length += 4;
  }
  sha1Block(messageWords, length, target);
}

/** Writes the text of a digest; returns its end. */
export function writeCommunityId(view: DataView, start: number, digest: Int32Array): number {
  view.setUint16(start, 0x3a31, true);
  let at = start + 2;
  // 20 bytes are six times three and two. Of three bytes each, the words overlap as here.
  const a = digest[0] as number;
  const b = digest[1] as number;
  const c = digest[2] as number;
  const d = digest[3] as number;
  const e = digest[4] as number;
  at = writeTriple(view, at, a >>> 8);
  at = writeTriple(view, at, ((a & 0xff) << 16) | (b >>> 16));
  at = writeTriple(view, at, ((b & 0xffff) << 8) | (c >>> 24));
  at = writeTriple(view, at, c & 0xff_ffff);
  at = writeTriple(view, at, d >>> 8);
  at = writeTriple(view, at, ((d & 0xff) << 16) | (e >>> 16));
  at = writeTriple(view, at, (e & 0xffff) << 8);
  view.setUint8(at - 1, 0x3d);
  return at;
}

/** The same as text, for those who want one; parameters as of `communityDigest`. */
export function communityId(
  bytes: Uint8Array,
  sourceAt: number,
  destinationAt: number,
  addressLength: number,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
  seed: number,
  always = false,
): string {
  const digest = new Int32Array(digestWords);
  communityDigest(bytes, sourceAt, destinationAt, addressLength, protocol, sourcePort, destinationPort, seed, digest, always);
  return Buffer.from(textBytes.buffer).toString('latin1', 0, writeCommunityId(textBytes, 0, digest));
}

const alphabet = Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/');

/** Three bytes as four characters. */
function writeTriple(view: DataView, at: number, bits: number): number {
  view.setInt32(
    at,
    (alphabet[bits >>> 18] as number) |
      ((alphabet[(bits >>> 12) & 63] as number) << 8) |
      ((alphabet[(bits >>> 6) & 63] as number) << 16) |
      ((alphabet[bits & 63] as number) << 24),
    true,
  );
  return at + 4;
}

function isOneWay(protocol: number, type: number, counterpart: number): boolean {
  if (protocol === Protocol.icmp) return icmpPairs.get(type) !== counterpart;
  if (protocol === Protocol.icmpv6) return icmpv6Pairs.get(type) !== counterpart;
  return false;
}

function compareBytes(bytes: Uint8Array, left: number, right: number, length: number): number {
  for (let position = 0; position < length; position += 1) {
    const difference = (bytes[left + position] as number) - (bytes[right + position] as number);
    if (difference !== 0) return difference;
  }
  return 0;
}
