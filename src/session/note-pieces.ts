// The values of sessions with much, in one piece each, while other sessions are at hand: such a session gets more all the time,
// and to join its chunks for each packet would cost as much as it has. Held by the notes; bounded in bytes.

import type { NoteIndex } from './note-index.ts';

/** Places for pieces, a power of two: a session has the one of its slot’s lowest bits. */
const places = 1024;
/** Memory of a piece at the beginning. */
export const smallestPiece = 512;
/** Memory of all of them together; more than if each had the smallest. */
const mostBytes = 1 << 24;

/** The values of a session in one piece. */
export interface NotePiece {
  /** -1: of none; then the memory is free. */
  slot: number;
  flat: Buffer;
  /** The same memory. */
  words: Int32Array;
  length: number;
  last: number;
  lastEnd: number;
  present: number;
  index: NoteIndex | undefined;
}

export class NotePieces {
  readonly #pieces: (NotePiece | undefined)[] = new Array(places).fill(undefined);
  #bytes = 0;
  /** Where memory is looked for next. */
  #hand = 0;

  /** The piece of a session, or undefined. */
  find(slot: number): NotePiece | undefined {
    const piece = this.#pieces[slot & (places - 1)];
    return piece?.slot === slot ? piece : undefined;
  }

  /** Where the piece of a session goes; what is there of another one is given up. */
  placeOf(slot: number): NotePiece {
    const place = slot & (places - 1);
    let piece = this.#pieces[place];
    if (piece === undefined) {
      const area = new ArrayBuffer(smallestPiece);
      const flat = Buffer.from(area);
      piece = { slot: -1, flat, words: new Int32Array(area), length: 0, last: 0, lastEnd: 0, present: 0, index: undefined };
      this.#pieces[place] = piece;
      this.#bytes += smallestPiece;
    }
    return piece;
  }

  /** Puts other memory into a piece, in exchange for its own. */
  exchange(piece: NotePiece, flat: Buffer, words: Int32Array): void {
    this.#bytes += flat.length - piece.flat.length;
    piece.flat = flat;
    piece.words = words;
    while (this.#bytes > mostBytes) this.#giveUp();
  }

  /** The session has ended. */
  forget(slot: number): void {
    const piece = this.find(slot);
    if (piece === undefined) return;
    piece.slot = -1;
    piece.index = undefined;
  }

  /** Of pieces with memory of some size the next one: its session is joined from chunks again. */
  #giveUp(): void {
    let piece: NotePiece | undefined;
    do {
      this.#hand = (this.#hand + 1) & (places - 1);
      piece = this.#pieces[this.#hand];
    } while (piece === undefined || piece.flat.length <= smallestPiece);
    this.#bytes -= piece.flat.length;
    this.#pieces[this.#hand] = undefined;
  }
}
