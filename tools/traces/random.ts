// A small seeded generator of numbers (PCG32), so that the same arguments give the same trace on every machine.

const multiplier = 6364136223846793005n;
const increment = 1442695040888963407n;
const mask64 = (1n << 64n) - 1n;

export class Random {
  #state: bigint;

  constructor(seed: number) {
    this.#state = (BigInt(seed) * 2n + 1n) & mask64;
    for (let round = 0; round < 4; round++) this.u32();
  }

  /** 0 to 2^32 - 1. */
  u32(): number {
    const old = this.#state;
    this.#state = (old * multiplier + increment) & mask64;
    const shifted = Number(((old >> 18n) ^ old) >> 27n) >>> 0;
    const rotation = Number(old >> 59n);
    return ((shifted >>> rotation) | (shifted << (-rotation & 31))) >>> 0;
  }

  /** 0 to `end` - 1. */
  below(end: number): number {
    return Math.floor((this.u32() / 0x1_0000_0000) * end);
  }

  /** `from` to `to`, both included. */
  between(from: number, to: number): number {
    return from + this.below(to - from + 1);
  }

  chance(share: number): boolean {
    return this.u32() < share * 0x1_0000_0000;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }

  /** One of the values, each as often as its weight says. */
  weighted<T>(values: readonly (readonly [T, number])[]): T {
    let at = this.below(values.reduce((sum, [, weight]) => sum + weight, 0));
    for (const [value, weight] of values) {
      at -= weight;
      if (at < 0) return value;
    }
    return (values[0] as readonly [T, number])[0];
  }
}
