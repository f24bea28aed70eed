// Counts the records that a sensor wrote, by type: NDJSON with `event.dataset` (Ringtap) or `event_type` (Suricata's eve).

import { closeSync, openSync, readSync } from 'node:fs';

export type RecordCounts = Readonly<Record<string, number>>;

const chunkBytes = 4 << 20;
const newline = 10;

/** Type of one record: as Suricata names it, else as ECS does; what is no JSON object counts as such. */
export function recordType(line: string): string {
  let record: unknown;
  try {
    record = JSON.parse(line);
  } catch {
    return 'not JSON';
  }
  if (typeof record !== 'object' || record === null) return 'not a record';
  const { event_type: eveType, event } = record as { event_type?: unknown; event?: { dataset?: unknown } };
  return String(eveType ?? event?.dataset ?? 'no type');
}

/** Calls `each` for every line that is not empty. */
export function readLines(path: string, each: (line: string) => void): void {
  const fd = openSync(path, 'r');
  const chunk = Buffer.allocUnsafe(chunkBytes);
  let rest: Buffer = Buffer.alloc(0);
  for (let bytes = readSync(fd, chunk); bytes > 0; bytes = readSync(fd, chunk)) {
    let from = 0;
    for (let to = chunk.indexOf(newline); to >= 0 && to < bytes; to = chunk.indexOf(newline, from)) {
      const line =
        rest.length === 0 ? chunk.toString('utf8', from, to) : Buffer.concat([rest, chunk.subarray(from, to)]).toString();
      rest = Buffer.alloc(0);
      from = to + 1;
      if (line !== '') each(line);
    }
    rest = Buffer.concat([rest, chunk.subarray(from, bytes)]);
  }
  closeSync(fd);
  if (rest.length > 0) each(rest.toString());
}

export function countRecords(path: string): RecordCounts {
  const counts: Record<string, number> = {};
  readLines(path, (line) => {
    const type = recordType(line);
    counts[type] = (counts[type] ?? 0) + 1;
  });
  return counts;
}

/** Lines of a text file, for programs whose rows have no type. */
export function countLines(path: string): number {
  let lines = 0;
  readLines(path, () => lines++);
  return lines;
}
