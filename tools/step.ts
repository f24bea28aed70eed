// Runs the commands of the development tools one after another, in the repository's root, with their output as it
// comes, and ends with the first failure.

import { spawnSync } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/** A program of a package in node_modules, run by this Node. */
export function packageProgram(path: string): string[] {
  return [process.execPath, join(root, 'node_modules', path)];
}

export interface Step {
  readonly title: string;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  readonly folder?: string;
}

/** Exit code of a command; 127 when it could not be started. */
export function runStep({ title, command, env, folder }: Step): number {
  process.stderr.write(`── ${title}\n`);
  const [program, ...args] = command as [string, ...string[]];
  const { status, error } = spawnSync(program, args, { cwd: folder ?? root, stdio: 'inherit', env: { ...process.env, ...env } });
  if (error !== undefined) process.stderr.write(`${program}: ${error.message}\n`);
  return status ?? 127;
}

/** Runs steps until one fails, and sets the exit code. */
export function runSteps(steps: readonly Step[]): void {
  for (const step of steps) {
    const code = runStep(step);
    if (code !== 0) {
      process.stderr.write(`failed: ${step.title}\n`);
      process.exitCode = code;
      return;
    }
  }
}
