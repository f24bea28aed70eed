// Buffers for bytes that must outlive the packet they came in: a line or message cut by its end, the texts of a transaction,
// segments that came early. A bounded pool of the packet worker's thread, by powers of two: memory from the system for each
// would cost more than what is done with it. Used by decoders and by the queues of TCP streams.

/** Memory kept for reuse, of each size; larger buffers are left to the garbage collector. */
const keptBytesPerSize = 1 << 21;
const largestKept = 1 << 17;
/** Smaller ones are cut from pieces: to make and to sweep memory of the system for each costs V8 more than it holds. */
const largestCut = 4096;
const pieceBytes = 1 << 16;

export const noBytes = Buffer.alloc(0);

/** By the logarithm of their size. */
const free: Buffer[][] = Array.from({ length: 32 }, () => []);

let piece = noBytes;
let pieceEnd = 0;

const sizeClass = (size: number): number => 31 - Math.clz32(size);

/** A buffer of at least `needed` bytes, and of `smallest`, a power of two; what is in it is whatever was. */
export function lend(needed: number, smallest: number): Buffer {
  let size = smallest;
  while (size < needed) size *= 2;
  return (free[sizeClass(size)] as Buffer[]).pop() ?? (size > largestCut ? Buffer.allocUnsafeSlow(size) : cut(size));
}

function cut(size: number): Buffer {
  if (pieceEnd + size > piece.length) {
    piece = Buffer.allocUnsafeSlow(pieceBytes);
    pieceEnd = 0;
  }
  pieceEnd += size;
  return piece.subarray(pieceEnd - size, pieceEnd);
}

/** Takes back what `lend` gave; nobody reads it any more. */
export function giveBack(buffer: Buffer): void {
  const { length } = buffer;
  if (length === 0 || length > largestKept) return;
  const kept = free[sizeClass(length)] as Buffer[];
  if (kept.length * length < keptBytesPerSize) kept.push(buffer);
}

/** A larger buffer in place of one, with the first `used` bytes of it; the old one is given back. */
export function enlarge(buffer: Buffer, used: number, needed: number, smallest: number): Buffer {
  const larger = lend(needed, smallest);
  buffer.copy(larger, 0, 0, used);
  giveBack(buffer);
  return larger;
}
