// AES-128 (FIPS 197) with Galois/Counter Mode (NIST SP 800-38D), as far as QUIC’s Initial packets need it. The crypto library
// makes objects of keys and ciphers that cost several times what a packet’s rounds do, and takes no bytes of shared memory.
// Not for secrets: its time is not hidden. Used by `initial-keys.ts`, on a packet worker.

import { readI32 } from '../big-endian.ts';

export const blockBytes = 16;
const rounds = 10;
const scheduleWords = 4 * (rounds + 1);

/** What a round does to a byte: the S-box and the column that it becomes, for the first row; others are rotations of it. */
const box = new Uint8Array(256);
const columns = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;
/** What the byte that falls out at the end comes back as, in the field of GCM. */
const reductions = new Int32Array(256);

makeTables();

/** The key schedule of one key. */
export class Aes128 {
  /** The last block that was encrypted, as words. */
  readonly out: Int32Array = new Int32Array(4);
  readonly #schedule: Int32Array = new Int32Array(scheduleWords);

  /** `key`: 16 bytes at `at`. */
  setKey(key: Buffer, at: number): void {
    const w = this.#schedule;
    for (let word = 0; word < 4; word += 1) w[word] = readI32(key, at + word * 4);
    let constant = 1;
    for (let word = 4; word < scheduleWords; word += 1) {
      let last = w[word - 1] as number;
      if ((word & 3) === 0) {
        last = substituted((last << 8) | (last >>> 24)) ^ (constant << 24);
        constant = doubled(constant);
      }
      w[word] = (w[word - 4] as number) ^ last;
    }
  }

  /** Encrypts the block of four words into `out`. */
  encrypt(first: number, second: number, third: number, fourth: number): void {
    const w = this.#schedule;
    const [t0, t1, t2, t3] = columns;
    let a = first ^ (w[0] as number);
    let b = second ^ (w[1] as number);
    let c = third ^ (w[2] as number);
    let d = fourth ^ (w[3] as number);
    for (let at = 4; at < scheduleWords - 4; at += 4) {
      const e =
        (t0[a >>> 24] as number) ^
        (t1[(b >>> 16) & 255] as number) ^
        (t2[(c >>> 8) & 255] as number) ^
        (t3[d & 255] as number) ^
        (w[at] as number);
      const f =
        (t0[b >>> 24] as number) ^
        (t1[(c >>> 16) & 255] as number) ^
        (t2[(d >>> 8) & 255] as number) ^
        (t3[a & 255] as number) ^
        (w[at + 1] as number);
      const g =
        (t0[c >>> 24] as number) ^
        (t1[(d >>> 16) & 255] as number) ^
        (t2[(a >>> 8) & 255] as number) ^
        (t3[b & 255] as number) ^
        (w[at + 2] as number);
      d =
        (t0[d >>> 24] as number) ^
        (t1[(a >>> 16) & 255] as number) ^
        (t2[(b >>> 8) & 255] as number) ^
        (t3[c & 255] as number) ^
        (w[at + 3] as number);
      a = e;
      b = f;
      c = g;
    }
    const out = this.out;
    const at = scheduleWords - 4;
    out[0] = lastWord(a, b, c, d) ^ (w[at] as number);
    out[1] = lastWord(b, c, d, a) ^ (w[at + 1] as number);
    out[2] = lastWord(c, d, a, b) ^ (w[at + 2] as number);
    out[3] = lastWord(d, a, b, c) ^ (w[at + 3] as number);
  }
}

/** Multiples of the hash key, by byte; and the state of the hash. Of the call at hand. */
const multiples = [new Int32Array(256), new Int32Array(256), new Int32Array(256), new Int32Array(256)] as const;
const hash = new Int32Array(4);

/**
 * Decrypts `[from, to)`, of which the last 16 bytes are the tag, into `target`, from its start.
 * @param nonce 12 bytes
 * @param header what is authenticated besides: `header[0, headerLength)`
 * @returns false when the tag does not fit; then `target` holds nothing of use
 */
export function decryptGcm(
  aes: Aes128,
  nonce: Buffer,
  header: Buffer,
  headerLength: number,
  bytes: Buffer,
  from: number,
  to: number,
  target: Buffer,
): boolean {
  const { out } = aes;
  const end = to - blockBytes;
  aes.encrypt(0, 0, 0, 0);
  setHashKey(out[0] as number, out[1] as number, out[2] as number, out[3] as number);
  hash.fill(0);
  absorb(header, 0, headerLength);
  absorb(bytes, from, end);
  mix(0, headerLength << 3, 0, (end - from) << 3);
  const n0 = readI32(nonce, 0);
  const n1 = readI32(nonce, 4);
  const n2 = readI32(nonce, 8);
  aes.encrypt(n0, n1, n2, 1);
  for (let word = 0; word < 4; word += 1) {
    if (readI32(bytes, end + word * 4) !== ((out[word] as number) ^ (hash[word] as number))) return false;
  }
  let counter = 2;
  let at = from;
  for (; at + blockBytes <= end; at += blockBytes) {
    aes.encrypt(n0, n1, n2, counter++);
    for (let word = 0; word < 4; word += 1) {
      const value = out[word] as number;
      const place = at + word * 4;
      const into = place - from;
      target[into] = (bytes[place] as number) ^ (value >>> 24);
      target[into + 1] = (bytes[place + 1] as number) ^ (value >>> 16);
      target[into + 2] = (bytes[place + 2] as number) ^ (value >>> 8);
      target[into + 3] = (bytes[place + 3] as number) ^ value;
    }
  }
  if (at === end) return true;
  aes.encrypt(n0, n1, n2, counter);
  for (let index = 0; at + index < end; index += 1) {
    target[at + index - from] = (bytes[at + index] as number) ^ ((out[index >> 2] as number) >>> (24 - 8 * (index & 3)));
  }
  return true;
}

/** Takes `[from, to)` into the hash, with zeros up to a whole block. */
function absorb(bytes: Buffer, from: number, to: number): void {
  let at = from;
  for (; at + blockBytes <= to; at += blockBytes) {
    mix(readI32(bytes, at), readI32(bytes, at + 4), readI32(bytes, at + 8), readI32(bytes, at + 12));
  }
  if (at === to) return;
  let word0 = 0;
  let word1 = 0;
  let word2 = 0;
  let word3 = 0;
  for (let index = 0; at + index < to; index += 1) {
    const value = (bytes[at + index] as number) << (24 - 8 * (index & 3));
    if (index < 4) word0 |= value;
    else if (index < 8) word1 |= value;
    else if (index < 12) word2 |= value;
    else word3 |= value;
  }
  mix(word0, word1, word2, word3);
}

/** One block into the hash: adds it and multiplies by the hash key, a byte at a time from the last on. */
function mix(word0: number, word1: number, word2: number, word3: number): void {
  const [m0, m1, m2, m3] = multiples;
  const x0 = (hash[0] as number) ^ word0;
  const x1 = (hash[1] as number) ^ word1;
  const x2 = (hash[2] as number) ^ word2;
  const x3 = (hash[3] as number) ^ word3;
  let z0 = 0;
  let z1 = 0;
  let z2 = 0;
  let z3 = 0;
  for (let step = 0; step < blockBytes; step += 1) {
    const word = step < 4 ? x3 : step < 8 ? x2 : step < 12 ? x1 : x0;
    const byte = (word >>> (8 * (step & 3))) & 255;
    const fallen = reductions[z3 & 255] as number;
    z3 = ((z3 >>> 8) | (z2 << 24)) ^ (m3[byte] as number);
    z2 = ((z2 >>> 8) | (z1 << 24)) ^ (m2[byte] as number);
    z1 = ((z1 >>> 8) | (z0 << 24)) ^ (m1[byte] as number);
    z0 = (z0 >>> 8) ^ fallen ^ (m0[byte] as number);
  }
  hash[0] = z0;
  hash[1] = z1;
  hash[2] = z2;
  hash[3] = z3;
}

/** Makes the multiples of a hash key by all bytes. The first bit of a byte stands for the key itself. */
function setHashKey(word0: number, word1: number, word2: number, word3: number): void {
  const [m0, m1, m2, m3] = multiples;
  let z0 = word0;
  let z1 = word1;
  let z2 = word2;
  let z3 = word3;
  for (let bit = 128; bit > 0; bit >>= 1) {
    m0[bit] = z0;
    m1[bit] = z1;
    m2[bit] = z2;
    m3[bit] = z3;
    const fallen = -(z3 & 1) & 0xe100_0000;
    z3 = (z3 >>> 1) | (z2 << 31);
    z2 = (z2 >>> 1) | (z1 << 31);
    z1 = (z1 >>> 1) | (z0 << 31);
    z0 = (z0 >>> 1) ^ fallen;
  }
  for (let bit = 2; bit < 256; bit <<= 1) {
    for (let rest = 1; rest < bit; rest += 1) {
      m0[bit | rest] = (m0[bit] as number) ^ (m0[rest] as number);
      m1[bit | rest] = (m1[bit] as number) ^ (m1[rest] as number);
      m2[bit | rest] = (m2[bit] as number) ^ (m2[rest] as number);
      m3[bit | rest] = (m3[bit] as number) ^ (m3[rest] as number);
    }
  }
}

function lastWord(a: number, b: number, c: number, d: number): number {
  return (
    ((box[a >>> 24] as number) << 24) |
    ((box[(b >>> 16) & 255] as number) << 16) |
    ((box[(c >>> 8) & 255] as number) << 8) |
    (box[d & 255] as number)
  );
}

function substituted(word: number): number {
  return lastWord(word, word, word, word);
}

/** Twice a byte in the field of AES (FIPS 197 section 4.2.1). */
function doubled(byte: number): number {
  return ((byte << 1) ^ (byte >= 0x80 ? 0x11b : 0)) & 255;
}

function makeTables(): void {
  const [t0, t1, t2, t3] = columns;
  // Powers of the generator 3: the inverse of one is another.
  const powers = new Uint8Array(255);
  for (let power = 0, byte = 1; power < 255; power += 1, byte ^= doubled(byte)) powers[power] = byte;
  for (let power = 0; power < 255; power += 1) {
    const inverse = powers[(255 - power) % 255] as number;
    const spread = inverse * 0x0101;
    box[powers[power] as number] = inverse ^ (spread >> 7) ^ (spread >> 6) ^ (spread >> 5) ^ (spread >> 4) ^ 0x63;
  }
  box[0] = 0x63;
  for (let value = 0; value < 256; value += 1) {
    const once = box[value] as number;
    const twice = doubled(once);
    const column = (twice << 24) | (once << 16) | (once << 8) | (twice ^ once);
    t0[value] = column;
    t1[value] = (column >>> 8) | (column << 24);
    t2[value] = (column >>> 16) | (column << 16);
    t3[value] = (column >>> 24) | (column << 8);
    let fallen = value;
    let back = 0;
    for (let bit = 0; bit < 8; bit += 1) {
      back = (back >>> 1) ^ (-(fallen & 1) & 0xe100_0000);
      fallen >>= 1;
    }
    reductions[value] = back;
  }
}
