// Which files of a folder were read in earlier runs: a small file with a line of JSON for each. The capture worker reads it
// when it starts; the main thread adds to it once what came of a file is written.

import { appendFileSync, closeSync, existsSync, fsyncSync, openSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { errorCodes, SensorError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';

/** A file as it was when it was read; one of another size or time is another file. */
export interface LedgerEntry {
  /** Absolute. */
  readonly path: string;
  readonly size: number;
  readonly mtime_ms: number;
  /** Why it was not read to its end. */
  readonly problem?: string;
}

/** The files in the ledger at `path`, by path; none when there is no such file. Lines that are cut off are passed over. */
export function readLedger(path: string): Map<string, LedgerEntry> {
  const entries = new Map<string, LedgerEntry>();
  if (!existsSync(path)) return entries;
  for (const line of textOf(path).split('\n')) {
    const entry = entryOf(line);
    if (entry !== undefined) entries.set(entry.path, entry);
  }
  return entries;
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw ledgerError(path, cause);
  }
}

function entryOf(line: string): LedgerEntry | undefined {
  try {
    const entry = JSON.parse(line) as LedgerEntry;
    const fits = typeof entry?.path === 'string' && typeof entry.size === 'number' && typeof entry.mtime_ms === 'number';
    return fits ? entry : undefined;
  } catch {
    return undefined;
  }
}

/** Adds entries, safe on disk when it returns. Throws `RT_SOURCE_OPEN` when they cannot be written. */
export function addToLedger(path: string, entries: readonly LedgerEntry[]): void {
  try {
    makeFolder(dirname(path));
    const file = openSync(path, 'a', 0o640);
    try {
      appendFileSync(file, entries.map((entry) => `${JSON.stringify(entry)}\n`).join(''));
      fsyncSync(file);
    } finally {
      closeSync(file);
    }
  } catch (cause) {
    throw ledgerError(path, cause);
  }
}

/** Forgets the files that are gone, so that the ledger does not grow for ever. */
export function tidyLedger(path: string): void {
  const entries = readLedger(path);
  const kept = [...entries.values()].filter((entry) => existsSync(entry.path));
  if (kept.length === entries.size) return;
  try {
    writeFileSync(`${path}.tmp`, kept.map((entry) => `${JSON.stringify(entry)}\n`).join(''), { mode: 0o640, flush: true });
    renameSync(`${path}.tmp`, path);
  } catch (cause) {
    throw ledgerError(path, cause);
  }
}

function ledgerError(path: string, cause: unknown): SensorError {
  return new SensorError(errorCodes.sourceOpen, `${path}: ${(cause as Error).message}`, {
    cause,
    hint: 'source.state_file says where the list of files that were read is kept',
  });
}
