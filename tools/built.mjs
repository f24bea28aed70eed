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
const stampOf = (step) => join(stampFolder, `${step}.json`);

/** Inputs of each step: files, and folders with all that lies below them. */
const inputs = {
  packages: ['package.json', 'package-lock.json'],
  addon: ['Cargo.toml', 'Cargo.lock', 'crates'],
  program: ['package-lock.json', 'tools/bundle.ts', 'tools/load.cjs', 'tools/resolve.mjs', 'plugins', 'src'],
};

/** Folders in these that are none. */
const leftOut = ['target', 'fuzz'];

/** Paths below `root` of all files, and of the folders that they lie in. */
function inputsOf(step) {
  const files = [];
  const folders = [];
  const add = (path, isFolder) => {
    if (!isFolder) files.push(path);
    else {
      folders.push(path);
      for (const entry of readdirSync(`${root}/${path}`, { withFileTypes: true })) {
        if (!(entry.isDirectory() && leftOut.includes(entry.name))) add(`${path}/${entry.name}`, entry.isDirectory());
      }
    }
  };
  for (const path of inputs[step]) add(path, statSync(`${root}/${path}`).isDirectory());
  return { files: files.sort(), folders };
}

/** All inputs of a step, files with size and time, folders with the time when a name in them came, went or changed. */
export function fingerprint(step) {
  const { files, folders } = inputsOf(step);
  const stats = files.map((path) => statSync(`${root}/${path}`));
  return {
    files,
    sizes: stats.map(({ size }) => size),
    times: stats.map(({ mtimeMs }) => mtimeMs),
    folders,
    folderTimes: folders.map((path) => statSync(`${root}/${path}`).mtimeMs),
  };
}

/** Whether each path is there with its time as noted, and its size where these are given. The addon has the same (file_state.rs). */
function areAsNoted(paths, times, sizes) {
  return paths.every((path, index) => {
    const stats = statSync(`${root}/${path}`, { throwIfNoEntry: false });
    return stats !== undefined && stats.mtimeMs === times[index] && (sizes === undefined || stats.size === sizes[index]);
  });
}

/** Whether the inputs of a step are what they were. Names are listed again only where a folder says that they may be others. */
function isUnchanged(step, { files, sizes, times, folders, folderTimes }, areSame) {
  if (!areSame(files, times, sizes)) return false;
  return areSame(folders, folderTimes) || inputsOf(step).files.join('\n') === files.join('\n');
}

/** The addon that was made last, whatever has changed since; undefined when there is none that loads. */
export function madeAddon() {
  try {
    const { result } = JSON.parse(readFileSync(stampOf('addon'), 'utf8'));
    return require(join(root, result));
  } catch {
    return undefined;
  }
}

/**
 * What the step has made, a path below `root`; undefined when it is not there or was made of other inputs. With an addon, that looks at
 * the files, all in one call.
 */
export function resultOf(step, addon) {
  const look = addon?.filesAreAsNoted;
  const areSame = look === undefined ? areAsNoted : (...noted) => look(root, ...noted);
  try {
    const { result, print } = JSON.parse(readFileSync(stampOf(step), 'utf8'));
    return isUnchanged(step, print, areSame) && existsSync(join(root, result)) ? result : undefined;
  } catch {
    // There is no stamp yet, or one that something else has written.
    return undefined;
  }
}

/** Notes what a step has made of inputs whose fingerprint was taken before. */
export function setResult(step, print, result) {
  mkdirSync(stampFolder, { recursive: true });
  // Another start may be reading it.
  const file = join(stampFolder, `${step}.${process.pid}`);
  writeFileSync(file, JSON.stringify({ result, print }));
  renameSync(file, stampOf(step));
}
