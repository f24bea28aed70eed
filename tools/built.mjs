// What the launcher has made (npm packages, capture addon, bundled program) and whether its inputs have changed since.
// A stamp in node_modules/.ringtap lists the inputs of a step with size and time, which is enough to see a change without
// reading a file; this runs at every start and takes some milliseconds. Plain JavaScript for any Node from 20 on.

import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);
const { existsSync, mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } = require('node:fs');
const { dirname, join } = require('node:path');
const { fileURLToPath } = require('node:url');

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

const stampFolder = join(root, 'node_modules', '.ringtap');

/** Inputs of each step: files, and folders with all that lies below them. */
const inputs = {
  packages: ['package.json', 'package-lock.json'],
  addon: ['Cargo.toml', 'Cargo.lock', 'crates'],
  program: ['package-lock.json', 'tools/bundle.ts', 'tools/load.cjs', 'tools/resolve.mjs', 'plugins', 'src'],
};

function addFile(lines, path) {
  const { size, mtimeMs } = statSync(`${root}/${path}`);
  lines.push(`${path} ${size} ${mtimeMs}`);
}

/** Adds a line for each file below a folder. */
function addFiles(lines, folder) {
  for (const entry of readdirSync(`${root}/${folder}`, { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (!entry.isDirectory()) addFile(lines, path);
    else if (entry.name !== 'target' && entry.name !== 'fuzz') addFiles(lines, path);
  }
}

/** Name, size and time of all inputs of a step. */
export function fingerprint(step) {
  const lines = [];
  for (const path of inputs[step]) {
    if (statSync(`${root}/${path}`).isDirectory()) addFiles(lines, path);
    else addFile(lines, path);
  }
  return lines.sort().join('\n');
}

/** What the step has made, a path below `root`; undefined when it is not there or was made of other inputs. */
export function resultOf(step) {
  let stamp;
  try {
    stamp = readFileSync(join(stampFolder, step), 'utf8');
  } catch {
    return undefined;
  }
  const end = stamp.indexOf('\n');
  const result = stamp.slice(0, end);
  return stamp.slice(end + 1) === fingerprint(step) && existsSync(join(root, result)) ? result : undefined;
}

/** Notes what a step has made of inputs whose fingerprint was taken before. */
export function setResult(step, print, result) {
  mkdirSync(stampFolder, { recursive: true });
  // Another start may be reading it.
  const file = join(stampFolder, `${step}.${process.pid}`);
  writeFileSync(file, `${result}\n${print}`);
  renameSync(file, join(stampFolder, step));
}
