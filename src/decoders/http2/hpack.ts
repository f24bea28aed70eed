// Header compression of one direction of an HTTP/2 connection (RFC 7541): the static and the dynamic table, and the reader of whole
// header blocks. Every block must be read, in order, or the table is wrong from there on. Runs on packet workers.

import { textOf } from '../wire-text.ts';
import { decodeHuffman } from './huffman.ts';

/** RFC 7541 appendix A; entry 1 is the first. */
const staticTable: readonly (readonly [name: string, value: string])[] = [
  ':authority|:method GET|:method POST|:path /|:path /index.html|:scheme http|:scheme https|:status 200|:status 204',
  ':status 206|:status 304|:status 400|:status 404|:status 500|accept-charset|accept-encoding gzip, deflate',
  'accept-language|accept-ranges|accept|access-control-allow-origin|age|allow|authorization|cache-control',
  'content-disposition|content-encoding|content-language|content-length|content-location|content-range|content-type',
  'cookie|date|etag|expect|expires|from|host|if-match|if-modified-since|if-none-match|if-range|if-unmodified-since',
  'last-modified|link|location|max-forwards|proxy-authenticate|proxy-authorization|range|referer|refresh|retry-after',
  'server|set-cookie|strict-transport-security|transfer-encoding|user-agent|vary|via|www-authenticate',
]
  .join('|')
  .split('|')
  .map((entry) => {
    const space = entry.indexOf(' ');
    return space < 0 ? [entry, ''] : [entry.slice(0, space), entry.slice(space + 1)];
  });

/** RFC 7541 section 4.1. */
const entryOverhead = 32;
const defaultTableSize = 4096;
/** Largest table that is kept, whatever the sides agree on. */
const tableMost = 65_536;
/** Longest name or value; longer ones are cut. */
const textMost = 16_384;
/** Longest header list of a block that is told, counted as in RFC 9113 section 6.5.2: a byte can name an entry of the table again. */
const listMost = 262_144;
const decoded = Buffer.allocUnsafeSlow(textMost);

export type HeaderSink = (name: string, value: string) => void;

export class HeaderReader {
  /** Newest first. */
  readonly #table: { readonly name: string; readonly value: string; readonly size: number }[] = [];
  #tableSize = 0;
  #tableLimit = defaultTableSize;
  /** Where the block is read. */
  #at = 0;
  #failed = false;
  /** Length of the header list so far. */
  #listed = 0;

  /**
   * Reads the whole block `bytes[from, to)` and gives each header to `sink`, up to `listMost`; names are lower case as sent.
   * @returns false when it is none; then no further block can be read
   */
  read(bytes: Buffer, from: number, to: number, sink: HeaderSink): boolean {
    this.#at = from;
    this.#failed = false;
    this.#listed = 0;
    while (this.#at < to && !this.#failed) {
      const first = bytes[this.#at] as number;
      if (first >= 0x80) {
        const entry = this.#entry(this.#integer(bytes, to, 7));
        if (entry !== undefined) this.#tell(entry.name, entry.value, sink);
      } else if ((first & 0xe0) === 0x20) this.#resize(this.#integer(bytes, to, 5));
      else this.#literal(bytes, to, first >= 0x40, sink);
    }
    return !this.#failed;
  }

  #literal(bytes: Buffer, to: number, isIndexed: boolean, sink: HeaderSink): void {
    const index = this.#integer(bytes, to, isIndexed ? 6 : 4);
    const size = { bytes: entryOverhead };
    let name: string;
    if (index === 0) name = this.#text(bytes, to, size);
    else {
      const entry = this.#entry(index);
      name = entry?.name ?? '';
      size.bytes += entry?.nameBytes ?? 0;
    }
    const value = this.#text(bytes, to, size);
    if (this.#failed) return;
    if (isIndexed) this.#add(name, value, size.bytes);
    this.#tell(name, value, sink);
  }

  #tell(name: string, value: string, sink: HeaderSink): void {
    this.#listed += name.length + value.length + entryOverhead;
    if (this.#listed <= listMost) sink(name, value);
  }

  #entry(index: number): { readonly name: string; readonly value: string; readonly nameBytes: number } | undefined {
    const known = staticTable[index - 1];
    if (known !== undefined) return { name: known[0], value: known[1], nameBytes: known[0].length };
    const own = this.#table[index - 1 - staticTable.length];
    if (own !== undefined && index > 0) return { name: own.name, value: own.value, nameBytes: Buffer.byteLength(own.name) };
    this.#failed = true;
    return undefined;
  }

  /** RFC 7541 section 5.1. */
  #integer(bytes: Buffer, to: number, prefixBits: number): number {
    const most = (1 << prefixBits) - 1;
    let value = (bytes[this.#at++] as number) & most;
    if (value < most) return value;
    for (let scale = 1; ; scale *= 128) {
      if (this.#at >= to || scale > 2 ** 28) {
        this.#failed = true;
        return 0;
      }
      const byte = bytes[this.#at++] as number;
      value += (byte & 0x7f) * scale;
      if (byte < 0x80) return value;
    }
  }

  /** RFC 7541 section 5.2; adds the length of the text to `size`. */
  #text(bytes: Buffer, to: number, size: { bytes: number }): string {
    if (this.#at >= to) this.#failed = true;
    if (this.#failed) return '';
    const isHuffman = (bytes[this.#at] as number) >= 0x80;
    const length = this.#integer(bytes, to, 7);
    const from = this.#at;
    if (this.#failed || length > to - from) {
      this.#failed = true;
      return '';
    }
    this.#at = from + length;
    if (!isHuffman) {
      size.bytes += length;
      return textOf(bytes, from, from + Math.min(length, textMost));
    }
    const count = decodeHuffman(bytes, from, this.#at, decoded);
    if (count < 0) {
      this.#failed = true;
      return '';
    }
    size.bytes += count;
    return textOf(decoded, 0, count);
  }

  #add(name: string, value: string, size: number): void {
    this.#table.unshift({ name, value, size });
    this.#tableSize += size;
    this.#evict();
  }

  #resize(limit: number): void {
    this.#tableLimit = Math.min(limit, tableMost);
    this.#evict();
  }

  #evict(): void {
    while (this.#tableSize > this.#tableLimit) this.#tableSize -= this.#table.pop()?.size ?? this.#tableSize;
  }
}
