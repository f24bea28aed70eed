// Where each key of the merged config came from, so that a problem names the line of the file or the option of the
// command line that a person has to mend. Filled while loading; asked by the checker.

import type { LineMap } from './toml-lines.ts';

export interface Origin {
  /** `config.toml:12`, `--set workers.packet=x`, `-n`. */
  readonly where: string;
  /** Line in the file; undefined when it is the command line's. */
  readonly line: number | undefined;
}

export class Origins {
  readonly #origins = new Map<string, Origin>();

  constructor(file?: string, lines?: LineMap) {
    for (const [path, line] of lines ?? []) this.#origins.set(path, { where: `${file}:${line}`, line });
  }

  /** The key at `path`, with all below it, comes from this option of the command line. */
  set(path: string, option: string): void {
    const below = `${path}.`;
    this.#origins.forEach((_, known) => {
      if (known.startsWith(below)) this.#origins.delete(known);
    });
    this.#origins.set(path, { where: option, line: undefined });
  }

  /** The origin of the key, or of the nearest table around it. */
  of(path: string): Origin | undefined {
    for (let at = path; at !== ''; at = at.slice(0, Math.max(0, at.lastIndexOf('.')))) {
      const origin = this.#origins.get(at);
      if (origin !== undefined) return origin;
    }
    return undefined;
  }
}
