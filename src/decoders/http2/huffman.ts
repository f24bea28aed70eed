// The Huffman code of HPACK (RFC 7541 section 5.2 and appendix B). The code is canonical: it follows from the lengths alone.
// Called by the reader of header blocks, on packet workers.

/** Bits of the code of each byte, and of the end-of-string symbol. */
const lengths = [
  '13 23 28 28 28 28 28 28 28 24 30 28 28 30 28 28 28 28 28 28 28 28 30 28 28 28 28 28 28 28 28 28',
  '6 10 10 12 13 6 8 11 10 10 8 11 8 6 6 6 5 5 5 6 6 6 6 6 6 6 7 8 15 6 12 10',
  '13 6 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 7 8 7 8 13 19 13 14 6',
  '15 5 6 5 6 5 6 6 6 5 7 7 6 6 6 5 6 7 6 5 5 6 7 7 7 7 7 15 11 14 13 28',
  '20 22 20 20 22 22 22 23 22 23 23 23 23 23 24 23 24 24 22 23 24 23 23 23 23 21 22 23 22 23 23 24',
  '22 21 20 22 22 23 23 21 23 22 22 24 21 22 23 23 21 21 22 21 23 22 23 23 20 22 22 22 23 22 22 23',
  '26 26 20 19 22 23 22 25 26 26 26 27 27 26 24 25 19 21 26 27 27 26 27 24 21 21 26 26 28 27 27 27',
  '20 24 20 21 22 21 21 23 22 22 25 25 24 24 26 23 26 27 26 26 27 27 27 27 27 28 27 27 27 27 27 26',
  '30',
]
  .join(' ')
  .split(' ')
  .map(Number);

const endOfString = 256;

/** A binary tree: nodes two by two; ≥ 0 the next node, < 0 the symbol -1 - value. Made when first needed. */
let tree = new Int16Array(0);

function makeTree(): Int16Array<ArrayBuffer> {
  const nodes = new Int16Array(lengths.length * 2);
  let used = 2;
  let code = 0;
  let codeLength = 0;
  const symbols = lengths.map((_, symbol) => symbol).sort((a, b) => (lengths[a] as number) - (lengths[b] as number) || a - b);
  for (const symbol of symbols) {
    const length = lengths[symbol] as number;
    code *= 2 ** (length - codeLength);
    codeLength = length;
    let node = 0;
    for (let bit = length - 1; bit > 0; bit--) {
      const at = node + (Math.floor(code / 2 ** bit) % 2);
      if (nodes[at] === 0) {
        nodes[at] = used;
        used += 2;
      }
      node = nodes[at] as number;
    }
    nodes[node + (code % 2)] = -1 - symbol;
    code++;
  }
  return nodes;
}

/**
 * Decodes `bytes[from, to)` into `target` from its start, as far as there is room.
 * @returns length of the text; -1 when it is no such code (the end-of-string symbol in it, padding that is too long or not of ones)
 */
export function decodeHuffman(bytes: Uint8Array, from: number, to: number, target: Buffer): number {
  if (tree.length === 0) tree = makeTree();
  let node = 0;
  let length = 0;
  /** Bits since the last symbol, and whether all are ones. */
  let pending = 0;
  let allOnes = true;
  for (let at = from; at < to; at++) {
    const byte = bytes[at] as number;
    for (let shift = 7; shift >= 0; shift--) {
      const bit = (byte >> shift) & 1;
      pending++;
      if (bit === 0) allOnes = false;
      const next = tree[node + bit] as number;
      if (next >= 0) {
        node = next;
        continue;
      }
      const symbol = -1 - next;
      if (symbol === endOfString) return -1;
      if (length < target.length) target[length++] = symbol;
      node = 0;
      pending = 0;
      allOnes = true;
    }
  }
  return pending < 8 && allOnes ? length : -1;
}
