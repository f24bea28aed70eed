// What the launcher sees of changes: nothing old may run for sources that were edited.

import assert from 'node:assert/strict';
import { copyFileSync, mkdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { madeAddon } from '../../tools/built.mjs';
import { root } from '../../tools/step.ts';
import { temporaryFolder } from '../e2e/sensor.ts';

type Built = typeof import('../../tools/built.mjs') & {
  fingerprint(step: string): unknown;
  setResult(step: string, print: unknown, result: string): void;
};

/** Who looks at the files: the launcher itself, where there is no addon yet, and the addon. */
const lookers = [undefined, madeAddon()] as const;
assert.ok(lookers[1] !== undefined);

const longAgo = new Date('2020-01-01');

interface Checkout {
  readonly built: Built;
  write(path: string, text: string, time?: Date): void;
  remove(path: string): void;
  setTime(path: string, time: Date): void;
}

/** A program of two files that was made when nothing in it was new. */
async function madeCheckout(context: TestContext): Promise<Checkout> {
  const folder = temporaryFolder(context);
  const write = (path: string, text: string, time = new Date()): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
    utimesSync(join(folder, path), time, time);
  };
  const setTime = (path: string, time: Date): void => utimesSync(join(folder, path), time, time);
  const files = [
    'package-lock.json',
    'tools/bundle.ts',
    'tools/load.cjs',
    'tools/resolve.mjs',
    'plugins/a/index.ts',
    'src/b/c.ts',
  ];
  for (const path of files) write(path, 'one', longAgo);
  write('dist/app/cli.cjs', '');
  for (const path of ['plugins', 'plugins/a', 'src', 'src/b']) setTime(path, longAgo);
  copyFileSync(join(root, 'tools/built.mjs'), join(folder, 'tools/built.mjs'));
  const built = (await import(pathToFileURL(join(folder, 'tools/built.mjs')).href)) as Built;
  assert.equal(built.resultOf('program'), undefined);
  built.setResult('program', built.fingerprint('program'), 'dist/app');
  for (const addon of lookers) assert.equal(built.resultOf('program', addon), 'dist/app');
  return { built, write, setTime, remove: (path) => rmSync(join(folder, path), { recursive: true }) };
}

const changes: Readonly<Record<string, (checkout: Checkout) => void>> = {
  'a file of another length': ({ write }) => write('src/b/c.ts', 'three', longAgo),
  'a file of the same length': ({ write }) => write('src/b/c.ts', 'two'),
  'a file with an older time': ({ setTime }) => setTime('src/b/c.ts', new Date('2019-01-01')),
  'a file that is gone': ({ remove }) => remove('plugins/a/index.ts'),
  'a new file': ({ write }) => write('src/b/d.ts', 'one', longAgo),
  'a new folder with a file': ({ write }) => write('plugins/e/index.ts', 'one', longAgo),
  'a tool': ({ write }) => write('tools/load.cjs', 'two'),
  'a result that is gone': ({ remove }) => remove('dist/app'),
};

for (const [what, change] of Object.entries(changes)) {
  test(`seen: ${what}`, async (context) => {
    const checkout = await madeCheckout(context);
    change(checkout);
    for (const addon of lookers) assert.equal(checkout.built.resultOf('program', addon), undefined);
  });
}

test('a file that came and went changes nothing', async (context) => {
  const { built, write, remove } = await madeCheckout(context);
  write('src/b/.c.ts.swp', 'x');
  remove('src/b/.c.ts.swp');
  for (const addon of lookers) assert.equal(built.resultOf('program', addon), 'dist/app');
});

test('what stands in the place of a stamp and is none counts as nothing made', async (context) => {
  const { built, write } = await madeCheckout(context);
  for (const text of ['', 'dist/app\nsrc/b/c.ts 3 1', '{}', 'null', '{"result":"dist/app","print":{}}']) {
    write('node_modules/.ringtap/program.json', text);
    for (const addon of lookers) assert.equal(built.resultOf('program', addon), undefined, text);
  }
});
