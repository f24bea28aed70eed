// The lists of protocols that sessions were recognised as, each list once: a session needs only its number, and equal
// lists are one object. One a packet worker; there are as many lists as sequences of protocols have been seen.

/** More different lists than that are not told apart: a session then keeps the one it had. */
const listsMax = 65_536;
/** More names than there will ever be. */
const namesMost = 65_536;

export class ProtocolLists {
  /** By number; 0 is the empty one. */
  readonly #lists: (readonly string[])[];
  /** Number of the list that comes of adding a decoder, by number of list and index of decoder. */
  readonly #longer: Map<number, number>;
  /** Likewise of taking one away. */
  readonly #shorter: Map<number, number>;
  readonly #names: string[];
  readonly #numbers: Map<string, number>;
  /** The name that was added last, to which list, and what came of it. */
  #lastName: string;
  #lastBefore: number;
  #lastList: number;
  /** Told of each list, in the order of their numbers. */
  #tell: (names: readonly string[]) => void;

  /** `names`: of the decoders, by index. */
  constructor(names: readonly string[]) {
    this.#lists = [[]];
    this.#longer = new Map();
    this.#shorter = new Map();
    this.#names = [...names];
    this.#numbers = new Map(names.map((name, index) => [name, index]));
    this.#lastName = '';
    this.#lastBefore = -1;
    this.#lastList = 0;
    this.#tell = () => {};
  }

  /** Who is told of all lists there are and will be. */
  onList(tell: (names: readonly string[]) => void): void {
    this.#tell = tell;
    for (const list of this.#lists) tell(list);
  }

  /** Number of a name for `add`: the index of a decoder, or one above those. Names are those of a program, not of the wire. */
  numberOf(name: string): number {
    const known = this.#numbers.get(name);
    if (known !== undefined) return known;
    const number = this.#names.push(name) - 1;
    this.#numbers.set(name, number);
    return number;
  }

  of(number: number): readonly string[] {
    return this.#lists[number] as readonly string[];
  }

  /** The list with a name behind it, when it has not got that. */
  add(number: number, nameNumber: number): number {
    const key = number * namesMost + nameNumber;
    const known = this.#longer.get(key);
    if (known !== undefined) return known;
    const list = this.of(number);
    const name = this.#names[nameNumber] as string;
    let longer = number;
    if (!list.includes(name) && this.#lists.length < listsMax) longer = this.#keep([...list, name]);
    this.#longer.set(key, longer);
    return longer;
  }

  /** As `add`, by the name itself: decoders say theirs with every message. */
  addName(number: number, name: string): number {
    if (name !== this.#lastName || number !== this.#lastBefore) {
      this.#lastList = this.add(number, this.numberOf(name));
      this.#lastName = name;
      this.#lastBefore = number;
    }
    return this.#lastList;
  }

  /** The list without a name. */
  remove(number: number, nameNumber: number): number {
    const key = number * namesMost + nameNumber;
    const known = this.#shorter.get(key);
    if (known !== undefined) return known;
    const name = this.#names[nameNumber] as string;
    const list = this.of(number);
    let shorter = number;
    if (list.includes(name) && this.#lists.length < listsMax) shorter = this.#keep(list.filter((each) => each !== name));
    this.#shorter.set(key, shorter);
    return shorter;
  }

  #keep(names: readonly string[]): number {
    this.#tell(names);
    return this.#lists.push(names) - 1;
  }
}
