// Memory in blocks of one size, for what many sessions keep a little of: numbered blocks in slabs that are added as needed
// and never moved, so bytes may be read while more are taken. Free blocks are linked through themselves. Packet workers;
// the garbage collector sees one object a slab.

/** Blocks of a slab, as a power of two. */
const slabShift = 12;
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

  constructor(blockBytes: number, limitBytes: number) {
    this.blockBytes = blockBytes;
    this.limitBlocks = Math.floor(limitBytes / blockBytes);
    this.used = 0;
    this.#slabs = [];
    this.#words = [];
    this.#numbers = [];
    this.#free = 0;
    this.#fresh = 1;
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
      const slab = new ArrayBuffer(this.blockBytes * slabBlocks);
      this.#slabs.push(Buffer.from(slab));
      this.#words.push(new Int32Array(slab));
      this.#numbers.push(new Float64Array(slab));
    }
    return block;
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
