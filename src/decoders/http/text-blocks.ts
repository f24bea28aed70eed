// Blocks for the texts of transactions, out of a few large buffers: writers of records look at whole words, and want to
// meet few buffers. Bounded; one set a packet worker. Used by the text areas.

/** Enough for nearly all transactions: they may be many that wait. */
export const blockBytes = 512;
const blockShift = 9;
const slabShift = 18;
const blocksShift = slabShift - blockShift;
/** Buffers at most; transactions beyond (65536 at a time) have buffers of their own. */
const maxSlabs = 128;

const slabs: Buffer[] = [];
/** The same to be read and written in words. */
const slabWords: DataView[] = [];
/** Free blocks, the one freed last on top. */
let free = new Int32Array(1 << blocksShift);
let freeCount = 0;

/** The number of a block, -1 when all are in use. */
export function takeBlock(): number {
  if (freeCount === 0) addSlab();
  return freeCount === 0 ? -1 : (free[--freeCount] as number);
}

export function giveBackBlock(block: number): void {
  free[freeCount++] = block;
}

/** The buffer that holds a block, and where it begins there. */
export function slabOf(block: number): Buffer {
  return slabs[block >> blocksShift] as Buffer;
}

export function slabWordsOf(block: number): DataView {
  return slabWords[block >> blocksShift] as DataView;
}

export function startOf(block: number): number {
  return (block << blockShift) & ((1 << slabShift) - 1);
}

function addSlab(): void {
  if (slabs.length === maxSlabs) return;
  const first = slabs.length << blocksShift;
  const slab = Buffer.allocUnsafeSlow(1 << slabShift);
  slabs.push(slab);
  slabWords.push(new DataView(slab.buffer));
  if (free.length < slabs.length << blocksShift) free = new Int32Array(free.length * 2);
  for (let block = first + (1 << blocksShift) - 1; block >= first; block--) free[freeCount++] = block;
}
