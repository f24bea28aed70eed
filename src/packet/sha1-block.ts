// SHA-1 (RFC 3174) of a message that fits one block, for community ids: a call of the crypto library costs several times
// what the 80 steps do. Not for secrets. Runs on packet workers.

/** Bytes of the longest message: a block has room for a bit and the length behind it. */
export const sha1BlockMost = 55;

const schedule = new Int32Array(80);

/**
 * Puts the five words of the digest of `message[0, length)` into `target`.
 * @param message 64 bytes; those behind the message are written to
 * @param length at most `sha1BlockMost`
 */
export function sha1Block(message: DataView, length: number, target: Int32Array): void {
  const w = schedule;
  message.setUint8(length, 0x80);
  for (let position = length + 1; position < 64; position += 1) message.setUint8(position, 0);
  message.setUint16(62, length << 3);
  for (let word = 0; word < 16; word += 1) w[word] = message.getInt32(word << 2);
  for (let word = 16; word < 80; word += 1) {
    const mixed = (w[word - 3] as number) ^ (w[word - 8] as number) ^ (w[word - 14] as number) ^ (w[word - 16] as number);
    w[word] = (mixed << 1) | (mixed >>> 31);
  }
  let a = 0x6745_2301;
  let b = 0xefcd_ab89 | 0;
  let c = 0x98ba_dcfe | 0;
  let d = 0x1032_5476;
  let e = 0xc3d2_e1f0 | 0;
  let next = 0;
  for (let word = 0; word < 20; word += 1) {
    next = (((a << 5) | (a >>> 27)) + (d ^ (b & (c ^ d))) + e + (w[word] as number) + 0x5a82_7999) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let word = 20; word < 40; word += 1) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (w[word] as number) + 0x6ed9_eba1) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let word = 40; word < 60; word += 1) {
    next = (((a << 5) | (a >>> 27)) + ((b & c) | (d & (b | c))) + e + (w[word] as number) + (0x8f1b_bcdc | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  for (let word = 60; word < 80; word += 1) {
    next = (((a << 5) | (a >>> 27)) + (b ^ c ^ d) + e + (w[word] as number) + (0xca62_c1d6 | 0)) | 0;
    e = d;
    d = c;
    c = (b << 30) | (b >>> 2);
    b = a;
    a = next;
  }
  target[0] = a + 0x6745_2301;
  target[1] = b + (0xefcd_ab89 | 0);
  target[2] = c + (0x98ba_dcfe | 0);
  target[3] = d + 0x1032_5476;
  target[4] = e + (0xc3d2_e1f0 | 0);
}
