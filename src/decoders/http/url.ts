// The parts of a request's URL: the target in one of its four forms (RFC 9112 section 3.2) and the Host header. Read
// when a transaction's record is made, on a packet worker. All texts are valid until the next one is read.

import { ByteText, JsonText } from '../../record/index.ts';
import { KnownText, KnownTexts } from './known-texts.ts';
import { noBytes } from './lent-buffers.ts';
import type { HttpTransaction } from './transaction.ts';
import { asciiLower } from './wire-text.ts';

const COLON = 0x3a;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const HASH = 0x23;
const AT = 0x40;

/** Longest scheme of an absolute target, with one byte more. */
const maxSchemeBytes = 16;

const http = JsonText.of('http');
const httpPrefix = Buffer.from('http://');

/** Host and port of an authority (RFC 3986 section 3.2). */
class Authority {
  hostTo = 0;
  /** 0: none given. */
  port = 0;

  read(bytes: Buffer, from: number, to: number): void {
    this.port = 0;
    let end = to;
    if (bytes[from] === 0x5b && from < to) {
      // RFC 3986 section 3.2.2: an IPv6 address in brackets, which stay part of the domain as ECS has it.
      const bracket = find(bytes, 0x5d, from, to);
      if (bracket !== to) end = bracket + 1;
    } else {
      const colon = find(bytes, COLON, from, to);
      if (colon !== to && find(bytes, COLON, colon + 1, to) === to) end = colon;
    }
    if (end < to && bytes[end] === COLON) {
      const port = Number(bytes.toString('utf8', end + 1, to) || 'none');
      if (Number.isInteger(port) && port > 0 && port < 65536) this.port = port;
    }
    this.hostTo = end;
  }
}

const authority = new Authority();

/** A Host header that came before, with its parts. */
export class KnownHost extends KnownText {
  readonly domain: ByteText;
  readonly port: number;

  constructor(hash: number, source: Buffer, from: number, to: number) {
    super(hash, source, from, to, false);
    const start = this.from;
    authority.read(this.bytes, start, start + this.length);
    const lowered = Buffer.allocUnsafe(authority.hostTo - start);
    for (let at = 0; at < lowered.length; at++) lowered[at] = asciiLower[this.bytes[start + at] as number] as number;
    this.domain = new ByteText(lowered, 0, lowered.length);
    this.port = authority.port;
  }
}

export const knownHosts = new KnownTexts(4096, (hash, bytes, from, to) => new KnownHost(hash, bytes, from, to));

export class UrlParts {
  scheme: JsonText | string = http;
  domain: ByteText = new ByteText(noBytes, 0, 0);
  /** The Host header when the domain is its own and it is known. */
  knownHost: KnownHost | undefined = undefined;
  /** 0: none given. */
  port = 0;
  /** The target is a URL by itself. */
  absolute = false;
  /** The target's bytes, and where its parts lie in them; -1: it has no such part. */
  bytes: Buffer = noBytes;
  pathFrom = -1;
  pathTo = -1;
  queryFrom = -1;
  queryTo = -1;
  private readonly ownDomain = this.domain;
  private lowered = Buffer.alloc(256);
  private composed = Buffer.alloc(1024);
  private readonly text = new ByteText(noBytes, 0, 0);

  /** Reads the target of `transaction` and the Host header that came with it. */
  read(transaction: HttpTransaction): void {
    const { target, method, area } = transaction;
    const { bytes } = area;
    const { from, to } = target;
    this.scheme = http;
    this.port = 0;
    this.absolute = false;
    this.bytes = bytes;
    this.pathFrom = -1;
    this.pathTo = -1;
    this.queryFrom = -1;
    this.queryTo = to;
    this.knownHost = undefined;
    if (method.isConnect) {
      this.readAuthority(bytes, from, to);
      return;
    }
    let path = from;
    if (from < to && bytes[from] !== SLASH) {
      const colon = findScheme(bytes, from, to);
      if (colon !== -1) {
        this.scheme = bytes.toString('utf8', from, colon).toLowerCase();
        this.absolute = true;
        path = colon + 3;
        while (path < to && !endsAuthority(bytes[path] as number)) path++;
        let host = path;
        while (host > colon + 3 && bytes[host - 1] !== AT) host--;
        this.readAuthority(bytes, host, path);
      } else if (to - from === 1 && bytes[from] === 0x2a) {
        path = to;
      }
    }
    if (!this.absolute) this.readHost(transaction);
    const query = find(bytes, QUESTION, path, to);
    if (query > path) {
      this.pathFrom = path;
      this.pathTo = query;
    }
    if (query !== to) this.queryFrom = query + 1;
  }

  path(): ByteText | undefined {
    return this.pathFrom === -1 ? undefined : this.part(this.pathFrom, this.pathTo);
  }

  query(): ByteText | undefined {
    return this.queryFrom === -1 ? undefined : this.part(this.queryFrom, this.queryTo);
  }

  /** The absolute target, or scheme, Host header and target put together. */
  full(transaction: HttpTransaction): ByteText | undefined {
    const { area, target, method } = transaction;
    const { from, to } = target;
    if (this.absolute) return this.part(from, to);
    const host = method.isConnect || from === to ? undefined : area.noted(transaction.host);
    if (host === undefined) return undefined;
    const asterisk = to - from === 1 && area.bytes[from] === 0x2a;
    const length = httpPrefix.length + host.length + to - from;
    if (length > this.composed.length) this.composed = Buffer.alloc(2 ** (32 - Math.clz32(length)));
    const { composed } = this;
    let at = 0;
    for (; at < httpPrefix.length; at++) composed[at] = httpPrefix[at] as number;
    const hostBytes = host.bytes;
    for (let index = host.from; index < host.to; index++) composed[at++] = hostBytes[index] as number;
    if (!asterisk) at += area.bytes.copy(composed, at, from, to);
    return this.set(composed, 0, at);
  }

  private part(from: number, to: number): ByteText {
    return this.set(this.bytes, from, to);
  }

  private set(bytes: Buffer, from: number, to: number): ByteText {
    const { text } = this;
    text.bytes = bytes;
    text.from = from;
    text.to = to;
    return text;
  }

  private readHost(transaction: HttpTransaction): void {
    const { host, area } = transaction;
    if (host.known instanceof KnownHost) {
      this.knownHost = host.known;
      this.domain = host.known.domain;
      this.port = host.known.port;
    } else this.readAuthority(area.bytes, host.from, host.to);
  }

  private readAuthority(bytes: Buffer, from: number, to: number): void {
    authority.read(bytes, from, to);
    this.port = authority.port;
    const length = authority.hostTo - from;
    if (length > this.lowered.length) this.lowered = Buffer.alloc(2 ** (32 - Math.clz32(length)));
    const { lowered, ownDomain } = this;
    let high = 0;
    for (let at = 0; at < length; at++) {
      const byte = bytes[from + at] as number;
      high |= byte;
      lowered[at] = asciiLower[byte] as number;
    }
    ownDomain.bytes = high < 0x80 ? lowered : Buffer.from(bytes.toString('utf8', from, authority.hostTo).toLowerCase());
    ownDomain.from = 0;
    ownDomain.to = high < 0x80 ? length : ownDomain.bytes.length;
    this.domain = ownDomain;
  }
}

/** Where `byte` stands in `bytes[from, to)`; `to` when it does not. */
function find(bytes: Buffer, byte: number, from: number, to: number): number {
  let at = from;
  while (at < to && bytes[at] !== byte) at++;
  return at;
}

/** Where the colon of `scheme://` stands at the beginning of `bytes[from, to)`; -1 none. */
function findScheme(bytes: Buffer, from: number, to: number): number {
  const end = Math.min(to - 2, from + maxSchemeBytes);
  for (let at = from; at < end; at++) {
    if (bytes[at] === COLON && bytes[at + 1] === SLASH && bytes[at + 2] === SLASH) return at === from ? -1 : at;
  }
  return -1;
}

function endsAuthority(code: number): boolean {
  return code === SLASH || code === QUESTION || code === HASH;
}
