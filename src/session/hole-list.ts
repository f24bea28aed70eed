// The missing ranges of directions of TCP streams, kept so that bytes that come late are counted once and bytes that never
// come are counted as missing. Sequence numbers are 32 bits, modular; all of a list lie within 2^31 of each other. Used by the
// TCP tracker of a packet worker for the few directions that have holes; bounded, and one piece of memory for all of them.
//
//   a node of four words:   a hole   | start | end  | next hole | -         |
//                           a list   | first | last | holes     | forgotten |      free: the next free one in the third word

import { slotWordMemory } from './slot-memory.ts';

/** Most holes followed per direction; beyond, the lowest is forgotten and stays missing. */
export const maxHoles = 64;
/** Most directions whose holes are followed at once. */
const maxLists = 65_536;

const nodeShift = 2;
const firstNodes = 1024;

const Hole = { start: 0, end: 1, next: 2 } as const;
const List = { first: 0, last: 1, count: 2, forgotten: 3 } as const;

export class HoleLists {
  /** Lists in use. */
  size: number;
  /** By direction, as the caller numbers them: the list's node; 0 none. */
  readonly #lists: Int32Array;
  /** Node 0 is none's. */
  #words: Int32Array;
  #free: number;
  #fresh: number;

  constructor(directions: number) {
    this.size = 0;
    this.#lists = slotWordMemory(directions);
    this.#words = new Int32Array(firstNodes << nodeShift);
    this.#free = 0;
    this.#fresh = 1;
  }

  /** The list of a direction; 0: it has none. */
  of(direction: number): number {
    return this.#lists[direction] as number;
  }

  /** A new, empty list for a direction that has none; 0 when there are too many. */
  open(direction: number): number {
    if (this.size >= maxLists) return 0;
    const list = this.#take();
    const words = this.#words;
    const at = list << nodeShift;
    words[at + List.first] = 0;
    words[at + List.last] = 0;
    words[at + List.count] = 0;
    words[at + List.forgotten] = 0;
    this.#lists[direction] = list;
    this.size += 1;
    return list;
  }

  /** Lets the list of a direction go; only when it has one. */
  close(direction: number): void {
    const list = this.#lists[direction] as number;
    this.#lists[direction] = 0;
    const words = this.#words;
    for (let hole = words[(list << nodeShift) + List.first] as number; hole !== 0; ) {
      const next = words[(hole << nodeShift) + Hole.next] as number;
      this.#giveBack(hole);
      hole = next;
    }
    this.#giveBack(list);
    this.size -= 1;
  }

  /** Two directions change places. */
  swap(one: number, other: number): void {
    const lists = this.#lists;
    const list = lists[one] as number;
    lists[one] = lists[other] as number;
    lists[other] = list;
  }

  count(list: number): number {
    return this.#words[(list << nodeShift) + List.count] as number;
  }

  /** Holes forgotten because there were too many. */
  forgotten(list: number): number {
    return this.#words[(list << nodeShift) + List.forgotten] as number;
  }

  /** Start of the lowest hole; only when there is one. */
  firstStart(list: number): number {
    const first = this.#words[(list << nodeShift) + List.first] as number;
    return this.#words[(first << nodeShift) + Hole.start] as number;
  }

  /** Start and end of the highest hole; only when there is one. */
  lastStart(list: number): number {
    const last = this.#words[(list << nodeShift) + List.last] as number;
    return this.#words[(last << nodeShift) + Hole.start] as number;
  }
  lastEnd(list: number): number {
    const last = this.#words[(list << nodeShift) + List.last] as number;
    return this.#words[(last << nodeShift) + Hole.end] as number;
  }

  /** Adds a hole above all others. */
  append(list: number, start: number, end: number): void {
    if (this.count(list) === maxHoles) this.#forgetLowest(list);
    this.#insert(list, this.#words[(list << nodeShift) + List.last] as number, start, end);
  }

  /** Adds a hole below all others. A full list does not take it. */
  prepend(list: number, start: number, end: number): void {
    if (this.count(list) === maxHoles) {
      const at = (list << nodeShift) + List.forgotten;
      this.#words[at] = (this.#words[at] as number) + 1;
      return;
    }
    this.#insert(list, 0, start, end);
  }

  /** Takes `[from, to)` out of the holes and returns how many missing bytes that were. */
  cover(list: number, from: number, to: number): number {
    const words = this.#words;
    let covered = 0;
    let before = 0;
    for (let hole = words[(list << nodeShift) + List.first] as number; hole !== 0; ) {
      const at = hole << nodeShift;
      const start = words[at + Hole.start] as number;
      const end = words[at + Hole.end] as number;
      const next = words[at + Hole.next] as number;
      const low = ((from - start) | 0) > 0 ? from : start;
      const high = ((end - to) | 0) > 0 ? to : end;
      const length = (high - low) | 0;
      if (length > 0) {
        covered += length;
        if (low === start && high === end) {
          this.#remove(list, before, hole);
          hole = next;
          continue;
        }
        if (low === start) words[at + Hole.start] = high;
        else if (high === end) words[at + Hole.end] = low;
        else {
          words[at + Hole.end] = low;
          // The range lay inside one hole, so no other is covered.
          if (this.count(list) === maxHoles) {
            this.#forgetLowest(list);
            // If that was the lowest, it is the one just forgotten.
            if (before === 0) return covered;
          }
          this.#insert(list, hole, high, end);
          return covered;
        }
      }
      before = hole;
      hole = next;
    }
    return covered;
  }

  #forgetLowest(list: number): void {
    const at = list << nodeShift;
    this.#words[at + List.forgotten] = (this.#words[at + List.forgotten] as number) + 1;
    this.#remove(list, 0, this.#words[at + List.first] as number);
  }

  /** Adds a hole after the one `before`, 0 for the lowest. */
  #insert(list: number, before: number, start: number, end: number): void {
    const hole = this.#take();
    const words = this.#words;
    const link = before === 0 ? (list << nodeShift) + List.first : (before << nodeShift) + Hole.next;
    const next = words[link] as number;
    words[link] = hole;
    const at = hole << nodeShift;
    words[at + Hole.start] = start;
    words[at + Hole.end] = end;
    words[at + Hole.next] = next;
    if (next === 0) words[(list << nodeShift) + List.last] = hole;
    words[(list << nodeShift) + List.count] = (words[(list << nodeShift) + List.count] as number) + 1;
  }

  /** Takes out `hole`, which follows the one `before`. */
  #remove(list: number, before: number, hole: number): void {
    const words = this.#words;
    const next = words[(hole << nodeShift) + Hole.next] as number;
    if (before === 0) words[(list << nodeShift) + List.first] = next;
    else words[(before << nodeShift) + Hole.next] = next;
    if (next === 0) words[(list << nodeShift) + List.last] = before;
    words[(list << nodeShift) + List.count] = (words[(list << nodeShift) + List.count] as number) - 1;
    this.#giveBack(hole);
  }

  #take(): number {
    const node = this.#free;
    if (node !== 0) {
      this.#free = this.#words[(node << nodeShift) + Hole.next] as number;
      return node;
    }
    if (this.#fresh << nodeShift === this.#words.length) {
      const larger = new Int32Array(this.#words.length * 2);
      larger.set(this.#words);
      this.#words = larger;
    }
    return this.#fresh++;
  }

  #giveBack(node: number): void {
    this.#words[(node << nodeShift) + Hole.next] = this.#free;
    this.#free = node;
  }
}
