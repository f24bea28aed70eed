// What rules have said to drop, shared by all packet workers: a rule acts on the worker of one session, and packets of other
// sessions with the same end come to other workers. Made by the supervisor, asked for each packet while anything is dropped.
//
//   words:  | time until which anything is dropped | - | then 4 a place: first hash | second hash | until | - |
//
// Times are seconds of packet time. Keys are told apart by 64 bits of hash. Places are found from the first hash on; where
// all of a key's places are taken, it takes the one that is free first. Bounded; writes are so rare that none waits for another.

const placeCount = 65_536;
const placeWords = 4;
const firstPlace = 4;
/** Places that a key may have. */
const tries = 8;

export class DropTable {
  readonly #words: Int32Array;

  /** `memory`: of `DropTable.memory()`. */
  constructor(memory: SharedArrayBuffer) {
    this.#words = new Int32Array(memory);
  }

  static memory(): SharedArrayBuffer {
    return new SharedArrayBuffer((firstPlace + placeCount * placeWords) * 4);
  }

  /** Nothing is dropped at that time. */
  isIdle(nowSecs: number): boolean {
    return Atomics.load(this.#words, 0) <= nowSecs;
  }

  has(first: number, second: number, nowSecs: number): boolean {
    const words = this.#words;
    for (let place = 0; place < tries; place += 1) {
      const at = firstPlace + ((first + place) & (placeCount - 1)) * placeWords;
      if (words[at] === first && words[at + 1] === second && Atomics.load(words, at + 2) > nowSecs) return true;
    }
    return false;
  }

  /** `untilSecs`: as a number of 31 bits, which packet times are until 2038; later ones count from then on. */
  add(first: number, second: number, nowSecs: number, untilSecs: number): void {
    const words = this.#words;
    let best = -1;
    let bestUntil = Number.POSITIVE_INFINITY;
    for (let place = 0; place < tries; place += 1) {
      const at = firstPlace + ((first + place) & (placeCount - 1)) * placeWords;
      const until = Atomics.load(words, at + 2);
      if (until > nowSecs && words[at] === first && words[at + 1] === second) {
        best = at;
        break;
      }
      if (until < bestUntil) {
        best = at;
        bestUntil = until;
      }
    }
    Atomics.store(words, best + 2, 0);
    words[best] = first;
    words[best + 1] = second;
    Atomics.store(words, best + 2, untilSecs);
    if (untilSecs > Atomics.load(words, 0)) Atomics.store(words, 0, untilSecs);
  }
}
