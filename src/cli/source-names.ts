// Names the sources in stack traces of the bundled program: `dist/app-…/packet.cjs:812:9` becomes the file and line of src/
// that it was made of. Only when there is an error to print; on the main thread, which prints those of workers too.

import { readFileSync } from 'node:fs';
import { SourceMap } from 'node:module';
import { dirname, resolve } from 'node:path';

/** The text with every place in a bundled file told by its source; places elsewhere stay. */
export function namedBySource(text: string): string {
  const maps = new Map<string, SourceMap | undefined>();
  return text.replace(
    /(?:file:\/\/)?(\/[^\s():]+\.[cm]js):(\d+):(\d+)/g,
    (place: string, file: string, line: string, column: string) => {
      if (!maps.has(file)) maps.set(file, mapOf(file));
      const origin = maps.get(file)?.findOrigin(Number(line), Number(column));
      if (origin === undefined || !('fileName' in origin)) return place;
      return `${resolve(dirname(file), origin.fileName)}:${origin.lineNumber}:${origin.columnNumber}`;
    },
  );
}

function mapOf(file: string): SourceMap | undefined {
  try {
    return new SourceMap(JSON.parse(readFileSync(`${file}.map`, 'utf8')));
  } catch {
    return undefined;
  }
}
