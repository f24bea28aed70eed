// The repository's own source files, for the tests that keep the house in order.

import { globSync, readFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = fileURLToPath(new URL('..', import.meta.url));

/** Written by generators or by package managers, or not ours. */
const leftOut = /(^|\/)(node_modules|target|dist|generated|corpus|artifacts)(\/|$)/;

/** Paths from the root, sorted, of files that match one of the patterns. */
export function filesOf(...patterns: string[]): string[] {
  return globSync(patterns, { cwd: root })
    .filter((path) => !leftOut.test(path))
    .sort();
}

export function textOf(path: string): string {
  return readFileSync(join(root, path), 'utf8');
}

export interface Import {
  readonly from: string;
  /** Path from the root for a relative import, else the specifier itself. */
  readonly to: string;
  readonly isRelative: boolean;
}

// Static imports and re-exports, and dynamic imports.
const importPatterns = [/^(?:import|export)\s[^'"`;]*?from\s+'([^']+)'/gm, /^import\s+'([^']+)'/gm, /\bimport\(\s*'([^']+)'/g];
/** Worker entries: named by their path, in files that make URLs of such. */
const entryPattern = /(?<!from |import |import\()'((?:\.{1,2}\/)*[a-z0-9/-]+\.ts)'/g;

export function importsOf(path: string): Import[] {
  const text = textOf(path);
  const imports: Import[] = [];
  const patterns = text.includes('import.meta.url') ? [...importPatterns, entryPattern] : importPatterns;
  for (const pattern of patterns) {
    for (const match of text.matchAll(pattern)) {
      const specifier = match[1] as string;
      const isRelative = specifier.startsWith('.') || pattern === entryPattern;
      const to = isRelative ? relative(root, resolve(root, dirname(path), specifier)) : specifier;
      imports.push({ from: path, to, isRelative });
    }
  }
  return imports;
}
