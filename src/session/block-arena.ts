// Memory in blocks of one size, for what many sessions keep a little of: numbered blocks in slabs that are added as needed
// and never moved, so bytes may be read while more are taken. Free blocks are linked through themselves. Packet workers;
// the garbage collector sees one object a slab.

import { NoteChunk } from '../ring/index.ts';

/** Blocks of a slab, as a power of two: the addon knows it too. */
const slabShift = NoteChunk.slabShift;
const slabBlocks = 1 << slabShift;

export class BlockArena {
  /** A multiple of 8. */
  readonly blockBytes: number;
  readonly limitBlocks: number;
  /** Blocks taken and not given back. */
  used: number;
  readonly #slabs: Buffer[];
  /** The same memory as words and as floats. */
  readonly #words: Int32Array[];
  readonly #numbers: Float64Array[];
  #free: number;
  /** First block that was never used; 0 is none's, so that 0 can stand for no block. */
  #fresh: number;
  /** Told of each slab, in their order. */
  #tell: (slab: Uint8Array) => void;

  constructor(blockBytes: number, limitBytes: number) {
    this.blockBytes = blockBytes;
    this.limitBlocks = Math.floor(limitBytes / blockBytes);
    this.used = 0;
    this.#slabs = [];
    this.#words = [];
    this.#numbers = [];
    this.#free = 0;
    this.#fresh = 1;
    this.#tell = () => {};
  }

  /** Who is told of all slabs there are and will be. */
  onSlab(tell: (slab: Uint8Array) => void): void {
    this.#tell = tell;
    for (const slab of this.#slabs) tell(slab);
  }

  /** A block, its bytes as they were left; 0 when all are in use. */
  take(): number {
    if (this.used >= this.limitBlocks) return 0;
    this.used += 1;
    let block = this.#free;
    if (block !== 0) {
      this.#free = this.words(block)[this.at(block) >> 2] as number;
      return block;
    }
    block = this.#fresh++;
    if (block >> slabShift >= this.#slabs.length) {
      this.#addSlab();
    }
    return block;
  }

  #addSlab(): void {
    const memory = new ArrayBuffer(this.blockBytes * slabBlocks);
    const slab = Buffer.from(memory);
    this.#slabs.push(slab);
    this.#words.push(new Int32Array(memory));
    this.#numbers.push(new Float64Array(memory));
    this.#tell(slab);
  }

  giveBack(block: number): void {
    this.words(block)[this.at(block) >> 2] = this.#free;
    this.#free = block;
    this.used -= 1;
  }

  /** Byte at which a block begins in its slab. */
  at(block: number): number {
    return (block & (slabBlocks - 1)) * this.blockBytes;
  }

  /** The slab of a block. */
  bytes(block: number): Buffer {
    return this.#slabs[block >> slabShift] as Buffer;
  }

  words(block: number): Int32Array {
    return this.#words[block >> slabShift] as Int32Array;
  }

  numbers(block: number): Float64Array {
    return this.#numbers[block >> slabShift] as Float64Array;
  }
}
