// The long header of QUIC packets (RFC 9000 section 17.2, RFC 8999): version, connection ids, and of Initial packets token
// and length. Read on a packet worker. Never throws.

import { ByteCursor } from '../byte-cursor.ts';

const maxConnectionIdBytes = 20;

/** A variable-length number (RFC 9000 section 16); beyond 2^53 it is no longer exact, and too long for anything. */
export function varint(cursor: ByteCursor): number {
  const first = cursor.u8();
  let value = first & 0x3f;
  for (let left = (1 << (first >> 6)) - 1; left > 0; left--) value = value * 256 + cursor.u8();
  return value;
}

export class LongHeader {
  firstByte = 0;
  version = 0;
  /** Of Initial packets: where the packet number is, and the end of the packet. */
  numberAt = 0;
  packetEnd = 0;
  readonly #cursor: ByteCursor = new ByteCursor(Buffer.alloc(0), 0, 0);

  /** Reads up to the connection ids. @returns false when `from` begins no long header */
  read(bytes: Buffer, from: number, to: number): boolean {
    const cursor = this.#cursor;
    cursor.set(bytes, from, to);
    this.firstByte = cursor.u8();
    this.version = cursor.u32();
    if (cursor.failed || this.firstByte < 0x80) return false;
    const destination = cursor.u8();
    cursor.skip(destination);
    const source = cursor.u8();
    cursor.skip(source);
    return !cursor.failed && destination <= maxConnectionIdBytes && source <= maxConnectionIdBytes;
  }

  /** Reads on through an Initial packet’s header, behind `read`. @returns false when its lengths do not fit */
  readInitial(): boolean {
    const cursor = this.#cursor;
    cursor.skip(varint(cursor));
    return this.readLength();
  }

  /** Reads on through the header of the other packets that are not Retry. */
  readLength(): boolean {
    const cursor = this.#cursor;
    const length = varint(cursor);
    this.numberAt = cursor.position;
    this.packetEnd = cursor.position + length;
    return !cursor.failed && length <= cursor.left;
  }
}
