// Header names by their bytes: a small hash table that is asked with a piece of the wire and makes no string. Asked
// for every header line of every message on a packet worker.

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
  readonly hash: number;
  readonly bytes: Uint8Array;
  /** The value is recorded by option. */
  readonly inRequest: boolean;
  readonly inResponse: boolean;

  constructor(name: string, id: HeaderId, inRequest: boolean, inResponse: boolean) {
    this.name = name;
    this.id = id;
    this.bytes = Buffer.from(name, 'latin1');
    let hash = 0;
    for (const byte of this.bytes) hash = nameHash(hash, byte);
    this.hash = hash;
    this.inRequest = inRequest;
    this.inResponse = inResponse;
  }
}

/** Next value of the hash of a name; `lower` is the lower-cased byte, the hash begins with 0. */
export function nameHash(hash: number, lower: number): number {
  return (Math.imul(hash, 31) + lower) | 0;
}

export class HeaderTable {
  private readonly slots: (HeaderEntry | undefined)[];
  private readonly mask: number;

  constructor(requestHeaders: readonly string[], responseHeaders: readonly string[]) {
    const request = new Set(requestHeaders.map((name) => name.toLowerCase()));
    const response = new Set(responseHeaders.map((name) => name.toLowerCase()));
    const ids = new Map<string, HeaderId>(builtIn);
    const names = new Set([...ids.keys(), ...request, ...response]);
    let size = 64;
    while (size < names.size * 4) size *= 2;
    this.mask = size - 1;
    this.slots = new Array<HeaderEntry | undefined>(size).fill(undefined);
    for (const name of names) {
      const entry = new HeaderEntry(name, ids.get(name) ?? HeaderId.none, request.has(name), response.has(name));
      let slot = this.slotOf(entry.hash);
      while (this.slots[slot] !== undefined) slot = (slot + 1) & this.mask;
      this.slots[slot] = entry;
    }
  }

  /** The entry whose name is `bytes[from, from + length)` in any case; `hash` is the name's. */
  find(hash: number, bytes: Uint8Array, from: number, length: number): HeaderEntry | undefined {
    let slot = this.slotOf(hash);
    for (;;) {
      const entry = this.slots[slot];
      if (entry === undefined) return undefined;
      if (entry.hash === hash && entry.bytes.length === length && sameName(entry.bytes, bytes, from)) return entry;
      slot = (slot + 1) & this.mask;
    }
  }

  private slotOf(hash: number): number {
    return (hash ^ (hash >>> 9)) & this.mask;
  }
}

function sameName(name: Uint8Array, bytes: Uint8Array, from: number): boolean {
  for (let at = 0; at < name.length; at++) {
    if (tokenLower[bytes[from + at] as number] !== name[at]) return false;
  }
  return true;
}
