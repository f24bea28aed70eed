// How the probes of protocols with fixed beginnings tell at a glance, without making text of what they look at, whether it is theirs:
// first bytes for `DecoderDefinition.firstBytes`, first words, and whole beginnings.

import { Verdict } from './contract.ts';

/** Letters of ASCII. */
export const letterBytes: readonly number[] = [...Buffer.from('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz')];

/** The first three bytes with letters made small, as one number; of fewer bytes -1. */
function headOf(bytes: Buffer, from: number, to: number): number {
  if (to - from < 3) return -1;
  return ((bytes[from] as number) << 16) | ((bytes[from + 1] as number) << 8) | (bytes[from + 2] as number) | 0x20_20_20;
}

/** Tells whether what `bytes[from, to)` begins with may be one of some words: by their first three characters, or when there are fewer bytes. */
export function wordsBegin(words: readonly string[]): (bytes: Buffer, from: number, to: number) => boolean {
  const heads = new Set(words.map((word) => headOf(Buffer.from(word, 'latin1'), 0, word.length)));
  return (bytes, from, to) => {
    const head = headOf(bytes, from, to);
    return head < 0 || heads.has(head);
  };
}

/** Do `bytes[from, to)` begin with `start`? `needMore` when it goes beyond them and they are as it has them. */
export function beginVerdict(start: Buffer, bytes: Buffer, from: number, to: number): Verdict {
  const length = Math.min(start.length, to - from);
  if (bytes.compare(start, 0, length, from, from + length) !== 0) return Verdict.no;
  return length === start.length ? Verdict.certain : Verdict.needMore;
}

/** Is one of these two bytes among the first `most`? */
export function hasEarly(bytes: Buffer, from: number, to: number, most: number, one: number, other: number): boolean {
  const end = Math.min(to, from + most);
  for (let at = from; at < end; at += 1) if (bytes[at] === one || bytes[at] === other) return true;
  return false;
}
