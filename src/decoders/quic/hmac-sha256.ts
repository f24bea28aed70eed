// HMAC-SHA-256 (RFC 2104, FIPS 180-4) of messages that fit one block: keys and labels of HKDF. A call of the crypto library
// costs several times what the rounds do, and the keys of a session take five. Not for secrets: its time is not hidden.
// Called by `initial-keys.ts`, on a packet worker.

const blockBytes = 64;
const stateWords = 8;

/** The first 32 bits behind the point of the roots, square of the first 8 primes and cube of the first 64. */
const initialState = rootBits(stateWords, Math.sqrt);
const roundConstants = rootBits(64, Math.cbrt);

const schedule = new Int32Array(64);
const state = new Int32Array(stateWords);
const block = new Uint8Array(blockBytes);
const blockView = new DataView(block.buffer);

/** A key and what is always done with it first. */
export class HmacSha256 {
  readonly #inner: Int32Array = new Int32Array(stateWords);
  readonly #outer: Int32Array = new Int32Array(stateWords);

  /** `key`: at most 64 bytes. */
  setKey(key: Uint8Array): void {
    begin(this.#inner, key, 0x36);
    begin(this.#outer, key, 0x5c);
  }

  /** Puts the code of `message`, which has at most 55 bytes, into the first 32 bytes of `target`. */
  code(message: Uint8Array, target: Buffer): void {
    state.set(this.#inner);
    block.fill(0);
    block.set(message);
    last(message.length);
    for (let word = 0; word < stateWords; word += 1) blockView.setInt32(word << 2, state[word] as number);
    state.set(this.#outer);
    block.fill(0, stateWords << 2);
    last(stateWords << 2);
    for (let word = 0; word < stateWords; word += 1) target.writeInt32BE(state[word] as number, word << 2);
  }
}

/** The state after the block of the key, each byte of which is mixed with `pad`. */
function begin(target: Int32Array, key: Uint8Array, pad: number): void {
  block.fill(pad);
  for (let at = 0; at < key.length; at += 1) block[at] = (key[at] as number) ^ pad;
  state.set(initialState);
  compress();
  target.set(state);
}

/** The last block, of which `length` bytes are there, behind that of the key. */
function last(length: number): void {
  block[length] = 0x80;
  blockView.setUint16(blockBytes - 2, (blockBytes + length) << 3);
  compress();
}

/** FIPS 180-4 section 6.2.2: `block` into `state`. */
function compress(): void {
  const w = schedule;
  for (let at = 0; at < 16; at += 1) w[at] = blockView.getInt32(at << 2);
  for (let at = 16; at < 64; at += 1) {
    const x = w[at - 15] as number;
    const y = w[at - 2] as number;
    const small0 = ((x >>> 7) | (x << 25)) ^ ((x >>> 18) | (x << 14)) ^ (x >>> 3);
    const small1 = ((y >>> 17) | (y << 15)) ^ ((y >>> 19) | (y << 13)) ^ (y >>> 10);
    w[at] = small0 + small1 + (w[at - 16] as number) + (w[at - 7] as number);
  }
  let a = state[0] as number;
  let b = state[1] as number;
  let c = state[2] as number;
  let d = state[3] as number;
  let e = state[4] as number;
  let f = state[5] as number;
  let g = state[6] as number;
  let h = state[7] as number;
  for (let at = 0; at < 64; at += 1) {
    const large1 = ((e >>> 6) | (e << 26)) ^ ((e >>> 11) | (e << 21)) ^ ((e >>> 25) | (e << 7));
    const choice = g ^ (e & (f ^ g));
    const first = (h + large1 + choice + (roundConstants[at] as number) + (w[at] as number)) | 0;
    const large0 = ((a >>> 2) | (a << 30)) ^ ((a >>> 13) | (a << 19)) ^ ((a >>> 22) | (a << 10));
    const majority = (a & b) | (c & (a | b));
    h = g;
    g = f;
    f = e;
    e = (d + first) | 0;
    d = c;
    c = b;
    b = a;
    a = (first + large0 + majority) | 0;
  }
  state[0] = (state[0] as number) + a;
  state[1] = (state[1] as number) + b;
  state[2] = (state[2] as number) + c;
  state[3] = (state[3] as number) + d;
  state[4] = (state[4] as number) + e;
  state[5] = (state[5] as number) + f;
  state[6] = (state[6] as number) + g;
  state[7] = (state[7] as number) + h;
}

function rootBits(count: number, root: (value: number) => number): Int32Array {
  const bits = new Int32Array(count);
  let found = 0;
  for (let candidate = 2; found < count; candidate += 1) {
    let divisor = 2;
    while (divisor * divisor <= candidate && candidate % divisor !== 0) divisor += 1;
    if (divisor * divisor <= candidate) continue;
    bits[found] = (root(candidate) % 1) * 0x1_0000_0000;
    found += 1;
  }
  return bits;
}
