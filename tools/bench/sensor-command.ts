// How the bench tools start Ringtap: as a user does, by the launcher. Where that would have to install something first (a
// checkout that borrows the packages of another one), the program runs from its sources, which start more slowly.

import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { resultOf } from '../built.mjs';
import { root } from '../step.ts';

let isPrepared = false;

function isSetUp(): boolean {
  return resultOf('packages') !== undefined && resultOf('addon') !== undefined;
}

/** Has the launcher bundle the program before the first run, which must not pay for it. */
function prepare(): void {
  if (isPrepared) return;
  isPrepared = true;
  spawnSync(process.execPath, [join(root, 'tools', 'launch.mjs'), 'version'], { stdio: ['ignore', 'ignore', 'inherit'] });
}

export function sensorCommand(...args: readonly string[]): string[] {
  if (!isSetUp()) return [process.execPath, '--disable-warning=ExperimentalWarning', join(root, 'src', 'main.ts'), ...args];
  prepare();
  return [process.execPath, join(root, 'tools', 'launch.mjs'), ...args];
}
