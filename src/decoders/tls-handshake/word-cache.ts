// What was worked out from a list of 16-bit values (cipher suites, extensions), found again by those values: clients
// and servers are many, the software that they run is not. The values are compared whole, so an answer is never that
// of another list. One thread; bounded; a set of four places holds what was seen there last.

/** Values of a hello in the order read. Bounded by its parser; filled anew for each message. */
export class WordList {
  readonly words: Uint16Array;
  length: number;

  constructor(most: number) {
    this.words = new Uint16Array(most);
    this.length = 0;
  }

  push(word: number): void {
    this.words[this.length++] = word;
  }
}

/** Places of a set. */
const ways = 4;
/** Longest list that is remembered. Hellos in the wild have some hundred values. */
const longestList = 1024;

/** Lists are cut from slabs, since typed arrays of their own cost a microsecond each. Small, as one list keeps its slab. */
const slabWords = 4096;

let slab = new Uint16Array(slabWords);
let used = 0;

class Entry<T> {
  readonly hash: number;
  /** The list is `words[from, to)`. */
  readonly words: Uint16Array;
  readonly from: number;
  readonly to: number;
  readonly value: T;

  constructor(hash: number, words: Uint16Array, from: number, to: number, value: T) {
    this.hash = hash;
    this.words = words;
    this.from = from;
    this.to = to;
    this.value = value;
  }

  has(words: Uint16Array, from: number, to: number): boolean {
    const length = to - from;
    if (this.to - this.from !== length) return false;
    const own = this.words;
    for (let index = 0; index < length; index++) if (own[this.from + index] !== words[from + index]) return false;
    return true;
  }
}

export class WordCache<T> {
  readonly #make: (words: Uint16Array, from: number, to: number) => T;
  readonly #mask: number;
  readonly #entries: (Entry<T> | undefined)[];

  /**
   * @param sets a power of two; four entries each
   * @param make works out the value of `words[from, to)`, which it must not keep
   */
  constructor(sets: number, make: (words: Uint16Array, from: number, to: number) => T) {
    this.#make = make;
    this.#mask = sets - 1;
    this.#entries = new Array(sets * ways).fill(undefined);
  }

  /** The value of `words[from, to)`. */
  get(words: Uint16Array, from: number, to: number): T {
    let hash = to - from;
    for (let at = from; at < to; at++) hash = Math.imul(hash ^ (words[at] as number), 0x9e3779b1) ^ (hash >>> 15);
    hash ^= hash >>> 16;
    const entries = this.#entries;
    const first = (hash & this.#mask) * ways;
    for (let way = 0; way < ways; way++) {
      const entry = entries[first + way];
      if (entry === undefined) break;
      if (entry.hash !== hash || !entry.has(words, from, to)) continue;
      if (way > 0) this.#toFront(first, way, entry);
      return entry.value;
    }
    const value = this.#make(words, from, to);
    if (to - from <= longestList) this.#toFront(first, ways - 1, kept(hash, words, from, to, value));
    return value;
  }

  /** Puts an entry in front of its set; what stands at `way` goes. */
  #toFront(first: number, way: number, entry: Entry<T>): void {
    const entries = this.#entries;
    for (let at = first + way; at > first; at--) entries[at] = entries[at - 1];
    entries[first] = entry;
  }
}

function kept<T>(hash: number, words: Uint16Array, from: number, to: number, value: T): Entry<T> {
  const length = to - from;
  if (used + length > slabWords) {
    slab = new Uint16Array(slabWords);
    used = 0;
  }
  const start = used;
  for (let index = 0; index < length; index++) slab[start + index] = words[from + index] as number;
  used += length;
  return new Entry(hash, slab, start, used, value);
}
