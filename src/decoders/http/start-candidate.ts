// Where in arbitrary bytes a first line may begin: at `HTTP/1.` or at a known method with a space. A message follows the
// body before it without a line end, so a search looks at every byte. Used after losses only, on a packet worker.

import { knownMethodNames } from './methods.ts';
import { Role } from './side.ts';

/** First line prefixes by their first byte. */
const requestPrefixes = byFirstByte(knownMethodNames.map((name) => `${name} `));
const responsePrefixes = byFirstByte(['HTTP/1.']);
const bothPrefixes = byFirstByte([...knownMethodNames.map((name) => `${name} `), 'HTTP/1.']);

type Prefixes = readonly (readonly Uint8Array[] | undefined)[];

function byFirstByte(texts: readonly string[]): Prefixes {
  const prefixes = new Array<Uint8Array[] | undefined>(256).fill(undefined);
  for (const text of texts) {
    const bytes = Buffer.from(text, 'latin1');
    const first = bytes[0] as number;
    const same = prefixes[first];
    if (same === undefined) prefixes[first] = [bytes];
    else same.push(bytes);
  }
  return prefixes;
}

export class Candidate {
  /** Where it begins; the end of the bytes when there is none. */
  at = 0;
  /** False: the bytes end inside it. */
  whole = false;

  /** Finds the first candidate for a sender of `role` in `bytes[from, to)`. */
  find(role: Role, bytes: Uint8Array, from: number, to: number): void {
    const prefixes = role === Role.requests ? requestPrefixes : role === Role.responses ? responsePrefixes : bothPrefixes;
    for (let at = from; at < to; at++) {
      const possible = prefixes[bytes[at] as number];
      if (possible === undefined) continue;
      let cut = false;
      for (const prefix of possible) {
        const end = Math.min(to, at + prefix.length);
        let index = at + 1;
        while (index < end && bytes[index] === prefix[index - at]) index++;
        if (index < end) continue;
        if (end - at === prefix.length) {
          this.at = at;
          this.whole = true;
          return;
        }
        cut = true;
      }
      if (cut) {
        this.at = at;
        this.whole = false;
        return;
      }
    }
    this.at = to;
    this.whole = false;
  }
}
