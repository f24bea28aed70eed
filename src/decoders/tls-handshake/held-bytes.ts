// A few bytes of a hello that the record needs later, kept in memory of their own: the message is gone by then. Part of
// the pooled state of a handshake, so that its memory is used again.

import { ByteText } from '../../record/index.ts';

/** RFC 8446 section 4.1.2: the longest session id. */
export const sessionIdBytes = 32;
/** The usual memory of many is cut from one piece: handshakes that wait for an answer may be many. */
const pieceBytes = 65_536;

let piece = Buffer.alloc(0);
let pieceEnd = 0;

export class HeldBytes extends ByteText {
  /** The usual memory is `#piece[#begin, #begin + #usual)`; longer memory is left to the garbage collector. */
  readonly #piece: Buffer;
  readonly #begin: number;
  readonly #usual: number;

  /** `usual`: as many bytes as there nearly always are at most. */
  constructor(usual: number) {
    if (pieceEnd + usual > piece.length) {
      piece = Buffer.alloc(pieceBytes);
      pieceEnd = 0;
    }
    super(piece, pieceEnd, pieceEnd);
    this.#piece = piece;
    this.#begin = pieceEnd;
    this.#usual = usual;
    pieceEnd += usual;
  }

  clear(): void {
    this.bytes = this.#piece;
    this.from = this.#begin;
    this.to = this.#begin;
  }

  /** Takes `bytes[from, to)` as they are. */
  set(bytes: Buffer, from: number, to: number): void {
    let end = this.#makeRoom(to - from);
    const held = this.bytes;
    for (let at = from; at < to; at++) held[end++] = bytes[at] as number;
    this.to = end;
  }

  /** Takes `bytes[from, to)` as Latin-1 and holds their UTF-8. */
  setLatin1(bytes: Buffer, from: number, to: number): void {
    let high = 0;
    for (let at = from; at < to; at++) high += (bytes[at] as number) >> 7;
    let end = this.#makeRoom(to - from + high);
    const held = this.bytes;
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
    if (this.length !== other.length) return false;
    let there = other.from;
    for (let at = this.from; at < this.to; at++) if (this.bytes[at] !== other.bytes[there++]) return false;
    return true;
  }

  /** What is held, which must be UTF-8. */
  text(): string {
    return (this.bytes as Buffer).toString('utf8', this.from, this.to);
  }

  hex(): string {
    return (this.bytes as Buffer).toString('hex', this.from, this.to);
  }

  /** Room for `length` bytes, from the position that is returned on. */
  #makeRoom(length: number): number {
    this.clear();
    if (length > this.#usual) {
      this.bytes = Buffer.allocUnsafeSlow(length);
      this.from = 0;
    }
    return this.from;
  }
}
