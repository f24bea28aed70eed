// The lists of protocols that sessions were recognised as, each list once: a session needs only its number, and equal
// lists are one object. One a packet worker; there are as many lists as sequences of protocols have been seen.

/** More different lists than that are not told apart: a session then keeps the one it had. */
const listsMax = 4096;

export class ProtocolLists {
  /** By number; 0 is the empty one. */
  readonly #lists: (readonly string[])[];
  /** Number of the list that comes of adding a decoder, by number of list and index of decoder. */
  readonly #longer: Map<number, number>;
  readonly #names: readonly string[];

  /** `names`: of the decoders, by index. */
  constructor(names: readonly string[]) {
    this.#lists = [[]];
    this.#longer = new Map();
    this.#names = names;
  }

  of(number: number): readonly string[] {
    return this.#lists[number] as readonly string[];
  }

  /** The list with a decoder's name behind it, when it has not got that. */
  add(number: number, decoder: number): number {
    const key = number * 256 + decoder;
    const known = this.#longer.get(key);
    if (known !== undefined) return known;
    const list = this.of(number);
    const name = this.#names[decoder] as string;
    let longer = number;
    if (!list.includes(name) && this.#lists.length < listsMax) longer = this.#lists.push([...list, name]) - 1;
    this.#longer.set(key, longer);
    return longer;
  }
}
