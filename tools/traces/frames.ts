// Builds Ethernet/IPv4 frames with right lengths and checksums, for the trace generators and the tests.

export const Flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

export interface Endpoint {
  /** IPv4 address as a number. */
  readonly address: number;
  readonly port: number;
}

const ethernetBytes = 14;
const ipBytes = 20;

/** `10.0.0.1` as a number. */
export function ipv4(text: string): number {
  return text.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);
}

export function ipv4Text(address: number): string {
  return [24, 16, 8, 0].map((shift) => (address >>> shift) & 255).join('.');
}

/** Sum of 16-bit words, not yet folded. */
function sumWords(bytes: Buffer, from: number, to: number): number {
  let sum = 0;
  let at = from;
  for (; at + 1 < to; at += 2) sum += bytes.readUInt16BE(at);
  if (at < to) sum += (bytes[at] as number) << 8;
  return sum;
}

function fold(sum: number): number {
  let rest = sum;
  while (rest > 0xffff) rest = (rest & 0xffff) + Math.floor(rest / 65536);
  return ~rest & 0xffff;
}

let identification = 0;

/** Starts numbering IP packets anew, so that every trace begins alike. */
export function resetIdentification(): void {
  identification = 0;
}

function datagram(protocol: number, source: Endpoint, destination: Endpoint, transport: Buffer, minimumBytes: number): Buffer {
  const length = ethernetBytes + ipBytes + transport.length;
  const frame = Buffer.alloc(Math.max(length, minimumBytes));
  frame.writeUIntBE(0x020000000002, 0, 6);
  frame.writeUIntBE(0x020000000001, 6, 6);
  frame.writeUInt16BE(0x0800, 12);
  frame[14] = 0x45;
  frame.writeUInt16BE(ipBytes + transport.length, 16);
  identification = (identification + 1) & 0xffff;
  frame.writeUInt16BE(identification, 18);
  frame[22] = 64;
  frame[23] = protocol;
  frame.writeUInt32BE(source.address, 26);
  frame.writeUInt32BE(destination.address, 30);
  frame.writeUInt16BE(fold(sumWords(frame, 14, 34)), 24);
  transport.copy(frame, ethernetBytes + ipBytes);
  const checksumAt = ethernetBytes + ipBytes + (protocol === 6 ? 16 : 6);
  const pseudo = sumWords(frame, 26, 34) + protocol + transport.length;
  const checksum = fold(pseudo + sumWords(frame, ethernetBytes + ipBytes, length));
  frame.writeUInt16BE(protocol === 17 && checksum === 0 ? 0xffff : checksum, checksumAt);
  return frame;
}

/** A TCP segment. `minimumBytes`: Ethernet padding up to this size. */
export function tcpFrame(
  source: Endpoint,
  destination: Endpoint,
  sequence: number,
  acknowledgement: number,
  flags: number,
  payload: Uint8Array = Buffer.alloc(0),
  minimumBytes = 0,
): Buffer {
  const segment = Buffer.alloc(20 + payload.length);
  segment.writeUInt16BE(source.port, 0);
  segment.writeUInt16BE(destination.port, 2);
  segment.writeUInt32BE(sequence >>> 0, 4);
  segment.writeUInt32BE(acknowledgement >>> 0, 8);
  segment[12] = 0x50;
  segment[13] = flags;
  segment.writeUInt16BE(65535, 14);
  segment.set(payload, 20);
  return datagram(6, source, destination, segment, minimumBytes);
}

export function udpFrame(source: Endpoint, destination: Endpoint, payload: Uint8Array, minimumBytes = 0): Buffer {
  const segment = Buffer.alloc(8 + payload.length);
  segment.writeUInt16BE(source.port, 0);
  segment.writeUInt16BE(destination.port, 2);
  segment.writeUInt16BE(segment.length, 4);
  segment.set(payload, 8);
  return datagram(17, source, destination, segment, minimumBytes);
}
