// Keeps the house tidy: sizes, names, opening comments, doors, exports, and generated files that are current.

import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { basename, join } from 'node:path';
import { test } from 'node:test';
import { filesOf, root, textOf } from './source-tree.ts';

const maxLines = 600;
/** Tests hold tables of cases. */
const maxTestLines = 900;

const typescript = filesOf('{src,plugins,bench,test,tools}/**/*.{ts,mjs}');
const rust = filesOf('crates/**/*.rs');
const all = [...typescript, ...rust];
const isTest = (path: string): boolean => path.startsWith('test/') || /(^|[/_])tests?(\/|\.rs$)/.test(path);

test('the source is found', () => {
  assert.ok(typescript.includes('test/tidy.test.ts') && typescript.includes('src/errors.ts'));
  assert.ok(rust.includes('crates/capture/src/lib.rs'));
});

test('files are not too long to read', () => {
  const tooLong = all
    .map((path) => ({ path, lines: textOf(path).split('\n').length - 1 }))
    .filter(({ path, lines }) => lines > (isTest(path) ? maxTestLines : maxLines));
  assert.deepEqual(tooLong, []);
});

test('names are kebab-case (TypeScript) and snake_case (Rust)', () => {
  const kebab = /^[a-z0-9]+(-[a-z0-9]+)*(\.(test|bench|d))?\.(ts|mjs)$/;
  assert.deepEqual(
    typescript.filter((path) => !kebab.test(basename(path))),
    [],
  );
  assert.deepEqual(
    rust.filter((path) => !/^[a-z0-9]+(_[a-z0-9]+)*\.rs$/.test(basename(path))),
    [],
  );
});

test('a thing without a home is a room not yet found', () => {
  const homeless = /(^|[/_.-])(utils?|helpers?|common|misc|shared-code|stuff)([/_.-]|$)/;
  assert.deepEqual(
    all.filter((path) => homeless.test(path)),
    [],
  );
});

test('every source file opens with a comment that says what it is', () => {
  const hasOpening = (path: string): boolean => {
    const [first, second] = textOf(path).split('\n');
    const line = first?.startsWith('#!') ? second : first;
    return /^(\/\/|\/\*)[!*]? ?\S/.test(line ?? '');
  };
  const expected = all.filter((path) => !isTest(path) && basename(path) !== 'index.ts');
  assert.deepEqual(
    expected.filter((path) => !hasOpening(path)),
    [],
  );
});

test('doors hold exports only', () => {
  const doors = filesOf('src/**/index.ts');
  assert.ok(doors.length > 0);
  const otherThanExports = doors.filter((path) => {
    const rest = textOf(path)
      .replace(/\/\*[\s\S]*?\*\//g, '')
      .replace(/^\/\/.*$/gm, '')
      .replace(/^export (type )?(\{[^}]*\}|\*( as \w+)?) from '[^']+';$/gm, '');
    return rest.trim() !== '';
  });
  assert.deepEqual(otherThanExports, []);
});

test('default exports only where a loader asks for them', () => {
  const loaded = /^(plugins|bench|test\/workers\/fixtures)\//;
  assert.deepEqual(
    typescript.filter((path) => !loaded.test(path) && /^export default\b/m.test(textOf(path))),
    [],
  );
});

test('nothing is left for later', () => {
  const marks = new RegExp(`\\b(${['TO', 'FIX', 'XX'].map((start, index) => start + ['DO', 'ME', 'X'][index]).join('|')})\\b`);
  assert.deepEqual(
    all.filter((path) => marks.test(textOf(path)) || /\b(todo|unimplemented)!\(/.test(textOf(path))),
    [],
  );
});

test('tests do not run alone or skip without a reason', () => {
  const tests = typescript.filter((path) => path.endsWith('.test.ts'));
  assert.deepEqual(
    tests.filter((path) => /\b(test|it|describe|suite)\.(only|todo)\b|\b(only|todo): true/.test(textOf(path))),
    [],
  );
});

test('the generated layouts are what the table gives', () => {
  execFileSync(process.execPath, [join(root, 'tools/generate.ts'), '--check'], { stdio: 'pipe' });
});
