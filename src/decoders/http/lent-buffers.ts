// Buffers for bytes that must outlive the packet they came in: a line cut by its end, the texts of a transaction. A bounded
// pool of the packet worker's thread, by powers of two. Used by the room's carries and text areas.

/** Buffers kept for reuse, of each size. */
const keptPerSize = 256;
const largestKept = 131072;

export const noBytes = Buffer.alloc(0);

/** By the logarithm of their size. */
const free: Buffer[][] = Array.from({ length: 32 }, () => []);

const sizeClass = (size: number): number => 31 - Math.clz32(size);

/** A buffer of at least `needed` bytes, and of `smallest`, a power of two; what is in it is whatever was. */
export function lend(needed: number, smallest: number): Buffer {
  let size = smallest;
  while (size < needed) size *= 2;
  return (free[sizeClass(size)] as Buffer[]).pop() ?? Buffer.allocUnsafeSlow(size);
}

export function giveBack(buffer: Buffer): void {
  if (buffer === noBytes || buffer.length > largestKept) return;
  const kept = free[sizeClass(buffer.length)] as Buffer[];
  if (kept.length < keptPerSize) kept.push(buffer);
}
