// How far the spill queue's records have been acknowledged: one small file, replaced as a whole. A crash leaves the
// old or the new position; a damaged file counts as none, and records are then given again rather than lost.

import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { crc32 } from 'node:zlib';

export interface SpillPosition {
  /** Number of the segment. */
  readonly segment: number;
  /** Byte in its file. Everything before, and every segment with a smaller number, is acknowledged. */
  readonly offset: number;
}

const fileName = 'position';

/** The stored position; `{ segment: 0, offset: 0 }` when there is none or it is damaged. */
export async function readPosition(directory: string): Promise<SpillPosition> {
  let text: string;
  try {
    text = await readFile(join(directory, fileName), 'latin1');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { segment: 0, offset: 0 };
    throw error;
  }
  const match = /^(\d{1,15}) (\d{1,15}) ([0-9a-f]{8})\n$/.exec(text);
  if (match === null || checksum(`${match[1]} ${match[2]}`) !== match[3]) return { segment: 0, offset: 0 };
  return { segment: Number(match[1]), offset: Number(match[2]) };
}

export async function writePosition(directory: string, position: SpillPosition): Promise<void> {
  const text = `${position.segment} ${position.offset}`;
  const path = join(directory, fileName);
  await writeFile(`${path}.new`, `${text} ${checksum(text)}\n`, 'latin1');
  await rename(`${path}.new`, path);
}

/** Negative when `a` comes before `b`, 0 when equal. */
export function comparePositions(a: SpillPosition, b: SpillPosition): number {
  return a.segment - b.segment || a.offset - b.offset;
}

function checksum(text: string): string {
  return crc32(text).toString(16).padStart(8, '0');
}
