#!/usr/bin/env node
// Starts Ringtap. Runs on any Node from 20 on and needs no package: what is not there yet or not up to date is set up first
// (npm packages, the pinned runtime where this Node is older than 24, the Rust addon, the bundled program). Then the program runs
// in this process, or in one of the pinned runtime. With `--tool NAME` it is a development tool from tools/.

import { createRequire } from 'node:module';
import { madeAddon, resultOf, root } from './built.mjs';

// As everything here but modules of its own: an import of one of Node's would have all that it exports made for ES modules.
const require = createRequire(import.meta.url);
const { existsSync } = require('node:fs');
const { join } = require('node:path');

const args = process.argv.slice(2);
if (args[0] === '--tool') await runTool(args[1], args.slice(2));
else await runProgram();

async function runTool(tool, rest) {
  const { fail, setUp, runElsewhere } = await import('./set-up.mjs');
  if (!/^[a-z-]+$/.test(tool ?? '') || !existsSync(join(root, 'tools', `${tool}.ts`))) fail(`there is no tool ${tool} in tools/`);
  setUp(tool);
  runElsewhere(join(root, 'tools', `${tool}.ts`), rest);
}

async function runProgram() {
  const isOld = Number(process.versions.node.split('.')[0]) < 24;
  const addon = isOld ? undefined : madeAddon();
  const isReady = resultOf('packages', addon) !== undefined && resultOf('addon', addon) !== undefined;
  const bundle = (isReady ? resultOf('program', addon) : undefined) ?? (await import('./set-up.mjs')).setUp('program');
  // A process that has loaded an addon cannot load the one that was made after it.
  if (isOld || (addon !== undefined && !isReady)) {
    const { runElsewhere } = await import('./set-up.mjs');
    // Its own first steps find everything done.
    runElsewhere(process.argv[1], args);
  } else if (bundle === undefined) {
    await import('../src/main.ts');
  } else {
    const { load } = require('./load.cjs');
    process.exitCode = await load(join(root, bundle), 'cli').main(args);
  }
}
