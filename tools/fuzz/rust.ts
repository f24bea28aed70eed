// `npm run fuzz -- --rust`: the cargo-fuzz targets of the capture crate, one after the other. Installs nothing; says what to
// install.

import { spawnSync } from 'node:child_process';
import { globSync } from 'node:fs';
import { basename, join } from 'node:path';
import { root, runStep } from '../step.ts';

const folder = join(root, 'crates', 'capture');

function works(...command: [string, ...string[]]): boolean {
  return spawnSync(command[0], command.slice(1), { stdio: 'ignore' }).status === 0;
}

export function rustTargets(): string[] {
  return globSync('fuzz/fuzz_targets/*.rs', { cwd: folder })
    .map((path) => basename(path, '.rs'))
    .sort();
}

/** Exit code: 0 when all ran without a finding, 2 when something is missing. */
export function fuzzRust(names: readonly string[], seconds: number): number {
  const known = rustTargets();
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined) {
    process.stderr.write(`there is no target ${unknown}; known are: ${known.join(', ')}\n`);
    return 2;
  }
  const missing = [
    works('cargo', '+nightly', '--version') ? '' : 'rustup toolchain install nightly --profile minimal',
    works('cargo', 'fuzz', '--version') ? '' : 'cargo install cargo-fuzz --locked',
  ].filter((command) => command !== '');
  if (missing.length > 0) {
    process.stderr.write(`fuzzing the capture crate needs, once:\n${missing.map((command) => `  ${command}\n`).join('')}`);
    return 2;
  }
  for (const name of names.length > 0 ? names : known) {
    const limits = [`-max_total_time=${seconds}`, '-timeout=10', '-rss_limit_mb=2048'];
    const code = runStep({
      title: `${name}: ${seconds} s`,
      command: ['cargo', '+nightly', 'fuzz', 'run', name, '--', ...limits],
      folder,
    });
    if (code !== 0) {
      process.stderr.write(
        `${name}: a finding; the line above with the file of crates/capture/fuzz/artifacts/${name}/ repeats it\n`,
      );
      return 1;
    }
  }
  return 0;
}
