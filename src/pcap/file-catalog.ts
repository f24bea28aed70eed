// The list of the capture files of one node in a folder: `<node>.files.ndjson`, a line each time a file is begun, finished or
// deleted, the last line of a file counting. The pcap output appends to it; deletion of the oldest and `ringtap packets`
// read it. A line that was cut off by a crash is passed over.

import { appendFileSync, globSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { CaptureFile } from '../record/index.ts';

const ending = '.files.ndjson';

export class FileCatalog {
  readonly path: string;
  readonly #files = new Map<number, CaptureFile>();

  private constructor(path: string) {
    this.path = path;
  }

  /** Reads the list of a node; an empty one where there is none yet. */
  static open(folder: string, node: string): FileCatalog {
    const catalog = new FileCatalog(join(folder, `${node.replaceAll('/', '_')}${ending}`));
    catalog.#read();
    return catalog;
  }

  /** The lists of all nodes in a folder. */
  static all(folder: string): FileCatalog[] {
    return globSync(`*${ending}`, { cwd: folder })
      .sort()
      .map((name) => {
        const catalog = new FileCatalog(join(folder, name));
        catalog.#read();
        return catalog;
      });
  }

  /** Files that are not deleted, oldest first. */
  get files(): CaptureFile[] {
    return [...this.#files.values()].sort((a, b) => a.number - b.number);
  }

  get(number: number): CaptureFile | undefined {
    return this.#files.get(number);
  }

  /** Adds a line. Throws the system's error. */
  add(file: CaptureFile): void {
    this.#put(file);
    appendFileSync(this.path, `${JSON.stringify(file)}\n`, { mode: 0o640 });
  }

  /** Writes the list anew, a line a file. */
  compact(): void {
    const text = this.files.map((file) => `${JSON.stringify(file)}\n`).join('');
    writeFileSync(`${this.path}.new`, text, { mode: 0o640 });
    renameSync(`${this.path}.new`, this.path);
  }

  #put(file: CaptureFile): void {
    if (file.state === 'deleted') this.#files.delete(file.number);
    else this.#files.set(file.number, file);
  }

  #read(): void {
    let text: string;
    try {
      text = readFileSync(this.path, 'utf8');
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === 'ENOENT') return;
      throw error;
    }
    for (const line of text.split('\n')) {
      if (line === '') continue;
      try {
        const file = JSON.parse(line) as CaptureFile;
        if (Number.isSafeInteger(file.number) && typeof file.path === 'string') this.#put(file);
      } catch {
        // Cut off in the middle of being written.
      }
    }
  }
}
