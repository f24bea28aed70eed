// Splits a plain pcap file into several by addresses and ports, so that whole connections stay together: what it takes to have
// several processes of a sensor share the work of one file. Ethernet, with VLAN tags; what is no IP goes to the first part.

import { closeSync, openSync, readSync, writeSync } from 'node:fs';

const chunkBytes = 32 << 20;
const ethernetLinkType = 1;

/** Which of `parts` a frame belongs to; the same in both directions. */
export function partOf(frame: Buffer, from: number, to: number, parts: number): number {
  let at = from + 12;
  while (at + 4 <= to && (frame.readUInt16BE(at) === 0x8100 || frame.readUInt16BE(at) === 0x88a8)) at += 4;
  if (at + 2 > to) return 0;
  const etherType = frame.readUInt16BE(at);
  const [first, words] = etherType === 0x0800 ? [at + 14, 2] : etherType === 0x86dd ? [at + 10, 8] : [0, 0];
  if (words === 0 || first + words * 4 > to) return 0;
  let mixed = 0;
  for (let word = 0; word < words; word++) mixed ^= frame.readInt32BE(first + word * 4);
  // Ports of TCP and UDP as well, so that two busy hosts are split too; fragments and other headers go by addresses alone.
  const isFirst = words === 2 && frame[at + 2] === 0x45 && (frame.readUInt16BE(at + 8) & 0x3fff) === 0;
  const protocol = words === 8 ? frame[at + 8] : isFirst ? frame[at + 11] : 0;
  const ports = first + words * 4;
  if ((protocol === 6 || protocol === 17) && ports + 4 <= to) mixed ^= frame.readUInt16BE(ports) ^ frame.readUInt16BE(ports + 2);
  return (Math.imul(mixed, 0x9e3779b1) >>> 16) % parts;
}

/** Writes every record of `path` to one of the `targets`. */
export function splitTrace(path: string, targets: readonly string[]): void {
  const fd = openSync(path, 'r');
  const files = targets.map((target) => openSync(target, 'w'));
  const pending = targets.map((): Buffer[] => []);
  try {
    const header = Buffer.alloc(24);
    if (readSync(fd, header) < 24 || header.readUInt32LE(20) !== ethernetLinkType)
      throw new Error(`${path}: no pcap file of Ethernet frames`);
    for (const file of files) writeSync(file, header);
    let rest: Buffer = Buffer.alloc(0);
    for (;;) {
      const chunk = Buffer.allocUnsafe(rest.length + chunkBytes);
      rest.copy(chunk);
      const read = readSync(fd, chunk, rest.length, chunkBytes, null);
      if (read === 0) break;
      const held = rest.length + read;
      let at = 0;
      while (at + 16 <= held) {
        const end = at + 16 + chunk.readUInt32LE(at + 8);
        if (end > held) break;
        const part = partOf(chunk, at + 16, end, targets.length);
        pending[part]?.push(chunk.subarray(at, end));
        at = end;
      }
      for (const [part, file] of files.entries()) {
        writeSync(file, Buffer.concat(pending[part] ?? []));
        pending[part] = [];
      }
      rest = chunk.subarray(at, held);
    }
  } finally {
    for (const file of [fd, ...files]) closeSync(file);
  }
}
