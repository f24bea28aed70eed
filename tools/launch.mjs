#!/usr/bin/env node
// Starts Ringtap. Runs on any Node from 20 on and needs no package: it installs the npm packages, finds the runtime
// (this Node when it is 24 or later, else the pinned one from npm), builds the Rust addon, each only when its inputs
// have changed, and then runs `src/main.ts`, or with `--tool NAME` a development tool from tools/.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const modules = join(root, 'node_modules');
const stampFolder = join(modules, '.ringtap');

/** Says what is missing and how to mend it, and ends with the exit code of a run error. */
function fail(message, hint) {
  process.stderr.write(`ringtap: ${message}\n${hint ? `  ${hint}\n` : ''}`);
  process.exit(1);
}

/** Name, size and time of the files: enough to see a change without reading them. */
function fingerprint(paths) {
  const hash = createHash('sha256');
  for (const path of paths) {
    const { size, mtimeMs } = statSync(path);
    hash.update(`${relative(root, path)}\0${size}\0${mtimeMs}\n`);
  }
  return hash.digest('hex');
}

function filesBelow(folder) {
  return readdirSync(folder, { withFileTypes: true })
    .filter((entry) => entry.name !== 'target' && entry.name !== 'fuzz')
    .flatMap((entry) => {
      const path = join(folder, entry.name);
      return entry.isDirectory() ? filesBelow(path) : [path];
    })
    .sort();
}

/** Runs a step unless its stamp says that it has been done for the same inputs. */
function once(name, stamp, done, work) {
  const file = join(stampFolder, name);
  if (done() && existsSync(file) && readFileSync(file, 'utf8') === stamp) return;
  work();
  mkdirSync(stampFolder, { recursive: true });
  writeFileSync(file, stamp);
}

function runStep(title, command, args, hint) {
  process.stderr.write(`ringtap: ${title} …\n`);
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 'pipe', 'pipe'], encoding: 'utf8', maxBuffer: 1 << 28 });
  if (result.error || result.status !== 0) {
    process.stderr.write(result.stdout ?? '');
    process.stderr.write(result.stderr ?? '');
    fail(`${title} failed (${result.error?.message ?? `exit ${result.status}`}): ${command} ${args.join(' ')}`, hint);
  }
}

function installPackages() {
  const inputs = [join(root, 'package.json'), join(root, 'package-lock.json')];
  once(
    'packages',
    fingerprint(inputs),
    () => existsSync(join(modules, 'pino')),
    () => {
      const npm = process.env.npm_execpath;
      // Not `npm ci`: it insists on lock entries for every platform's optional packages, which a registry mirror may
      // not carry. `install --no-save` takes the locked versions all the same and leaves the lock file alone.
      const args = ['install', '--no-save', '--no-audit', '--no-fund', '--loglevel=error'];
      const hint = `run it by hand to see why: npm ${args.join(' ')}`;
      if (npm?.endsWith('.js')) runStep('installing npm packages', process.execPath, [npm, ...args], hint);
      else runStep('installing npm packages', 'npm', args, hint);
    },
  );
}

/** The runtime: this Node when it is new enough, else the pinned one. */
function findRuntime() {
  if (Number(process.versions.node.split('.')[0]) >= 24) return process.execPath;
  const pinned = join(modules, `node-linux-${process.arch}`, 'bin', 'node');
  if (existsSync(pinned)) return pinned;
  return fail(
    `Node ${process.versions.node} is too old and there is no packaged runtime for ${process.platform}-${process.arch}`,
    'install Node 24 or later from https://nodejs.org and start again',
  );
}

function buildAddon(runtime) {
  const inputs = [join(root, 'Cargo.toml'), join(root, 'Cargo.lock'), ...filesBelow(join(root, 'crates'))];
  const output = join(root, 'dist', 'capture');
  once(
    'addon',
    fingerprint(inputs),
    () => existsSync(output) && readdirSync(output).some((name) => name.endsWith('.node')),
    () => {
      const cargo = spawnSync('cargo', ['--version'], { encoding: 'utf8' });
      if (cargo.error)
        fail('cargo was not found; the capture addon is written in Rust', 'apt-get install cargo, or https://rustup.rs');
      if (spawnSync('cc', ['--version']).error) fail('no C compiler was found; the Rust build needs one', 'apt-get install gcc');
      const cli = join(modules, '@napi-rs', 'cli', 'dist', 'cli.js');
      runStep(
        'building the capture addon (cargo build --release; a minute or two the first time)',
        runtime,
        [
          cli,
          'build',
          '--platform',
          '--release',
          '--manifest-path',
          'crates/capture/Cargo.toml',
          '--config-path',
          'crates/capture/napi.json',
          '--output-dir',
          'dist/capture',
          '--no-js',
          '--dts',
          'addon.d.ts',
          '--',
          '--locked',
        ],
        'the messages of cargo stand above',
      );
    },
  );
}

/** Runs the program with this process's standard streams, passes signals on and ends as it ends. */
function run(runtime, args) {
  const child = spawn(runtime, args, { stdio: 'inherit' });
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGUSR1', 'SIGUSR2']) {
    // A terminal sends SIGINT to the whole group; the child has it already then, and counts signals.
    process.on(signal, () => {
      if (!(signal === 'SIGINT' && process.stdin.isTTY)) child.kill(signal);
    });
  }
  child.on('error', (error) => fail(`${runtime}: ${error.message}`));
  child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 0)));
}

const args = process.argv.slice(2);
installPackages();
const runtime = findRuntime();
if (args[0] === '--tool') {
  const [, tool, ...rest] = args;
  if (!/^[a-z-]+$/.test(tool ?? '') || !existsSync(join(root, 'tools', `${tool}.ts`))) fail(`there is no tool ${tool} in tools/`);
  if (tool !== 'generate') buildAddon(runtime);
  run(runtime, [join(root, 'tools', `${tool}.ts`), ...rest]);
} else {
  buildAddon(runtime);
  run(runtime, ['--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...args]);
}
