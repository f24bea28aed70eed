// Fragments of SCTP user messages that have not all come yet, in any order. Bounded in bytes and number: the oldest goes first.
// One for each session that fragments; runs on packet workers.

interface Fragment {
  readonly bytes: Buffer;
  readonly isFirst: boolean;
  readonly isLast: boolean;
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
      const [oldest] = this.#fragments.keys();
      this.#remove(oldest as string);
      fits = false;
    }
    const copy = Buffer.allocUnsafeSlow(length);
    copy.set(bytes.subarray(from, to));
    this.#fragments.set(name, { bytes: copy, isFirst, isLast, protocol });
    this.#bytes += length;
    return fits;
  }

  /** The message that the fragment of this number belongs to, when it is complete; its fragments are given up then. */
  take(key: string, number: number): { readonly bytes: Buffer; readonly protocol: number } | undefined {
    let first = number;
    let fragment = this.#fragments.get(nameOf(key, first));
    while (fragment !== undefined && !fragment.isFirst) {
      first -= 1;
      fragment = this.#fragments.get(nameOf(key, first));
    }
    if (fragment === undefined) return undefined;
    const { protocol } = fragment;
    const names: string[] = [];
    const parts: Buffer[] = [];
    for (let next = first; fragment !== undefined; next += 1) {
      names.push(nameOf(key, next));
      parts.push(fragment.bytes);
      if (fragment.isLast) {
        for (const name of names) this.#remove(name);
        return { bytes: Buffer.concat(parts), protocol };
      }
      fragment = this.#fragments.get(nameOf(key, next + 1));
      if (fragment?.isFirst === true) return undefined;
    }
    return undefined;
  }

  #remove(name: string): void {
    this.#bytes -= this.#fragments.get(name)?.bytes.length ?? 0;
    this.#fragments.delete(name);
  }
}

const nameOf = (key: string, number: number): string => `${key}/${number >>> 0}`;
