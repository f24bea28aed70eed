// Blocks of pcapng files (draft-ietf-opsawg-pcapng): section header, interface description and enhanced packet, as the pcap
// output and `ringtap packets` write them. Little endian, times in nanoseconds.

import { writeU32 } from './pcap-format.ts';

const BlockType = { section: 0x0a0d0d0a, interface: 1, packet: 6 } as const;
const Option = { end: 0, comment: 1, hardware: 2, os: 3, application: 4, name: 2, resolution: 9, flags: 2 } as const;
/** Block type, two lengths, interface, two words of time, two lengths of the frame. */
const packetBlockBytes = 32;
/** `epb_flags` with its head, and the end of the options. */
const flagsBytes = 12;

/** Longest text of an option; longer ones are cut. */
const optionMost = 0xffff;

function option(code: number, value: Buffer): Buffer {
  const bytes = value.subarray(0, optionMost);
  const out = Buffer.alloc(4 + padded(bytes.length));
  out.writeUInt16LE(code, 0);
  out.writeUInt16LE(bytes.length, 2);
  bytes.copy(out, 4);
  return out;
}

const textOption = (code: number, text: string): Buffer[] => (text === '' ? [] : [option(code, Buffer.from(text))]);

function block(type: number, fixed: Buffer, options: readonly Buffer[]): Buffer {
  const end = options.length === 0 ? Buffer.alloc(0) : option(Option.end, Buffer.alloc(0));
  const body = Buffer.concat([fixed, ...options, end]);
  const length = 12 + body.length;
  const out = Buffer.alloc(length);
  out.writeUInt32LE(type, 0);
  out.writeUInt32LE(length, 4);
  body.copy(out, 8);
  out.writeUInt32LE(length, length - 4);
  return out;
}

/** Section header with what wrote it and comments; empty texts are left out. */
export function sectionBlock(application: string, comments: readonly string[]): Buffer {
  const fixed = Buffer.alloc(16, 0xff);
  fixed.writeUInt32LE(0x1a2b3c4d, 0);
  fixed.writeUInt16LE(1, 4);
  fixed.writeUInt16LE(0, 6);
  return block(BlockType.section, fixed, [
    ...comments.flatMap((comment) => textOption(Option.comment, comment)),
    ...textOption(Option.os, `${process.platform} ${process.arch}`),
    ...textOption(Option.application, application),
  ]);
}

/** Interface description; times of its packets are in nanoseconds. */
export function interfaceBlock(linkType: number, name: string, snapLength: number): Buffer {
  const fixed = Buffer.alloc(8);
  fixed.writeUInt16LE(linkType, 0);
  fixed.writeUInt32LE(snapLength, 4);
  return block(BlockType.interface, fixed, [...textOption(Option.name, name), option(Option.resolution, Buffer.of(9))]);
}

/** Bytes of an enhanced packet block around a frame. */
export function packetBlockLength(captured: number, withFlags: boolean): number {
  return packetBlockBytes + padded(captured) + (withFlags ? flagsBytes : 0);
}

/**
 * Writes the block of a packet but for its frame, which belongs at the offset that is returned. The bytes up to a multiple
 * of 4 behind it are set.
 * @param timeUs whole microseconds since 1970; `timeNs` 0 to 999 beyond it
 * @param direction `epb_flags`: 1 inbound, 2 outbound; 0: no option
 */
export function writePacketBlock(
  target: Uint8Array,
  at: number,
  interfaceId: number,
  timeUs: number,
  timeNs: number,
  captured: number,
  wire: number,
  direction: number,
): number {
  const length = packetBlockLength(captured, direction !== 0);
  // Nanoseconds have more bits than a double; low 16 bits first.
  const low = (timeUs % 65536) * 1000 + timeNs;
  const high = Math.floor(timeUs / 65536) * 1000 + Math.floor(low / 65536);
  writeU32(target, at, BlockType.packet);
  writeU32(target, at + 4, length);
  writeU32(target, at + 8, interfaceId);
  writeU32(target, at + 12, Math.floor(high / 65536));
  writeU32(target, at + 16, (high % 65536) * 65536 + (low % 65536));
  writeU32(target, at + 20, captured);
  writeU32(target, at + 24, wire);
  const frame = at + 28;
  let end = frame + captured;
  for (; (end - frame) % 4 !== 0; end++) target[end] = 0;
  if (direction !== 0) {
    writeU32(target, end, Option.flags | (4 << 16));
    writeU32(target, end + 4, direction);
    writeU32(target, end + 8, 0);
    end += flagsBytes;
  }
  writeU32(target, end, length);
  return frame;
}

function padded(bytes: number): number {
  return (bytes + 3) & ~3;
}
