// Changes inputs: bits, bytes, numbers of two and four bytes, blocks left out, doubled, moved in from other inputs. The
// same seed gives the same changes.

const interesting = [0, 1, 7, 8, 13, 10, 32, 63, 64, 127, 128, 192, 254, 255, 256, 1024, 4095, 4096, 32767, 32768, 65535];

/** xorshift32: fast, and good enough to choose where to hit. */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = (seed ^ 0x9e3779b9) | 0 || 1;
  }

  /** 0 to `end` - 1. */
  below(end: number): number {
    let state = this.#state;
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    this.#state = state;
    return end <= 0 ? 0 : (state >>> 0) % end;
  }

  pick<T>(values: readonly T[]): T {
    return values[this.below(values.length)] as T;
  }
}

/** A changed copy of `input`, at most `maxBytes` long. */
export function mutate(input: Uint8Array, others: readonly Uint8Array[], dice: Dice, maxBytes: number): Buffer {
  let bytes = Buffer.from(input);
  for (let changes = 1 + dice.below(6); changes > 0; changes--) bytes = changeOnce(bytes, others, dice);
  return bytes.length > maxBytes ? bytes.subarray(0, maxBytes) : bytes;
}

function changeOnce(bytes: Buffer, others: readonly Uint8Array[], dice: Dice): Buffer<ArrayBuffer> {
  const own = Buffer.from(bytes);
  const at = dice.below(own.length);
  const length = 1 + dice.below(dice.below(4) === 0 ? own.length - at : Math.min(16, own.length - at));
  switch (own.length === 0 ? 4 : dice.below(9)) {
    case 0:
      own[at] = (own[at] as number) ^ (1 << dice.below(8));
      return own;
    case 1:
      own[at] = dice.below(256);
      return own;
    case 2:
      return writeNumber(own, at, dice.pick(interesting), dice);
    case 3:
      return writeNumber(own, at, (own[at] as number) + dice.below(9) - 4, dice);
    case 4: {
      const fresh = Buffer.from(Array.from({ length: 1 + dice.below(8) }, () => dice.below(256)));
      return Buffer.concat([own.subarray(0, at), fresh, own.subarray(at)]);
    }
    case 5:
      return Buffer.concat([own.subarray(0, at), own.subarray(at + length)]);
    case 6:
      return Buffer.concat([own.subarray(0, at + length), own.subarray(at)]);
    case 7: {
      const other = others.length === 0 ? own : dice.pick(others);
      const from = dice.below(other.length);
      const part = other.subarray(from, from + 1 + dice.below(Math.min(200, other.length - from)));
      return Buffer.concat([own.subarray(0, at), part, own.subarray(dice.below(2) === 0 ? at : at + part.length)]);
    }
    default:
      return own.subarray(0, at + 1);
  }
}

function writeNumber(bytes: Buffer<ArrayBuffer>, at: number, value: number, dice: Dice): Buffer<ArrayBuffer> {
  const size = dice.pick([1, 2, 4]);
  const isLittle = dice.below(2) === 0;
  for (let index = 0; index < size && at + index < bytes.length; index++) {
    bytes[at + index] = value >>> ((isLittle ? index : size - 1 - index) * 8);
  }
  return bytes;
}
