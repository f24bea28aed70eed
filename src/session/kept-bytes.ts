// The first bytes of TCP directions whose protocol is not yet decided: in order from the direction's start, at most
// `probeLimitBytes` of them, in blocks of an arena instead of objects. One a packet worker; the payload path and the flows
// keep bytes here and ask recognition about them in place.
//
//   a block:   0                4         8        16
//              | sequence after | length  | time   | bytes, 48 or 256 |

import type { CounterBlock } from '../counters/index.ts';
import { type Direction, probeLimitBytes } from '../decoders/index.ts';
import { BlockArena } from './block-arena.ts';
import { sessionCounters } from './session-counters.ts';
import { slotWordMemory } from './slot-memory.ts';

const C = sessionCounters.index;

const headBytes = 16;
const smallBytes = 48;

export class KeptBytes {
  /** What `open` has opened: the kept bytes are `bytes[from, to)`, the first of them came at `timeUs`. */
  bytes: Buffer;
  from: number;
  to: number;
  timeUs: number;
  /** By slot * 2 + direction: 0 nothing kept; a block of `#small`; or the negative of one of `#large`. */
  readonly #blocks: Int32Array;
  readonly #small: BlockArena;
  readonly #large: BlockArena;
  readonly #limitBytes: number;
  readonly #counters: CounterBlock;
  /** Memory of all blocks in use. */
  #used: number;

  constructor(slots: number, limitBytes: number, counters: CounterBlock) {
    this.bytes = Buffer.alloc(0);
    this.from = 0;
    this.to = 0;
    this.timeUs = 0;
    this.#blocks = slotWordMemory(slots * 2);
    this.#small = new BlockArena(headBytes + smallBytes, limitBytes);
    this.#large = new BlockArena(headBytes + probeLimitBytes, limitBytes);
    this.#limitBytes = limitBytes;
    this.#counters = counters;
    this.#used = 0;
  }

  /** By slot * 2 + direction: 0 nothing kept. */
  get blocks(): Int32Array {
    return this.#blocks;
  }

  /** Bytes kept of a direction. */
  length(slot: number, direction: Direction): number {
    const block = this.#blocks[slot * 2 + direction] as number;
    if (block === 0) return 0;
    return this.#arena(block).words(Math.abs(block))[(this.#at(block) >> 2) + 1] as number;
  }

  /** True when bytes of either direction are kept. */
  hasAny(slot: number): boolean {
    return this.#blocks[slot * 2] !== 0 || this.#blocks[slot * 2 + 1] !== 0;
  }

  /** Sequence number after the bytes kept of a direction; only when there are any. */
  after(slot: number, direction: Direction): number {
    const block = this.#blocks[slot * 2 + direction] as number;
    return this.#arena(block).words(Math.abs(block))[this.#at(block) >> 2] as number;
  }

  /**
   * Adds the next bytes of a direction, `length` of them, at most `probeLimitBytes` with those before.
   * @param after sequence number after them
   * @returns false when there is no memory for them: nothing is kept then, and the caller gives the direction up
   */
  add(slot: number, direction: Direction, bytes: Buffer, from: number, length: number, after: number, timeUs: number): boolean {
    const key = slot * 2 + direction;
    const before = this.length(slot, direction);
    const total = before + length;
    let block = this.#blocks[key] as number;
    if (block === 0) block = this.#take(total > smallBytes);
    else if (block > 0 && total > smallBytes) block = this.#enlarge(block, before);
    this.#blocks[key] = block;
    if (block === 0) return false;
    const arena = this.#arena(block);
    const positive = Math.abs(block);
    const at = this.#at(block);
    const words = arena.words(positive);
    words[at >> 2] = after;
    words[(at >> 2) + 1] = total;
    if (before === 0) arena.numbers(positive)[(at >> 3) + 1] = timeUs;
    const target = arena.bytes(positive);
    const to = at + headBytes + before;
    for (let index = 0; index < length; index += 1) target[to + index] = bytes[from + index] as number;
    return true;
  }

  /** Takes back all but the first `length` bytes; `after` is the sequence number after them. */
  cut(slot: number, direction: Direction, length: number, after: number): void {
    const block = this.#blocks[slot * 2 + direction] as number;
    const words = this.#arena(block).words(Math.abs(block));
    words[this.#at(block) >> 2] = after;
    words[(this.#at(block) >> 2) + 1] = length;
  }

  /** Sets `bytes`, `from`, `to` and `timeUs` to what is kept of a direction; only when there is something. */
  open(slot: number, direction: Direction): void {
    const block = this.#blocks[slot * 2 + direction] as number;
    const arena = this.#arena(block);
    const positive = Math.abs(block);
    const at = this.#at(block);
    this.bytes = arena.bytes(positive);
    this.from = at + headBytes;
    this.to = this.from + (arena.words(positive)[(at >> 2) + 1] as number);
    this.timeUs = arena.numbers(positive)[(at >> 3) + 1] as number;
  }

  /** What is kept of a direction is no longer its; the bytes stay until `release`. Returns what `release` wants, 0 for nothing. */
  detach(slot: number, direction: Direction): number {
    const block = this.#blocks[slot * 2 + direction] as number;
    if (block !== 0) this.#blocks[slot * 2 + direction] = 0;
    return block;
  }

  release(block: number): void {
    if (block === 0) return;
    const arena = this.#arena(block);
    arena.giveBack(Math.abs(block));
    this.#count(-arena.blockBytes);
  }

  drop(slot: number, direction: Direction): void {
    this.release(this.detach(slot, direction));
  }

  /** The session's directions change sides. */
  flip(slot: number): void {
    const blocks = this.#blocks;
    const first = blocks[slot * 2] as number;
    blocks[slot * 2] = blocks[slot * 2 + 1] as number;
    blocks[slot * 2 + 1] = first;
  }

  #arena(block: number): BlockArena {
    return block > 0 ? this.#small : this.#large;
  }

  #at(block: number): number {
    return block > 0 ? this.#small.at(block) : this.#large.at(-block);
  }

  #take(large: boolean): number {
    const arena = large ? this.#large : this.#small;
    const block = this.#used + arena.blockBytes > this.#limitBytes ? 0 : arena.take();
    if (block === 0) {
      this.#counters[C.refused_probings] = (this.#counters[C.refused_probings] as number) + 1;
      return 0;
    }
    this.#count(arena.blockBytes);
    return large ? -block : block;
  }

  /** Moves the `length` bytes of a small block to a large one, 0 when there is none. */
  #enlarge(block: number, length: number): number {
    const larger = this.#take(true);
    if (larger !== 0) {
      const from = this.#small.at(block);
      const source = this.#small.bytes(block);
      source.copy(this.#large.bytes(-larger), this.#large.at(-larger), from, from + headBytes + length);
    }
    this.release(block);
    return larger;
  }

  #count(bytes: number): void {
    this.#used += bytes;
    this.#counters[C.probing_bytes] = this.#used;
  }
}
