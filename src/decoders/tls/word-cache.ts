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

interface Entry<T> {
  readonly hash: number;
  readonly words: Uint16Array;
  readonly value: T;
}

export class WordCache<T> {
  readonly #make: (words: Uint16Array) => T;
  readonly #mask: number;
  readonly #entries: (Entry<T> | undefined)[];

  /**
   * @param sets a power of two; four entries each
   * @param make works out the value; the words are its own to keep
   */
  constructor(sets: number, make: (words: Uint16Array) => T) {
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
      if (entry.hash !== hash || !same(entry.words, words, from, to)) continue;
      if (way > 0) this.#toFront(first, way, entry);
      return entry.value;
    }
    const own = words.slice(from, to);
    const value = this.#make(own);
    if (own.length <= longestList) this.#toFront(first, ways - 1, { hash, words: own, value });
    return value;
  }

  /** Puts an entry in front of its set; what stands at `way` goes. */
  #toFront(first: number, way: number, entry: Entry<T>): void {
    const entries = this.#entries;
    for (let at = first + way; at > first; at--) entries[at] = entries[at - 1];
    entries[first] = entry;
  }
}

function same(own: Uint16Array, words: Uint16Array, from: number, to: number): boolean {
  const length = own.length;
  if (length !== to - from) return false;
  for (let index = 0; index < length; index++) if (own[index] !== words[from + index]) return false;
  return true;
}
