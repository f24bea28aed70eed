// Fragments of SCTP user messages that have not all come yet, in any order. Bounded in bytes and number: the oldest goes first,
// and with it those that follow each other with it. What a fragment costs does not grow with how many there are. One for each
// session that fragments; runs on packet workers.

/** Fragments of a message that follow each other without a hole, by the numbers of the outer ones. */
interface Run {
  readonly first: number;
  readonly last: number;
}

interface Fragment {
  readonly key: string;
  readonly number: number;
  readonly bytes: Buffer;
  readonly isFirst: boolean;
  readonly isLast: boolean;
  readonly protocol: number;
  /** The run that it is at one end of; of those between the ends it is out of date. */
  run: Run;
}

export interface UserMessage {
  readonly bytes: Buffer;
  readonly protocol: number;
}

export class FragmentStore {
  readonly #mostBytes: number;
  readonly #mostFragments: number;
  /** By chain and number, in the order they came. */
  readonly #fragments: Map<string, Fragment>;
  #bytes: number;

  constructor(mostBytes: number, mostFragments: number) {
    this.#mostBytes = mostBytes;
    this.#mostFragments = mostFragments;
    this.#fragments = new Map();
    this.#bytes = 0;
  }

  get isEmpty(): boolean {
    return this.#fragments.size === 0;
  }

  /**
   * Keeps a copy of the fragment `[from, to)`, unless it is there.
   * @param key what fragments of a message have in common
   * @param number theirs are one after the other, modulo 2^32
   * @returns false when others had to go, or this one is too long
   */
  add(
    key: string,
    number: number,
    isFirst: boolean,
    isLast: boolean,
    protocol: number,
    bytes: Buffer,
    from: number,
    to: number,
  ): boolean {
    const name = nameOf(key, number);
    if (this.#fragments.has(name)) return true;
    const length = to - from;
    if (length > this.#mostBytes) return false;
    let fits = true;
    while (this.#bytes + length > this.#mostBytes || this.#fragments.size >= this.#mostFragments) {
      const [oldest] = this.#fragments.values();
      this.#removeRun(oldest as Fragment);
      fits = false;
    }
    const copy = Buffer.allocUnsafeSlow(length);
    copy.set(bytes.subarray(from, to));
    const fragment = { key, number, bytes: copy, isFirst, isLast, protocol, run: { first: number, last: number } };
    this.#fragments.set(name, fragment);
    this.#bytes += length;
    this.#join(fragment);
    return fits;
  }

  /** The message that the fragment of this number, which was added last, made complete; its fragments are given up then. */
  take(key: string, number: number): UserMessage | undefined {
    const run = this.#fragments.get(nameOf(key, number))?.run;
    if (run === undefined) return undefined;
    const first = this.#fragments.get(nameOf(key, run.first)) as Fragment;
    const last = this.#fragments.get(nameOf(key, run.last)) as Fragment;
    if (!first.isFirst || !last.isLast) return undefined;
    const bytes = Buffer.concat(this.#runOf(first).map((fragment) => fragment.bytes));
    this.#removeRun(first);
    return { bytes, protocol: first.protocol };
  }

  /** Makes one run of a new fragment and those that end before it and begin behind it. */
  #join(fragment: Fragment): void {
    const { key, number } = fragment;
    const before = this.#neighbour(fragment, -1);
    const behind = this.#neighbour(fragment, 1);
    const run = { first: before?.run.first ?? number, last: behind?.run.last ?? number };
    fragment.run = run;
    for (const end of [run.first, run.last]) (this.#fragments.get(nameOf(key, end)) as Fragment).run = run;
  }

  /** The fragment of the same message whose number is `step` further, 1 or -1. */
  #neighbour(fragment: Fragment, step: number): Fragment | undefined {
    if (step > 0 ? fragment.isLast : fragment.isFirst) return undefined;
    const other = this.#fragments.get(nameOf(fragment.key, fragment.number + step));
    if (other === undefined || (step > 0 ? other.isFirst : other.isLast)) return undefined;
    return other;
  }

  /** All fragments that follow each other with this one, in order. */
  #runOf(fragment: Fragment): Fragment[] {
    let first = fragment;
    for (let next = this.#neighbour(first, -1); next !== undefined; next = this.#neighbour(next, -1)) first = next;
    const run: Fragment[] = [];
    for (let next: Fragment | undefined = first; next !== undefined; next = this.#neighbour(next, 1)) run.push(next);
    return run;
  }

  #removeRun(fragment: Fragment): void {
    for (const each of this.#runOf(fragment)) {
      this.#bytes -= each.bytes.length;
      this.#fragments.delete(nameOf(each.key, each.number));
    }
  }
}

const nameOf = (key: string, number: number): string => `${key}/${number >>> 0}`;
