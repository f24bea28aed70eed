// The launcher's set-up, loaded only when there is something to do: installs the npm packages, finds the runtime, builds the
// Rust addon, bundles the program. Each step runs only when its inputs have changed. Any Node from 20 on.

import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readdirSync, renameSync, rmSync, statSync } from 'node:fs';
import { constants } from 'node:os';
import { join } from 'node:path';
import { fingerprint, resultOf, root, setResult } from './built.mjs';

const modules = join(root, 'node_modules');

/** Bundles that are kept beside the newest: a sensor that is running may still load parts of its own. */
const keptBundles = 3;

/** Says what is missing and how to mend it, and ends with the exit code of a run error. */
export function fail(message, hint) {
  process.stderr.write(`ringtap: ${message}\n${hint ? `  ${hint}\n` : ''}`);
  process.exit(1);
}

/** Does a step unless it has been done for the same inputs; returns what it has made. `work` returns that path. */
function once(step, work) {
  const done = resultOf(step);
  if (done !== undefined) return done;
  const print = fingerprint(step);
  const result = work();
  if (result !== undefined) setResult(step, print, result);
  return result;
}

/** The problem in words and what the command printed, or undefined when it went well. */
function problemOf(title, command, args) {
  process.stderr.write(`ringtap: ${title} …\n`);
  const options = { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 };
  const { error, status, stdout, stderr } = spawnSync(command, args, options);
  if (!error && status === 0) return undefined;
  return {
    printed: `${stdout ?? ''}${stderr ?? ''}`,
    message: `${title} failed (${error?.message ?? `exit ${status}`}): ${command} ${args.join(' ')}`,
  };
}

function runStep(title, command, args, hint) {
  const problem = problemOf(title, command, args);
  if (problem === undefined) return;
  process.stderr.write(problem.printed);
  fail(problem.message, hint);
}

function installPackages() {
  const npm = process.env.npm_execpath;
  // Not `npm ci`: it insists on lock entries for every platform's optional packages, which a registry mirror may
  // not carry. `install --no-save` takes the locked versions all the same and leaves the lock file alone.
  const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
  const hint = `run it by hand to see why: npm ${args.join(' ')}`;
  if (npm?.endsWith('.js')) runStep('installing npm packages', process.execPath, [npm, ...args], hint);
  else runStep('installing npm packages', 'npm', args, hint);
  return 'node_modules/pino';
}

export const isNewEnough = Number(process.versions.node.split('.')[0]) >= 24;

/** The runtime: this Node when it is new enough, else the pinned one. */
function findRuntime() {
  if (isNewEnough) return process.execPath;
  const pinned = join(modules, `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  return fail(
    `Node ${process.versions.node} is too old and there is no packaged runtime for ${process.platform}-${process.arch}`,
    'install Node 24 or later from https://nodejs.org and start again',
  );
}

function buildAddon(runtime) {
  if (spawnSync('cargo', ['--version']).error)
    fail('cargo was not found; the capture addon is written in Rust', 'apt-get install cargo, or https://rustup.rs');
  if (spawnSync('cc', ['--version']).error) fail('no C compiler was found; the Rust build needs one', 'apt-get install gcc');
  const build = ['build', '--platform', '--release', '--manifest-path', 'crates/capture/Cargo.toml'];
  const place = join(root, 'dist', 'capture');
  const unfinished = `${place}.unfinished`;
  const output = ['--config-path', 'crates/capture/napi.json', '--output-dir', unfinished, '--no-js', '--dts', 'addon.d.ts'];
  runStep(
    'building the capture addon (cargo build --release; a minute or two the first time)',
    runtime,
    [join(modules, '@napi-rs', 'cli', 'dist', 'cli.js'), ...build, ...output, '--', '--locked'],
    'the messages of cargo stand above',
  );
  // A sensor that is running has the old file in its memory; written over, it would be another's code there.
  mkdirSync(place, { recursive: true });
  const names = readdirSync(unfinished);
  for (const name of names) renameSync(join(unfinished, name), join(place, name));
  rmSync(unfinished, { recursive: true });
  const built = names.find((name) => name.endsWith('.node'));
  return built === undefined ? fail('the capture addon was built, but it is not in dist/capture') : `dist/capture/${built}`;
}

/**
 * The program in a few files, which start several times as fast as the sources. Every bundle has a folder of its own, so that
 * starts at the same time and sensors that are running do not get in each other's way. Undefined where bundling fails: the
 * sources run as well.
 */
function bundleProgram(runtime) {
  const name = `app-${Date.now().toString(36)}-${process.pid}`;
  const folder = join(root, 'dist', name);
  const unfinished = `${folder}.unfinished`;
  mkdirSync(unfinished, { recursive: true });
  const problem = problemOf('bundling the program', runtime, [join(root, 'tools', 'bundle.ts'), unfinished]);
  if (problem !== undefined) {
    rmSync(unfinished, { recursive: true, force: true });
    process.stderr.write(`${problem.printed}ringtap: ${problem.message}\n  it runs from its sources, which start more slowly\n`);
    return undefined;
  }
  renameSync(unfinished, folder);
  removeOldBundles(name);
  return `dist/${name}`;
}

function removeOldBundles(newest) {
  const dist = join(root, 'dist');
  const others = readdirSync(dist)
    .filter((name) => /^app-[^.]+$/.test(name) && name !== newest)
    .map((name) => ({ path: join(dist, name), time: statSync(join(dist, name)).mtimeMs }))
    .sort((a, b) => b.time - a.time);
  for (const { path } of others.slice(keptBundles)) rmSync(path, { recursive: true, force: true });
}

/** Brings packages and addon up to date, and for the program its bundle; returns that, or undefined to run the sources. */
export function setUp(what) {
  once('packages', installPackages);
  const runtime = findRuntime();
  if (what !== 'generate') once('addon', () => buildAddon(runtime));
  return what === 'program' ? once('program', () => bundleProgram(runtime)) : undefined;
}

/** Runs a script with this process's standard streams, passes signals on and ends as it ends. */
export function runElsewhere(script, args) {
  const runtime = findRuntime();
  const child = spawn(runtime, [script, ...args], { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    // A terminal sends SIGINT to the whole group; the child has it already then, and counts signals.
    process.on(signal, () => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`${runtime}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}
