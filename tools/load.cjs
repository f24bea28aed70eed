// Runs a file of the bundled program, on the main thread and on every worker thread, with the bytecode that V8 made in an
// earlier run. Node's own compile cache is taken before a module runs and so lacks nearly all functions; compiling
// them again was a tenth of a start. All of it is CommonJS: only scripts can be kept so, and what a thread needs of Node for
// ES modules, and makes of each of Node's own modules for them, it never loads.

const { readFileSync, renameSync, writeFileSync } = require('node:fs');
const { createRequire } = require('node:module');
const { join } = require('node:path');
const { fileURLToPath } = require('node:url');
const { Script } = require('node:vm');

/** In the environment: every thread leaves beside its code what V8 has compiled of it. For the trial run of `bundle.ts`. */
const keepBytecode = 'RINGTAP_KEEP_BYTECODE';

/**
 * The text of a bundled file, as `load` runs it. It is a function in the file already: put together at each start, the text was in memory
 * three times, and V8 marked its heap before the first packet came.
 */
const loadable = (code) =>
  `(function (exports, require, module, __filename, __dirname, importModule, resolveModule) {"use strict";${code}\n})`;

const bytecodeOf = (filename) => `${filename}.bytecode`;

function bytesOf(file) {
  try {
    return readFileSync(file);
  } catch {
    return undefined;
  }
}

/** `name`.cjs of the bundle in `folder`, with its bytecode where that fits: another version, other flags or another source, and V8 compiles anew. */
function scriptOf(folder, name) {
  const filename = join(folder, `${name}.cjs`);
  return new Script(readFileSync(filename, 'utf8'), { filename, cachedData: bytesOf(bytecodeOf(filename)) });
}

/** Runs `name`.cjs of the bundle in `folder`; returns what it exports. */
function load(folder, name) {
  const filename = join(folder, `${name}.cjs`);
  const script = scriptOf(folder, name);
  const module = { exports: {} };
  // Shipped plugins are CommonJS like the rest of the bundle; others are what they are.
  const importModule = async (specifier) =>
    specifier.startsWith('file:') && specifier.endsWith('.cjs') ? require(fileURLToPath(specifier)) : await import(specifier);
  const resolveModule = (specifier) => require('./resolve.mjs').resolveModule(specifier);
  // Before it runs: a file may end its thread.
  if (process.env[keepBytecode] !== undefined) {
    process.on('exit', () => {
      // Several threads may run the same file.
      const bytecodeFile = bytecodeOf(filename);
      const unfinished = `${bytecodeFile}.${process.hrtime.bigint()}`;
      writeFileSync(unfinished, script.createCachedData());
      renameSync(unfinished, bytecodeFile);
    });
  }
  const { exports } = module;
  script.runInThisContext()(exports, createRequire(filename), module, filename, folder, importModule, resolveModule);
  return module.exports;
}

module.exports = { keepBytecode, load, loadable, scriptOf };
