// The parts of a request's URL: the target in one of its four forms (RFC 9112 section 3.2) and the Host header. Read
// when a transaction's record is made, on a packet worker. All texts are valid until the next one is read.

import { ByteText, JsonText } from '../../record/index.ts';
import { noBytes } from '../lent-buffers.ts';
import { asciiLower } from '../wire-text.ts';
import { KnownText, KnownTexts, keepJson } from './known-texts.ts';
import { TextArea, type WireText } from './text-area.ts';
import type { HttpTransaction } from './transaction.ts';
import { copyWords } from './wire-words.ts';

const COLON = 0x3a;
const SLASH = 0x2f;
const QUESTION = 0x3f;
const HASH = 0x23;
const AT = 0x40;
const ASTERISK = 0x2a;

/** Longest scheme of an absolute target, with one byte more. */
const maxSchemeBytes = 16;

const http = JsonText.of('http');
const httpPrefix = Buffer.from('http://');
const httpPrefixStart = httpPrefix.readInt32LE(0);
const httpPrefixEnd = httpPrefix.readInt32LE(httpPrefix.length - 4);

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
    authority.read(this.bytes, this.from, this.from + this.length);
    const lowered = keepJson(this.bytes, this.from, authority.hostTo, asciiLower);
    this.domain = new ByteText(lowered.bytes, lowered.from + 1, lowered.to - 1);
    this.port = authority.port;
  }
}

export const knownHosts = new KnownTexts(4096, (hash, bytes, from, to) => new KnownHost(hash, bytes, from, to));

const noArea = new TextArea();

export class UrlParts {
  scheme: JsonText | string = http;
  /** The Host header when the domain is out of it and it is known. */
  knownHost: KnownHost | undefined = undefined;
  /** 0: none given. */
  port = 0;
  /** The target is a URL by itself. */
  absolute = false;
  /** Where its parts lie in the transaction's texts; -1: it has no such part. */
  pathFrom = -1;
  pathTo = -1;
  queryFrom = -1;
  queryTo = -1;
  private area: TextArea = noArea;
  /** In the area. */
  private ownDomain = 0;
  private readonly composed = new ByteText(noBytes, 0, 0);

  /** Reads the target of `transaction` and the Host header that came with it. */
  read(transaction: HttpTransaction): void {
    const { target, method, area } = transaction;
    const { bytes, begin } = area;
    const from = begin + target;
    const to = from + area.lengthOf(target);
    this.area = area;
    this.scheme = http;
    this.port = 0;
    this.absolute = false;
    this.pathFrom = -1;
    this.pathTo = -1;
    this.queryFrom = -1;
    this.queryTo = to - begin;
    this.knownHost = undefined;
    if (method.isConnect) {
      this.readAuthority(from, to);
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
        this.readAuthority(host, path);
      } else if (to - from === 1 && bytes[from] === ASTERISK) {
        path = to;
      }
    }
    const query = find(bytes, QUESTION, path, to);
    if (query > path) {
      this.pathFrom = path - begin;
      this.pathTo = query - begin;
    }
    if (query !== to) this.queryFrom = query + 1 - begin;
    // This may move the area.
    if (!this.absolute) this.readHost(transaction.host);
  }

  /** Host of the target or of the Host header, in lower case; maybe empty. */
  domain(): ByteText {
    if (this.knownHost !== undefined) return this.knownHost.domain;
    return this.area.part(this.ownDomain, this.ownDomain + this.area.lengthOf(this.ownDomain));
  }

  path(): ByteText | undefined {
    return this.pathFrom === -1 ? undefined : this.area.part(this.pathFrom, this.pathTo);
  }

  query(): ByteText | undefined {
    return this.queryFrom === -1 ? undefined : this.area.part(this.queryFrom, this.queryTo);
  }

  /** The absolute target, or scheme, Host header and target put together. */
  full(transaction: HttpTransaction): ByteText | undefined {
    const { area, target, host, method } = transaction;
    const length = area.lengthOf(target);
    if (this.absolute) return area.part(target, target + length);
    if (method.isConnect || length === 0 || host === 0) return undefined;
    const isOwn = typeof host === 'number';
    const hostLength = isOwn ? area.lengthOf(host) : host.length;
    const start = area.makeRoom(httpPrefix.length + hostLength + length);
    const { bytes, words, begin } = area;
    words.setInt32(start, httpPrefixStart, true);
    words.setInt32(start + httpPrefix.length - 4, httpPrefixEnd, true);
    let at = start + httpPrefix.length;
    if (isOwn) copyInto(bytes, words, at, bytes, words, begin + host, hostLength);
    else copyInto(bytes, words, at, host.bytes, host.words, host.from, hostLength);
    at += hostLength;
    const isAsterisk = length === 1 && bytes[begin + target] === ASTERISK;
    if (!isAsterisk) {
      copyInto(bytes, words, at, bytes, words, begin + target, length);
      at += length;
    }
    const { composed } = this;
    composed.bytes = bytes;
    composed.from = start;
    composed.to = at;
    return composed;
  }

  private readHost(host: WireText): void {
    if (host instanceof KnownHost) {
      this.knownHost = host;
      this.port = host.port;
    } else if (typeof host === 'number') {
      const from = this.area.begin + host;
      this.readAuthority(from, from + this.area.lengthOf(host));
    }
  }

  /** Reads the authority `[from, to)` of the area's bytes. */
  private readAuthority(from: number, to: number): void {
    const { bytes } = this.area;
    authority.read(bytes, from, to);
    this.port = authority.port;
    this.ownDomain = this.area.keepLower(bytes, from, authority.hostTo);
  }
}

/** Copies `length` bytes of `source` from `from` on to `start` in `target`; both are given as words too. */
function copyInto(
  target: Buffer,
  targetWords: DataView,
  start: number,
  source: Buffer,
  sourceWords: DataView,
  from: number,
  length: number,
): void {
  if (length >= 4) copyWords(sourceWords, from, targetWords, start, length);
  else for (let at = 0; at < length; at++) target[start + at] = source[from + at] as number;
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
