// Community ID version 1 (https://github.com/corelight/community-id-spec): a text that every tool computes alike for
// both directions of a flow. Called when records are made, on packet workers.

import { hash } from 'node:crypto';

const scratch = Buffer.alloc(2 + 16 + 16 + 2 + 4);

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

/**
 * @param bytes holds both addresses, `addressLength` bytes each (4 or 16), at `sourceAt` and `destinationAt`
 * @param sourcePort port; ICMP: type
 * @param destinationPort port; ICMP: the type's counterpart, or the code where it has none
 * @param seed 0 to 65535
 */
export function communityId(
  bytes: Uint8Array,
  sourceAt: number,
  destinationAt: number,
  addressLength: number,
  protocol: number,
  sourcePort: number,
  destinationPort: number,
  seed: number,
): string {
  const withPorts =
    protocol === Protocol.tcp ||
    protocol === Protocol.udp ||
    protocol === Protocol.sctp ||
    protocol === Protocol.icmp ||
    protocol === Protocol.icmpv6;
  let swap = false;
  if (!isOneWay(protocol, sourcePort, destinationPort)) {
    const order = compareBytes(bytes, sourceAt, destinationAt, addressLength);
    swap = order > 0 || (order === 0 && withPorts && sourcePort > destinationPort);
  }
  const lowAt = swap ? destinationAt : sourceAt;
  const highAt = swap ? sourceAt : destinationAt;
  let at = scratch.writeUInt16BE(seed, 0);
  for (let position = 0; position < addressLength; position += 1) {
    scratch[at + position] = bytes[lowAt + position] as number;
    scratch[at + addressLength + position] = bytes[highAt + position] as number;
  }
  at += addressLength * 2;
  scratch[at] = protocol;
  scratch[at + 1] = 0;
  at += 2;
  if (withPorts) {
    at = scratch.writeUInt16BE(swap ? destinationPort : sourcePort, at);
    at = scratch.writeUInt16BE(swap ? sourcePort : destinationPort, at);
  }
  return `1:${hash('sha1', scratch.subarray(0, at), 'base64')}`;
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
