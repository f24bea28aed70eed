// The missing ranges of one direction of a TCP stream, kept so that bytes that come late are counted once and bytes that
// never come are counted as missing. Sequence numbers are 32 bits, modular; all of a list lie within 2^31 of each other.
// Used by the TCP tracker for the few directions that have holes; bounded, and reused from session to session.

/** Most holes followed per direction; beyond, the lowest is forgotten and stays missing. */
export const maxHoles = 64;
/** Room at first: most directions with holes have a few, and arrays so small lie in the heap of the engine. */
const firstRoom = 8;

export class HoleList {
  count: number;
  /** Holes forgotten because there were too many. */
  forgotten: number;
  #starts: Int32Array;
  #ends: Int32Array;

  constructor() {
    this.count = 0;
    this.forgotten = 0;
    this.#starts = new Int32Array(firstRoom);
    this.#ends = new Int32Array(firstRoom);
  }

  clear(): void {
    this.count = 0;
    this.forgotten = 0;
  }

  /** Start of the lowest hole; only when there is one. */
  get firstStart(): number {
    return this.#starts[0] as number;
  }

  /** Start and end of the highest hole; only when there is one. */
  get lastStart(): number {
    return this.#starts[this.count - 1] as number;
  }
  get lastEnd(): number {
    return this.#ends[this.count - 1] as number;
  }

  /** Adds a hole above all others. */
  append(start: number, end: number): void {
    if (this.count === maxHoles) this.#forgetLowest();
    if (this.count === this.#starts.length) this.#grow();
    this.#starts[this.count] = start;
    this.#ends[this.count] = end;
    this.count += 1;
  }

  /** Adds a hole below all others. A full list does not take it. */
  prepend(start: number, end: number): void {
    if (this.count === maxHoles) {
      this.forgotten += 1;
      return;
    }
    this.#insert(0, start, end);
  }

  /** Takes `[from, to)` out of the holes and returns how many missing bytes that were. */
  cover(from: number, to: number): number {
    let covered = 0;
    for (let position = 0; position < this.count; ) {
      const start = this.#starts[position] as number;
      const end = this.#ends[position] as number;
      const low = ((from - start) | 0) > 0 ? from : start;
      const high = ((end - to) | 0) > 0 ? to : end;
      const length = (high - low) | 0;
      if (length <= 0) {
        position += 1;
        continue;
      }
      covered += length;
      if (low === start && high === end) {
        this.#remove(position);
        continue;
      }
      if (low === start) this.#starts[position] = high;
      else if (high === end) this.#ends[position] = low;
      else {
        if (this.count === maxHoles) {
          this.#forgetLowest();
          // The range lay inside one hole; if that was the lowest, it is the one just forgotten.
          if (position === 0) return covered;
          position -= 1;
        }
        this.#ends[position] = low;
        this.#insert(position + 1, high, end);
      }
      position += 1;
    }
    return covered;
  }

  #forgetLowest(): void {
    this.forgotten += 1;
    this.#remove(0);
  }

  #grow(): void {
    const starts = new Int32Array(this.count * 2);
    const ends = new Int32Array(this.count * 2);
    starts.set(this.#starts);
    ends.set(this.#ends);
    this.#starts = starts;
    this.#ends = ends;
  }

  #insert(position: number, start: number, end: number): void {
    if (this.count === this.#starts.length) this.#grow();
    this.#starts.copyWithin(position + 1, position, this.count);
    this.#ends.copyWithin(position + 1, position, this.count);
    this.#starts[position] = start;
    this.#ends[position] = end;
    this.count += 1;
  }

  #remove(position: number): void {
    this.#starts.copyWithin(position, position + 1, this.count);
    this.#ends.copyWithin(position, position + 1, this.count);
    this.count -= 1;
  }
}
