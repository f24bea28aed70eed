// A few bytes of a hello that the record needs later, kept in memory of their own: the message is gone by then. Part of
// the pooled state of a handshake, so that its memory is used again.

import { ByteText } from '../../record/index.ts';

/** What is kept for the next handshake; longer memory is left to the garbage collector. */
const keptBytes = 256;

export class HeldBytes extends ByteText {
  constructor() {
    super(Buffer.allocUnsafe(keptBytes), 0, 0);
  }

  clear(): void {
    this.to = 0;
    if (this.bytes.length > keptBytes) this.bytes = Buffer.allocUnsafe(keptBytes);
  }

  /** Takes `bytes[from, to)` as they are. */
  set(bytes: Buffer, from: number, to: number): void {
    const length = to - from;
    if (length > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow(length);
    const held = this.bytes;
    for (let index = 0; index < length; index++) held[index] = bytes[from + index] as number;
    this.to = length;
  }

  /** Takes `bytes[from, to)` as Latin-1 and holds their UTF-8. */
  setLatin1(bytes: Buffer, from: number, to: number): void {
    if ((to - from) * 2 > this.bytes.length) this.bytes = Buffer.allocUnsafeSlow((to - from) * 2);
    const held = this.bytes;
    let end = 0;
    for (let at = from; at < to; at++) {
      const code = bytes[at] as number;
      if (code < 0x80) held[end++] = code;
      else {
        held[end++] = 0xc0 | (code >> 6);
        held[end++] = 0x80 | (code & 0x3f);
      }
    }
    this.to = end;
  }

  equals(other: HeldBytes): boolean {
    if (this.to !== other.to) return false;
    for (let index = 0; index < this.to; index++) if (this.bytes[index] !== other.bytes[index]) return false;
    return true;
  }

  hex(): string {
    return this.to === 0 ? '' : (this.bytes as Buffer).toString('hex', 0, this.to);
  }
}
