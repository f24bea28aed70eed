// Plain-text tables for the listing commands.

import { print } from './print.ts';

/** Columns as wide as their widest cell; the last one is left as it is. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) {
    row.forEach((cell, column) => {
      widths[column] = Math.max(widths[column] ?? 0, cell.length);
    });
  }
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column === row.length - 1 ? cell : cell.padEnd(widths[column] as number)))
        .join('  ')
        .trimEnd(),
    )
    .map((line) => `${line}\n`)
    .join('');
}

/** Prints a listing: JSON for machines, a table for people. */
export function printListing(json: boolean | undefined, value: unknown, rows: () => readonly (readonly string[])[]): void {
  print(json ? `${JSON.stringify(value, null, 2)}\n` : formatTable(rows()));
}
