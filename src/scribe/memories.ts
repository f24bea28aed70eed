// The memories that the addon knows by number: those of outputs, and of decoders what comes again and again. The one known longest
// is forgotten for a new one, but none that the record at hand lies in. One a scribe.

/** As many as the addon has places for. */
const places = 32;
/** Memory that came once is remembered among so many, a power of two: to make it known costs more than to copy a value. */
const candidates = 8;
const nothing = new Uint8Array(0);

export class Memories {
  readonly #tell: (number: number, bytes: Uint8Array) => void;
  readonly #arrays: Uint8Array[];
  /** By number: the record that was at hand when it was asked for last. */
  readonly #records: Float64Array;
  #record: number;
  #count: number;
  #next: number;
  #latest: number;
  readonly #candidates: Uint8Array[];
  #nextCandidate: number;

  /** `tell`: that a number stands for other memory now. Number 0 is for copied values. */
  constructor(tell: (number: number, bytes: Uint8Array) => void) {
    this.#tell = tell;
    this.#arrays = new Array<Uint8Array>(places).fill(nothing);
    this.#records = new Float64Array(places);
    this.#record = 1;
    this.#count = 1;
    this.#next = 1;
    this.#latest = 0;
    this.#candidates = new Array<Uint8Array>(candidates).fill(nothing);
    this.#nextCandidate = 0;
  }

  /** The next record. Of one, fewer than `places - 1` memories may be asked for. */
  nextRecord(): void {
    this.#record += 1;
  }

  setOwn(bytes: Uint8Array): void {
    this.#arrays[0] = bytes;
    this.#tell(0, bytes);
  }

  /** Its number, until the next record. */
  of(bytes: Uint8Array): number {
    const known = this.#find(bytes);
    return known >= 0 ? known : this.#add(bytes);
  }

  /** As `of`, but -1 when it did not come lately. */
  ofFrequent(bytes: Uint8Array): number {
    const known = this.#find(bytes);
    if (known >= 0) return known;
    for (let place = 0; place < candidates; place += 1) {
      if (this.#candidates[place] !== bytes) continue;
      this.#candidates[place] = nothing;
      return this.#add(bytes);
    }
    this.#candidates[this.#nextCandidate] = bytes;
    this.#nextCandidate = (this.#nextCandidate + 1) & (candidates - 1);
    return -1;
  }

  #find(bytes: Uint8Array): number {
    const arrays = this.#arrays;
    let number = this.#latest;
    if (arrays[number] !== bytes) {
      for (number = this.#count - 1; arrays[number] !== bytes; number -= 1) if (number === 0) return -1;
      this.#latest = number;
    }
    this.#records[number] = this.#record;
    return number;
  }

  #add(bytes: Uint8Array): number {
    let number = this.#next;
    while (this.#records[number] === this.#record) number = number + 1 < places ? number + 1 : 1;
    this.#next = number + 1 < places ? number + 1 : 1;
    if (number >= this.#count) this.#count = number + 1;
    this.#arrays[number] = bytes;
    this.#tell(number, bytes);
    this.#latest = number;
    this.#records[number] = this.#record;
    return number;
  }
}
