// Writes and reads the golden capture of the DNS decoder: classic pcap, Ethernet, IPv4, UDP and in-order TCP without
// options. Nothing more, so that the golden test needs no other room.

import type { Direction } from '../../../src/decoders/index.ts';
import { bytes, u16, u32 } from './wire.ts';

export interface Packet {
  readonly timeUs: number;
  readonly transport: 'udp' | 'tcp';
  readonly source: string;
  readonly sourcePort: number;
  readonly destination: string;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

function checksum(data: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < data.length; at += 2) sum += ((data[at] as number) << 8) | (data[at + 1] ?? 0);
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}

const addressBytes = (text: string): Buffer => bytes(...text.split('.').map(Number));

/** TCP sequence numbers run from 1 in each direction; there are no handshakes and no teardowns. */
export function writeCapture(packets: readonly Packet[]): Buffer {
  const sequences = new Map<string, number>();
  const parts: Buffer[] = [Buffer.from('d4c3b2a1020004000000000000000000ffff000001000000', 'hex')];
  packets.forEach((packet, number) => {
    const { payload, sourcePort, destinationPort } = packet;
    const addresses = bytes(addressBytes(packet.source), addressBytes(packet.destination));
    const flow = `${packet.source}:${sourcePort}>${packet.destination}:${destinationPort}`;
    const back = `${packet.destination}:${destinationPort}>${packet.source}:${sourcePort}`;
    const sequence = sequences.get(flow) ?? 1;
    const protocol = packet.transport === 'udp' ? 17 : 6;
    const segment = (sum: number): Buffer =>
      packet.transport === 'udp'
        ? bytes(u16(sourcePort, destinationPort, payload.length + 8, sum), payload)
        : bytes(
            u16(sourcePort, destinationPort),
            u32(sequence, sequences.get(back) ?? 1),
            0x50,
            0x18,
            u16(65535, sum, 0),
            payload,
          );
    if (packet.transport === 'tcp') sequences.set(flow, sequence + payload.length);
    const bare = segment(0);
    const full = segment(checksum(bytes(addresses, u16(protocol, bare.length), bare)));
    const ipHead = (sum: number): Buffer =>
      bytes(u16(0x4500, 20 + full.length, number + 1, 0x4000), 64, protocol, u16(sum), addresses);
    const frame = bytes(Buffer.from('0200000000020200000000010800', 'hex'), ipHead(checksum(ipHead(0))), full);
    const head = Buffer.alloc(16);
    head.writeUInt32LE(Math.floor(packet.timeUs / 1e6), 0);
    head.writeUInt32LE(packet.timeUs % 1e6, 4);
    head.writeUInt32LE(frame.length, 8);
    head.writeUInt32LE(frame.length, 12);
    parts.push(head, frame);
  });
  return Buffer.concat(parts);
}

export interface Conversation {
  readonly transport: 'udp' | 'tcp';
  readonly clientPort: number;
  readonly serverPort: number;
  readonly steps: { direction: Direction; bytes: Buffer; timeUs: number }[];
}

/** The capture's conversations in the order of their first packets. */
export function readCapture(file: Buffer): Conversation[] {
  const conversations = new Map<string, { client: string; conversation: Conversation }>();
  for (let at = 24; at < file.length; at += 16 + file.readUInt32LE(at + 8)) {
    const timeUs = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
    const ip = at + 16 + 14;
    const transport = file[ip + 9] === 17 ? 'udp' : 'tcp';
    const segment = ip + 20;
    const ports = [file.readUInt16BE(segment), file.readUInt16BE(segment + 2)] as const;
    const ends = [12, 16].map((offset, side) => `${file.toString('hex', ip + offset, ip + offset + 4)}:${ports[side]}`) as [
      string,
      string,
    ];
    const key = `${transport} ${[...ends].sort().join(' ')}`;
    let known = conversations.get(key);
    if (known === undefined) {
      known = { client: ends[0], conversation: { transport, clientPort: ports[0], serverPort: ports[1], steps: [] } };
      conversations.set(key, known);
    }
    known.conversation.steps.push({
      direction: known.client === ends[0] ? 0 : 1,
      bytes: file.subarray(segment + (transport === 'udp' ? 8 : 20), ip + file.readUInt16BE(ip + 2)),
      timeUs,
    });
  }
  return [...conversations.values()].map(({ conversation }) => conversation);
}
