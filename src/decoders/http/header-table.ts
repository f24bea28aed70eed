// Header names by their bytes: a small table, hashed without collisions, that is asked with a piece of the wire and makes no
// string. Asked for every header line of every message on a packet worker.

import { wordsOf } from './wire-words.ts';

/** What the decoder does with a header it knows. */
export const HeaderId = {
  none: 0,
  host: 1,
  userAgent: 2,
  contentLength: 3,
  transferEncoding: 4,
  contentType: 5,
  contentEncoding: 6,
  referer: 7,
  server: 8,
  location: 9,
  upgrade: 10,
  forwardedFor: 11,
  authorization: 12,
  proxyAuthorization: 13,
  expect: 14,
  contentRange: 15,
  authenticate: 16,
  proxyAuthenticate: 17,
} as const;
export type HeaderId = (typeof HeaderId)[keyof typeof HeaderId];

const builtIn: readonly (readonly [string, HeaderId])[] = [
  ['host', HeaderId.host],
  ['user-agent', HeaderId.userAgent],
  ['content-length', HeaderId.contentLength],
  ['transfer-encoding', HeaderId.transferEncoding],
  ['content-type', HeaderId.contentType],
  ['content-encoding', HeaderId.contentEncoding],
  ['referer', HeaderId.referer],
  ['server', HeaderId.server],
  ['location', HeaderId.location],
  ['upgrade', HeaderId.upgrade],
  ['x-forwarded-for', HeaderId.forwardedFor],
  ['authorization', HeaderId.authorization],
  ['proxy-authorization', HeaderId.proxyAuthorization],
  ['expect', HeaderId.expect],
  ['content-range', HeaderId.contentRange],
  ['www-authenticate', HeaderId.authenticate],
  ['proxy-authenticate', HeaderId.proxyAuthenticate],
];

/** Lower-cased byte of a token character (RFC 9110 section 5.6.2), 0 for every other byte. */
export const tokenLower = new Uint8Array(256);
for (const character of "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz") {
  const code = character.charCodeAt(0);
  tokenLower[code] = code;
  tokenLower[character.toUpperCase().charCodeAt(0)] = code;
}

export class HeaderEntry {
  readonly name: string;
  readonly id: HeaderId;
  readonly key: number;
  readonly bytes: Uint8Array;
  /** The name with `lowerBits` set in each byte, to be compared in words; undefined where that would not tell names apart. */
  readonly lowered: DataView | undefined;
  /** The value is recorded by option. */
  readonly inRequest: boolean;
  readonly inResponse: boolean;

  constructor(name: string, id: HeaderId, inRequest: boolean, inResponse: boolean) {
    this.name = name;
    this.id = id;
    this.bytes = Buffer.from(name, 'latin1');
    this.key = keyOf(this.bytes, 0, this.bytes.length);
    this.lowered = loweredOf(this.bytes);
    this.inRequest = inRequest;
    this.inResponse = inResponse;
  }
}

/** What tells letters of the two cases apart, in each byte of a word; set in both of two token characters, it leaves only ^ and ~ alike. */
const lowerBits = 0x20202020;

function loweredOf(name: Uint8Array): DataView | undefined {
  if (name.length < 4 || name.includes(0x5e) || name.includes(0x7e)) return undefined;
  return new DataView(Uint8Array.from(name, (byte) => byte | 0x20).buffer);
}

/** Length, first, middle and last byte of a name in lower case: enough to tell nearly all names apart. */
function keyOf(bytes: Uint8Array, from: number, length: number): number {
  const first = tokenLower[bytes[from] as number] as number;
  const middle = tokenLower[bytes[from + (length >> 1)] as number] as number;
  const last = tokenLower[bytes[from + length - 1] as number] as number;
  return (length & 0xff) | (first << 8) | (middle << 16) | (last << 24);
}

/** Longer names are wanted by none or all. */
const lengthBits = 31;

/** Odd numbers tried as the multiplier of the table's hash, until no two names share a slot. */
const multipliersTried = 64;

export class HeaderTable {
  private slots: (HeaderEntry | undefined)[] = [];
  private readonly shift: number;
  private multiplier = 0x9e3779b1 | 0;
  /** By first byte: a bit for each length of a name that begins so. */
  private readonly lengths = new Int32Array(256);

  constructor(requestHeaders: readonly string[], responseHeaders: readonly string[]) {
    const request = new Set(requestHeaders.map((name) => name.toLowerCase()));
    const response = new Set(responseHeaders.map((name) => name.toLowerCase()));
    const ids = new Map<string, HeaderId>(builtIn);
    const names = [...new Set([...ids.keys(), ...request, ...response])];
    const entries = names.map(
      (name) => new HeaderEntry(name, ids.get(name) ?? HeaderId.none, request.has(name), response.has(name)),
    );
    for (const { bytes } of entries) {
      const bit = 1 << Math.min(bytes.length, lengthBits);
      for (let code = 0; code < 256; code++) {
        if (tokenLower[code] === bytes[0]) this.lengths[code] = (this.lengths[code] as number) | bit;
      }
    }
    let bits = 6;
    while (1 << bits < entries.length * 8) bits++;
    this.shift = 32 - bits;
    for (let tries = 0; tries < multipliersTried; tries++) {
      if (this.fill(entries)) break;
      this.multiplier = (this.multiplier + 0x3c6ef372) | 0;
    }
  }

  /** Places the entries; false: two wanted the same slot, and one of them is in the next free one. */
  private fill(entries: readonly HeaderEntry[]): boolean {
    this.slots = new Array<HeaderEntry | undefined>(2 ** (32 - this.shift)).fill(undefined);
    let perfect = true;
    for (const entry of entries) {
      let slot = this.slotOf(entry.key);
      while (this.slots[slot] !== undefined) {
        slot = (slot + 1) & (this.slots.length - 1);
        perfect = false;
      }
      this.slots[slot] = entry;
    }
    return perfect;
  }

  /** May a name of this first byte and length be in the table? Says no to most that are not. */
  mayHold(first: number, length: number): boolean {
    return (((this.lengths[first] as number) >>> (length < lengthBits ? length : lengthBits)) & 1) !== 0;
  }

  /** The entry whose name is the token `bytes[from, from + length)` in any case; at least one byte. */
  find(bytes: Buffer, from: number, length: number): HeaderEntry | undefined {
    const key = keyOf(bytes, from, length);
    const slots = this.slots;
    let slot = this.slotOf(key);
    for (;;) {
      const entry = slots[slot];
      if (entry === undefined) return undefined;
      if (entry.key === key && entry.bytes.length === length && sameName(entry, bytes, from)) return entry;
      slot = (slot + 1) & (slots.length - 1);
    }
  }

  private slotOf(key: number): number {
    return Math.imul(key, this.multiplier) >>> this.shift;
  }
}

function sameName(entry: HeaderEntry, bytes: Buffer, from: number): boolean {
  const { bytes: name, lowered } = entry;
  if (lowered !== undefined) {
    const words = wordsOf(bytes);
    const last = name.length - 4;
    for (let at = 0; at < last; at += 4) {
      if ((words.getInt32(from + at, true) | lowerBits) !== lowered.getInt32(at, true)) return false;
    }
    return (words.getInt32(from + last, true) | lowerBits) === lowered.getInt32(last, true);
  }
  for (let at = 0; at < name.length; at++) {
    if (tokenLower[bytes[from + at] as number] !== name[at]) return false;
  }
  return true;
}
