// Reads the worked examples off the pages in docs/. A block that stands for a file opens with its path as a comment line
// (`<!-- file: path -->` before the fence); the tests compare it with the file, or with what the sensor really printed.

import { readFileSync } from 'node:fs';

export interface Block {
  /** What the page says the block is: `file: src/…`, `output: …`. */
  readonly label: string;
  readonly text: string;
}

export function blocksOf(page: string): Block[] {
  const text = readFileSync(new URL(`../../docs/${page}`, import.meta.url), 'utf8');
  return [...text.matchAll(/^<!-- ([^\n]+) -->\n```[a-z]*\n([\s\S]*?)^```$/gm)].map(([, label = '', block = '']) => ({
    label,
    text: block,
  }));
}

export function block(page: string, label: string): string {
  const found = blocksOf(page).filter((each) => each.label === label);
  if (found.length !== 1) throw new Error(`docs/${page} has ${found.length} blocks labelled ${label}`);
  return (found[0] as Block).text;
}
