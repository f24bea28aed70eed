// Where each key of a TOML text stands, so that errors can name the line. The parser proper (smol-toml) gives values
// without positions; this scan only follows table headers and key names, on text that has parsed already.

/** Line numbers, from 1, by path: `source.0.paths`, `workers.packet`; tables have theirs too. */
export type LineMap = ReadonlyMap<string, number>;

const header = /^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$/;
const assignment =
  /^\s*((?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*')(?:\s*\.\s*(?:[A-Za-z0-9_-]+|"(?:[^"\\]|\\.)*"|'[^']*'))*)\s*=\s*(.*)$/;

export function lineMap(text: string): LineMap {
  const lines = new Map<string, number>();
  const arrays = new Map<string, number>();
  let table = '';
  let open: Open = closed;
  text.split(/\r?\n/).forEach((line, index) => {
    if (open.depth > 0 || open.quote !== '') {
      open = scanValue(line, open);
      return;
    }
    const asHeader = header.exec(line);
    if (asHeader !== null && !assignment.test(line)) {
      table = resolveTable(keyParts(asHeader[2] as string), asHeader[1] === '[[', arrays);
      lines.set(table, index + 1);
      return;
    }
    const asKey = assignment.exec(line);
    if (asKey === null) return;
    const path = [...(table === '' ? [] : [table]), ...keyParts(asKey[1] as string)].join('.');
    lines.set(path, index + 1);
    open = scanValue(asKey[2] as string, closed);
  });
  return lines;
}

/** `a."b c".d` → ['a', 'b c', 'd'] */
function keyParts(key: string): string[] {
  return [...key.matchAll(/"((?:[^"\\]|\\.)*)"|'([^']*)'|([A-Za-z0-9_-]+)/g)].map(
    (match) => match[1] ?? match[2] ?? (match[3] as string),
  );
}

/** The path of a table with the positions of the arrays it lies in: `[[output]]` twice is `output.0`, `output.1`. */
function resolveTable(parts: readonly string[], isArray: boolean, arrays: Map<string, number>): string {
  let path = '';
  parts.forEach((part, position) => {
    path = path === '' ? part : `${path}.${part}`;
    const last = position === parts.length - 1;
    if (last && isArray) arrays.set(path, (arrays.get(path) ?? -1) + 1);
    const element = arrays.get(path);
    if (element !== undefined && (isArray || !last)) path = `${path}.${element}`;
  });
  return path;
}

interface Open {
  readonly depth: number;
  readonly quote: string;
}

const closed: Open = { depth: 0, quote: '' };

/** Follows brackets and multi-line strings of a value to the end of the line. */
function scanValue(text: string, from: Open): Open {
  let { depth, quote } = from;
  for (let at = 0; at < text.length; ) {
    if (quote !== '') {
      if (text[at] === '\\' && quote.startsWith('"')) at += 2;
      else if (text.startsWith(quote, at)) {
        at += quote.length;
        quote = '';
      } else at++;
      continue;
    }
    const triple = text.slice(at, at + 3);
    if (triple === '"""' || triple === "'''") {
      quote = triple;
      at += 3;
      continue;
    }
    const character = text[at] as string;
    if (character === '#') break;
    if (character === '"' || character === "'") quote = character;
    else if (character === '[' || character === '{') depth++;
    else if (character === ']' || character === '}') depth--;
    at++;
  }
  // A one-line string that is still open cannot go on (the text has parsed); only the triple ones can.
  return { depth, quote: quote.length === 3 ? quote : '' };
}
