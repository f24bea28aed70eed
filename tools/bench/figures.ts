// Figures of several runs, and how they are written: median with the least and the most beside it, and tables in Markdown.

export interface Spread {
  readonly median: number;
  readonly min: number;
  readonly max: number;
}

export function spreadOf(values: readonly number[]): Spread {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length >> 1;
  const upper = sorted[middle] ?? Number.NaN;
  const median = sorted.length % 2 === 0 ? ((sorted[middle - 1] ?? Number.NaN) + upper) / 2 : upper;
  return { median, min: sorted[0] ?? Number.NaN, max: sorted.at(-1) ?? Number.NaN };
}

/** `1.35 (1.31–1.42)`; one run has no spread. */
export function spreadText(values: readonly number[], digits = 2): string {
  const { median, min, max } = spreadOf(values);
  const text = (value: number): string => value.toFixed(digits);
  return values.length < 2 ? text(median) : `${text(median)} (${text(min)}–${text(max)})`;
}

/** `9.46 M`, `311.2 k`, `42` */
export function readable(value: number): string {
  if (value >= 1e6) return `${(value / 1e6).toFixed(2)} M`;
  if (value >= 1e3) return `${(value / 1e3).toFixed(1)} k`;
  return value >= 100 || Number.isInteger(value) ? value.toFixed(0) : value.toFixed(2);
}

export function mebibytes(bytes: number): string {
  return (bytes / 2 ** 20).toFixed(0);
}

export interface Column {
  readonly title: string;
  /** Numbers stand at the right. */
  readonly right?: boolean;
}

/** A table that reads well as text and as Markdown. */
export function table(columns: readonly Column[], rows: readonly (readonly string[])[]): string {
  const escaped = rows.map((row) => row.map((cell) => cell.replaceAll('|', '\\|')));
  const widths = columns.map(({ title }, index) => Math.max(3, title.length, ...escaped.map((row) => (row[index] ?? '').length)));
  const line = (cells: readonly string[]): string =>
    `| ${columns.map(({ right }, index) => (right ? (cells[index] ?? '').padStart(widths[index] ?? 0) : (cells[index] ?? '').padEnd(widths[index] ?? 0))).join(' | ')} |`;
  const rule = `|${columns.map(({ right }, index) => `${'-'.repeat((widths[index] ?? 0) + 1)}${right ? ':' : '-'}`).join('|')}|`;
  return [line(columns.map(({ title }) => title)), rule, ...escaped.map(line)].join('\n');
}
