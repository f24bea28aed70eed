// The line map against TOML that is put together line by line, so that the right lines are known.

import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { parse } from 'smol-toml';
import { lineMap } from '../../src/config/toml-lines.ts';

test('tables, arrays of tables, dotted and quoted keys', () => {
  const text = [
    '# config',
    '[[source]]',
    'kind = "file" # first',
    '',
    '[workers]',
    'packet = 2',
    '  ring.bytes = 3',
    '[[source]]',
    '"kind" = \'file\'',
    '[ decoder . "http" ]',
    'ports = [80]',
  ].join('\r\n');
  parse(text);
  assert.deepEqual(Object.fromEntries(lineMap(text)), {
    'source.0': 2,
    'source.0.kind': 3,
    workers: 5,
    'workers.packet': 6,
    'workers.ring.bytes': 7,
    'source.1': 8,
    'source.1.kind': 9,
    'decoder.http': 10,
    'decoder.http.ports': 11,
  });
});

test('what looks like a key inside of a value is none', () => {
  const text = [
    'a = """',
    'b = 1',
    '[c]',
    '\\""" still',
    '"""',
    "d = '''",
    'e = 1 # """',
    "'''",
    'f = [ # ]',
    '  "g = [", \'h = "\',',
    '  { i = 1 },',
    ']',
    'j = "[ # \\" {"',
    'k = 1',
  ].join('\n');
  parse(text);
  assert.deepEqual(Object.fromEntries(lineMap(text)), { a: 1, d: 6, f: 9, j: 13, k: 14 });
});

test('tables below an element of an array belong to that element', () => {
  const text = ['[[a]]', '[a.b]', 'x = 1', '[[a.c]]', 'y = 1', '[[a.c]]', '[[a]]', '[a.b]', 'x = 1', '[[a.c]]'].join('\n');
  parse(text);
  assert.deepEqual(Object.fromEntries(lineMap(text)), {
    'a.0': 1,
    'a.0.b': 2,
    'a.0.b.x': 3,
    'a.0.c.0': 4,
    'a.0.c.0.y': 5,
    'a.0.c.1': 6,
    'a.1': 7,
    'a.1.b': 8,
    'a.1.b.x': 9,
    'a.1.c.0': 10,
  });
});

/** Values as TOML text; some span lines, and hold what looks like keys, headers and comments. */
const value = fc.oneof(
  fc.integer().map(String),
  fc.boolean().map(String),
  fc.string({ unit: 'grapheme-ascii' }).map((text) => JSON.stringify(text)),
  fc.constantFrom(
    '"""\nx = 1\n[y]\n"""',
    "'''\n[[z]]\n# '' \"\n'''",
    '"""\\"""" # """',
    '[\n  1, # ]\n  2,\n]',
    '[ "a]", \'b[\', [ "c = 1" ] ]',
    '{ a = 1, b = { c = "}" } }',
    '[\n  { a = "[" },\n  """\n]\n""",\n]',
  ),
);
const name = fc.constantFrom('a', 'b2', 'c_d', 'e-f', 'g');
const line = fc.oneof(
  { weight: 1, arbitrary: fc.constantFrom('', '# comment', '  # a = 1', '#[x]') },
  { weight: 4, arbitrary: fc.record({ key: name, value, indent: fc.constantFrom('', '  ', '\t') }) },
);
const section = fc.record({ header: fc.constantFrom('table', 'array'), lines: fc.array(line, { maxLength: 6 }) });

test('every key of a text is on the line where it was put', () => {
  fc.assert(
    fc.property(fc.array(section, { maxLength: 6 }), (sections) => {
      const lines: string[] = [];
      const expected: Record<string, number> = {};
      let elements = 0;
      sections.forEach(({ header, lines: content }, index) => {
        const table = header === 'table' ? `t${index}` : `list.${elements++}`;
        lines.push(header === 'table' ? `[t${index}]` : '[[list]] # next');
        expected[table] = lines.length;
        const used = new Set<string>();
        for (const entry of content) {
          if (typeof entry === 'string') lines.push(entry);
          else if (!used.has(entry.key)) {
            used.add(entry.key);
            expected[`${table}.${entry.key}`] = lines.length + 1;
            lines.push(...`${entry.indent}${entry.key} = ${entry.value}`.split('\n'));
          }
        }
      });
      const text = lines.join('\n');
      parse(text);
      assert.deepEqual(Object.fromEntries(lineMap(text)), expected);
    }),
  );
});
