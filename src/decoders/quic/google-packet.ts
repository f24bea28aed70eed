// Packets of Google’s QUIC whose hellos are in clear, versions Q009 to Q049: public flags or (from Q046 on) a long header,
// then a hash and frames. Only the first STREAM frame of a client’s packet is looked for: it holds the hello. Read on a
// packet worker. Never throws. Source: "QUIC Wire Layout Specification" (Google, 2016) and "QUIC Crypto".

import { googleVersion } from './versions.ts';

/** Public flags. */
const versionFlag = 0x01;
const resetFlag = 0x02;
/** Bytes of a packet number by its two bits. */
const numberBytes = [1, 2, 4, 6] as const;
/** FNV-1a of the packet, 12 of its 16 bytes. */
const hashBytes = 12;
const longHeaderSince = 46;
const lastClear = 49;
/** Flags of its own for the private header had versions before this; numbers in network order those since that. */
const noPrivateFlagsSince = 34;
const networkOrderSince = 39;

export class GooglePacket {
  /** 43 for Q043. */
  version = 0;
  /** Where the frames begin. */
  framesAt = 0;
  /** Data of the stream frame: `[from, to)`. */
  dataFrom = 0;
  dataTo = 0;

  /** Reads the header of a packet that says its version. @returns false for all others */
  readHeader(bytes: Buffer, from: number, to: number): boolean {
    return (bytes[from] as number) >= 0x80 ? this.#readLongHeader(bytes, from, to) : this.#readFlags(bytes, from, to);
  }

  #readFlags(bytes: Buffer, from: number, to: number): boolean {
    const flags = bytes[from] as number;
    if ((flags & versionFlag) === 0 || (flags & resetFlag) !== 0 || flags >= 0x40) return false;
    // The two bits of the connection id’s length became one; the version behind it tells where it ends.
    let at = -1;
    for (const length of [8, 0, 4, 1]) {
      this.version = googleVersion(bytes, from + 1 + length, to);
      if (this.version >= 0) {
        at = from + 1 + length + 4;
        break;
      }
    }
    if (at < 0 || this.version >= longHeaderSince) return false;
    this.framesAt = at + (numberBytes[(flags >> 4) & 3] as number) + hashBytes + (this.version < noPrivateFlagsSince ? 1 : 0);
    return this.framesAt <= to;
  }

  #readLongHeader(bytes: Buffer, from: number, to: number): boolean {
    this.version = googleVersion(bytes, from + 1, to);
    if (this.version < longHeaderSince || this.version > lastClear || to - from < 6) return false;
    const lengths = bytes[from + 5] as number;
    const ids = idBytes(lengths >> 4) + idBytes(lengths & 15);
    this.framesAt = from + 6 + ids + ((bytes[from] as number) & 3) + 1 + hashBytes;
    return this.framesAt <= to;
  }

  /** Finds the first stream frame. @returns false when there is none before a frame of another kind, but padding */
  findStream(bytes: Buffer, to: number): boolean {
    let at = this.framesAt;
    while (at < to && bytes[at] === 0) at++;
    if (at >= to) return false;
    const type = bytes[at++] as number;
    if (type < 0x80) return false;
    const offsetBits = (type >> 2) & 7;
    at += (type & 3) + 1 + (offsetBits === 0 ? 0 : offsetBits + 1);
    let end = to;
    if ((type & 0x20) !== 0) {
      if (to - at < 2) return false;
      end = at + 2 + (this.version < networkOrderSince ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at));
      at += 2;
    }
    this.dataFrom = at;
    this.dataTo = Math.min(end, to);
    return at <= this.dataTo;
  }
}

/** Four bits say the length of a connection id (drafts of QUIC up to 21): 0, or 4 to 18. */
function idBytes(bits: number): number {
  return bits === 0 ? 0 : bits + 3;
}
