// Packet records for the session tests, made without the capture crate: from a few words (`tcp({ flags: 'S' })`) or from
// a pcap file of Ethernet, IPv4 or IPv6, TCP or UDP. A record is written to the start of one small area and handed to the
// engine as a view, as a ring would.

import { readFileSync } from 'node:fs';
import { PacketView } from '../../src/packet/index.ts';
import { PacketLayout as L, PacketFlag, RecordKind, TunnelLayout } from '../../src/ring/index.ts';

export interface PacketWords {
  readonly src?: string;
  readonly dst?: string;
  readonly sport?: number;
  readonly dport?: number;
  readonly protocol?: number;
  /** Letters of `FSRPAUEC`. */
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly window?: number;
  readonly windowScale?: number;
  readonly data?: string | Uint8Array;
  /** Payload bytes on the wire when the capture cut them. */
  readonly wirePayload?: number;
  /** Milliseconds after the trace's start. */
  readonly ms?: number;
  /** How far the source's clock is ahead of the packet, milliseconds. */
  readonly lagMs?: number;
  readonly number?: number;
  readonly vlans?: readonly number[];
  readonly vni?: number;
  readonly ttl?: number;
  readonly fragment?: boolean;
  /** More bits of `PacketFlag`. */
  readonly bits?: number;
  /** In place of the hash of the ends. */
  readonly hash?: number;
  /** 0: MACs for addresses are not parsed, all is 0 but what else says. Default by `src`. */
  readonly version?: number;
  readonly etherType?: number;
  readonly trafficClass?: number;
  /** Offset in the capture file. */
  readonly position?: number;
  /** n-th file of the source, from 0. */
  readonly fileId?: number;
  /** Bits of marking filters. */
  readonly marks?: number;
  readonly icmp?: readonly [type: number, code: number];
  readonly tunnels?: readonly TunnelWords[];
}

/** A tunnel layer; `type` as in the layout. */
export interface TunnelWords {
  readonly type: number;
  readonly src?: string;
  readonly dst?: string;
  readonly id?: number;
  readonly dport?: number;
}

export const epochUs = 1_760_000_000_000_000;
const flagBits: Readonly<Record<string, number>> = { F: 1, S: 2, R: 4, P: 8, A: 16, U: 32, E: 64, C: 128 };
const areaBytes = 1 << 18;

/** Writes records and gives views of them. One record at a time. */
export class RingFeeder {
  readonly view: PacketView;
  readonly #data: Buffer;
  #number: number;

  constructor() {
    this.#data = Buffer.from(new ArrayBuffer(areaBytes));
    this.view = new PacketView(this.#data);
    this.#number = 0;
  }

  /** A TCP segment; default from 10.0.0.1:40000 to 10.0.0.2:80. */
  tcp(words: PacketWords): PacketView {
    return this.packet({ protocol: 6, ...words });
  }

  /** A UDP datagram; default ports as `tcp`. */
  udp(words: PacketWords): PacketView {
    return this.packet({ protocol: 17, ...words });
  }

  packet(words: PacketWords): PacketView {
    const payload = typeof words.data === 'string' ? Buffer.from(words.data, 'latin1') : (words.data ?? new Uint8Array(0));
    const source = parseAddress(words.src ?? '10.0.0.1');
    const destination = parseAddress(words.dst ?? '10.0.0.2');
    const version = words.version ?? ((words.src ?? '10.0.0.1').includes(':') ? 6 : 4);
    const data = this.#begin(epochUs + (words.ms ?? 0) * 1000, payload.length + 14, words.number);
    data.writeUInt32LE((words.lagMs ?? 0) * 1000, L.clockLagUs);
    data[L.ipVersion] = version;
    data[L.protocol] = words.protocol ?? 6;
    data[L.tcpFlags] = [...(words.flags ?? '')].reduce((bits, letter) => bits | (flagBits[letter] as number), 0);
    source.copy(data, L.sourceAddress);
    destination.copy(data, L.destinationAddress);
    data.writeUInt16LE(words.sport ?? 40_000, L.sourcePort);
    data.writeUInt16LE(words.dport ?? 80, L.destinationPort);
    data.writeUInt32LE((words.seq ?? 0) >>> 0, L.tcpSequence);
    data.writeUInt32LE((words.ack ?? 0) >>> 0, L.tcpAcknowledgement);
    data.writeUInt16LE(words.window ?? 64_240, L.tcpWindow);
    data[L.tcpWindowScale] = words.windowScale ?? 255;
    data[L.ttl] = words.ttl ?? 64;
    data.writeUInt16LE(words.etherType ?? (version === 4 ? 0x0800 : 0x86dd), L.etherType);
    data[L.trafficClass] = words.trafficClass ?? 0;
    data.writeDoubleLE(words.position ?? -1, L.filePosition);
    data.writeUInt32LE(words.fileId ?? 0, L.fileId);
    data.writeUInt16LE(words.marks ?? 0, L.marks);
    data[L.icmpType] = words.icmp?.[0] ?? 0;
    data[L.icmpCode] = words.icmp?.[1] ?? 0;
    for (const [position, id] of (words.vlans ?? []).entries()) data.writeUInt16LE(id, L.vlan0 + position * 2);
    data[L.vlanCount] = words.vlans?.length ?? 0;
    data.writeUInt32LE(words.vni ?? 0, L.vni);
    let frame: number = L.size;
    for (const tunnel of words.tunnels ?? []) {
      this.#tunnel(frame, tunnel);
      frame += TunnelLayout.size;
    }
    data[L.tunnelCount] = words.tunnels?.length ?? 0;
    data.writeUInt32LE(frame, L.frameOffset);
    // A frame of an Ethernet header and the payload is enough for the engine.
    data.set([2, 0, 0, 0, 0, destination[3] as number, 2, 0, 0, 0, 0, source[3] as number, 0, 0], frame);
    data.writeUInt16BE(words.etherType ?? (version === 4 ? 0x0800 : 0x86dd), frame + 12);
    data.set(payload, frame + 14);
    // The id of a tag of 802.1ad, where it would be.
    if (words.etherType === 0x88a8) data.writeUInt16BE(words.vlans?.[0] ?? 0, frame + 14);
    data.writeUInt32LE(frame + 14, L.payloadOffset);
    data.writeUInt32LE(payload.length, L.payloadLength);
    data.writeUInt32LE(words.wirePayload ?? payload.length, L.payloadWireLength);
    data.writeUInt32LE((words.bits ?? 0) | (words.fragment === true ? PacketFlag.fragment : 0), L.flags);
    data.writeInt32LE(words.hash ?? flowHash(data), L.flowHash);
    return this.view.at(0);
  }

  /** The packets of a pcap file (µs, little endian, Ethernet) one after the other; others than IP are left out. */
  *pcap(path: string): Generator<PacketView> {
    const file = readFileSync(path);
    let clockUs = 0;
    let number = 0;
    for (let at = 24; at + 16 <= file.length; ) {
      const captured = file.readUInt32LE(at + 8);
      const timeUs = file.readUInt32LE(at) * 1e6 + file.readUInt32LE(at + 4);
      const wire = file.readUInt32LE(at + 12);
      const frame = at + 16;
      at = frame + captured;
      number += 1;
      if (timeUs > clockUs) clockUs = timeUs;
      if (this.#frame(file, frame, captured, wire, timeUs, clockUs, number)) yield this.view.at(0);
    }
  }

  #tunnel(at: number, { type, src, dst, id, dport }: TunnelWords): void {
    const data = this.#data;
    data.fill(0, at, at + TunnelLayout.size);
    data[at + TunnelLayout.type] = type;
    data[at + TunnelLayout.ipVersion] = src === undefined ? 0 : src.includes(':') ? 6 : 4;
    data.writeUInt32LE(id ?? 0, at + TunnelLayout.id);
    data.writeUInt16LE(dport ?? 0, at + TunnelLayout.destinationPort);
    if (src !== undefined) parseAddress(src).copy(data, at + TunnelLayout.sourceAddress);
    if (dst !== undefined) parseAddress(dst).copy(data, at + TunnelLayout.destinationAddress);
  }

  #begin(timeUs: number, frameLength: number, number: number | undefined): Buffer {
    const data = this.#data;
    data.fill(0, 0, L.size);
    this.#number += 1;
    data.writeUInt32LE(L.size + frameLength, L.length);
    data[L.kind] = RecordKind.packet;
    data.writeDoubleLE(timeUs, L.timeUs);
    data.writeUInt32LE(number ?? this.#number, L.packetNumber);
    data.writeUInt32LE(frameLength, L.wireLength);
    data.writeUInt32LE(frameLength, L.capturedLength);
    data.writeUInt32LE(L.size, L.frameOffset);
    data[L.tcpWindowScale] = 255;
    return data;
  }

  #frame(file: Buffer, frame: number, captured: number, wire: number, timeUs: number, clockUs: number, number: number): boolean {
    const etherType = file.readUInt16BE(frame + 12);
    if (etherType !== 0x0800 && etherType !== 0x86dd) return false;
    const data = this.#begin(timeUs, captured, number);
    data.writeUInt32LE(clockUs - timeUs, L.clockLagUs);
    data.writeUInt32LE(wire, L.wireLength);
    file.copy(data, L.size, frame, frame + captured);
    const ip = frame + 14;
    const short = etherType === 0x0800;
    const protocol = file[ip + (short ? 9 : 6)] as number;
    const transport = ip + (short ? ((file[ip] as number) & 15) * 4 : 40);
    const ipEnd = ip + (short ? file.readUInt16BE(ip + 2) : 40 + file.readUInt16BE(ip + 4));
    data[L.ipVersion] = short ? 4 : 6;
    data[L.protocol] = protocol;
    data[L.ttl] = file[ip + (short ? 8 : 7)] as number;
    file.copy(data, L.sourceAddress, ip + (short ? 12 : 8), ip + (short ? 16 : 24));
    file.copy(data, L.destinationAddress, ip + (short ? 16 : 24), ip + (short ? 20 : 40));
    data.writeUInt16LE(etherType, L.etherType);
    let payload = transport;
    if (protocol === 6 || protocol === 17) {
      data.writeUInt16LE(file.readUInt16BE(transport), L.sourcePort);
      data.writeUInt16LE(file.readUInt16BE(transport + 2), L.destinationPort);
      payload = transport + (protocol === 17 ? 8 : ((file[transport + 12] as number) >> 4) * 4);
    }
    if (protocol === 6) {
      data.writeUInt32LE(file.readUInt32BE(transport + 4), L.tcpSequence);
      data.writeUInt32LE(file.readUInt32BE(transport + 8), L.tcpAcknowledgement);
      data[L.tcpFlags] = file[transport + 13] as number;
      data.writeUInt16LE(file.readUInt16BE(transport + 14), L.tcpWindow);
      data[L.tcpWindowScale] = windowScale(file, transport + 20, payload);
    }
    data.writeUInt32LE(L.size + payload - frame, L.payloadOffset);
    data.writeUInt32LE(Math.max(0, Math.min(ipEnd, frame + captured) - payload), L.payloadLength);
    data.writeUInt32LE(Math.max(0, ipEnd - payload), L.payloadWireLength);
    data.writeInt32LE(flowHash(data), L.flowHash);
    return true;
  }
}

function windowScale(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; ) {
    const kind = bytes[at] as number;
    if (kind === 0) break;
    if (kind === 1) {
      at += 1;
      continue;
    }
    if (kind === 3) return bytes[at + 2] as number;
    at += Math.max(2, bytes[at + 1] as number);
  }
  return 255;
}

/** A hash of the flow that is the same for both directions. */
function flowHash(record: Buffer): number {
  return (
    mix(endpointHash(record, L.sourceAddress, L.sourcePort) ^ endpointHash(record, L.destinationAddress, L.destinationPort)) ^
    (record[L.protocol] as number)
  );
}

function endpointHash(record: Buffer, address: number, port: number): number {
  let hash = record.readUInt16LE(port) + 1;
  for (let word = 0; word < 16; word += 4) hash = mix(Math.imul(hash, 0x0100_0193) ^ record.readInt32LE(address + word));
  return hash;
}

function mix(value: number): number {
  let mixed = Math.imul(value ^ (value >>> 16), 0x85eb_ca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2_ae35);
  return mixed ^ (mixed >>> 16);
}

/** Dotted IPv4 or plain hexadecimal IPv6, `::` once. */
function parseAddress(text: string): Buffer {
  const bytes = Buffer.alloc(16);
  if (!text.includes(':')) {
    bytes.set(text.split('.').map(Number));
    return bytes;
  }
  const [head = '', tail] = text.split('::');
  const groups = (part: string): number[] => (part === '' ? [] : part.split(':').map((group) => Number.parseInt(group, 16)));
  const first = groups(head);
  const last = tail === undefined ? [] : groups(tail);
  for (const [position, group] of first.entries()) bytes.writeUInt16BE(group, position * 2);
  for (const [position, group] of last.entries()) bytes.writeUInt16BE(group, 16 - (last.length - position) * 2);
  return bytes;
}
