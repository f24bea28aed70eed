// The traces of a bench: files of the user, or names of traces that our own generator makes into a temporary folder.

import { closeSync, existsSync, openSync, readSync, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import { defaultSizes, type TraceName, traceNames, writeTrace } from '../traces/index.ts';
import { temporaryFolder } from './end-of-run.ts';
import { readTruth } from './truth-check.ts';

export interface TraceFile {
  readonly name: string;
  readonly path: string;
  readonly packets: number;
  readonly bytes: number;
  readonly expect: Readonly<Record<string, number>>;
  /** How it was made, for the page. */
  readonly origin: string;
}

let folder: string | undefined;

/** Packets of a plain pcap file in this machine's byte order, which is the one that every sensor reads. */
export function countPackets(path: string): number {
  const fd = openSync(path, 'r');
  try {
    const chunk = Buffer.allocUnsafe(16 << 20);
    let held = readSync(fd, chunk);
    const magic = held < 24 ? 0 : chunk.readUInt32LE(0);
    if (magic !== 0xa1b2c3d4 && magic !== 0xa1b23c4d)
      throw new Error(`${path}: no plain little-endian pcap file; convert it first (editcap -F pcap)`);
    let packets = 0;
    // Position of the next record from the start of the chunk; it may lie behind the end.
    let at = 24;
    while (held > 0) {
      while (at + 16 <= held) {
        at += 16 + chunk.readUInt32LE(at + 8);
        packets++;
      }
      const rest = Math.max(0, held - at);
      chunk.copyWithin(0, held - rest, held);
      at = Math.max(0, at - held);
      const read = readSync(fd, chunk, rest, chunk.length - rest, null);
      if (read === 0) break;
      held = rest + read;
    }
    return packets;
  } finally {
    closeSync(fd);
  }
}

/** Reads a file once, so that every run finds it in the page cache. */
export function warm(path: string): void {
  const fd = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(4 << 20);
  while (readSync(fd, chunk) > 0);
  closeSync(fd);
}

function isTraceName(word: string): word is TraceName {
  return (traceNames as readonly string[]).includes(word);
}

/** `word`: a file, or `http`, `dns:20000` … for a trace made here (size after the colon). Throws when it is neither. */
export function openTrace(word: string): TraceFile {
  const [name, size] = word.split(':') as [string, string | undefined];
  let path = resolve(word);
  let origin = 'a file';
  if (!existsSync(path)) {
    if (!isTraceName(name) || (size !== undefined && !/^\d+$/.test(size)))
      throw new Error(`${word}: no such file, and no trace that can be made (${traceNames.join(', ')}; dns:20000 for a size)`);
    folder ??= temporaryFolder();
    path = join(folder, `${name}.pcap`);
    const count = size === undefined ? defaultSizes[name] : Number(size);
    process.stderr.write(`making the trace ${name} …\n`);
    writeTrace(name, path, count);
    origin = `npm run trace -- ${name} FILE --size ${count}`;
  }
  const truth = readTruth(path);
  const file = statSync(path);
  return {
    name: basename(path).replace(/\.pcap$/, ''),
    path,
    packets: truth?.packets ?? countPackets(path),
    bytes: file.size,
    expect: truth?.expect ?? {},
    origin,
  };
}
