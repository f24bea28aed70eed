// The client hello of Google’s QUIC Crypto and of Facebook’s Zero ("CHLO"): a count of tags, for each its name and where
// its value ends, then the values. Numbers are little-endian. Called by both decoders, on a packet worker. Never throws.

import type { DecoderContext } from '../contract.ts';
import { textOf } from '../wire-text.ts';
import { quicFields } from './fields.ts';

const headerBytes = 8;
const entryBytes = 8;
/** Most tags that are looked at; hellos in the wild have some 25. */
const maxTags = 128;

/** Tags as numbers, as they are read. */
const Tag = { hello: tagOf('CHLO'), serverName: tagOf('SNI\0'), userAgent: tagOf('UAID'), version: tagOf('VER\0') };

/** True when a client hello begins at `from`. */
export function isTaggedHello(bytes: Buffer, from: number, to: number): boolean {
  return to - from >= headerBytes && bytes.readUInt32LE(from) === Tag.hello;
}

/** Notes what the hello `[from, to)` says, as far as it is there. */
export function noteTaggedHello(context: DecoderContext, bytes: Buffer, from: number, to: number): void {
  const count = Math.min(bytes.readUInt16LE(from + 4), maxTags);
  const values = from + headerBytes + entryBytes * bytes.readUInt16LE(from + 4);
  let start = 0;
  for (let index = 0; index < count; index++) {
    const entry = from + headerBytes + index * entryBytes;
    if (entry + entryBytes > to) return;
    const end = bytes.readUInt32LE(entry + 4);
    if (end < start || values + end > to) return;
    noteTag(context, bytes.readUInt32LE(entry), bytes, values + start, values + end);
    start = end;
  }
}

function noteTag(context: DecoderContext, tag: number, bytes: Buffer, from: number, to: number): void {
  if (from === to) return;
  switch (tag) {
    case Tag.serverName:
      context.note(quicFields.host, textOf(bytes, from, to).toLowerCase());
      break;
    case Tag.userAgent:
      context.note(quicFields.userAgent, textOf(bytes, from, to));
      break;
    case Tag.version:
      context.note(quicFields.version, textOf(bytes, from, to));
      break;
  }
}

function tagOf(name: string): number {
  return Buffer.from(name, 'latin1').readUInt32LE(0);
}
