// Runs the sensor as a user would, in a process of its own, and reads what it wrote. Used by the end-to-end tests.

import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Writable } from 'node:stream';
import type { TestContext } from 'node:test';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url));
const launcher = fileURLToPath(new URL('../../tools/launch.mjs', import.meta.url));

export interface SensorResult {
  readonly code: number | null;
  readonly signal: string | null;
  readonly stdout: string;
  readonly stderr: string;
  /** Records on standard output, or of the text given to `recordsOf`. */
  readonly records: readonly SensorRecord[];
}

// biome-ignore lint/suspicious/noExplicitAny: records are JSON documents whose members the tests name.
export type SensorRecord = any;

export interface RunningSensor {
  readonly pid: number;
  kill(signal: NodeJS.Signals): void;
  /** As `| head` does when it has seen enough. */
  closeStdout(): void;
  /** Resolves when standard error has had a line that matches. */
  stderrLine(pattern: RegExp): Promise<string>;
  /** Open when it was asked for; whoever asked ends it. */
  readonly stdin: Writable;
  readonly result: Promise<SensorResult>;
}

export interface StartOptions {
  readonly input?: Uint8Array;
  /** Standard input stays open after `input`. */
  readonly openStdin?: boolean;
  /** Command that the sensor is started by: `ip netns exec NAME`. */
  readonly wrapper?: readonly string[];
  readonly cwd?: string;
  readonly nodeArgs?: readonly string[];
  /** User to run as; needs root. */
  readonly uid?: number;
  /** Started by the launcher, which runs the bundled program, instead of from the sources. */
  readonly launched?: boolean;
}

export function recordsOf(text: string): SensorRecord[] {
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}

/** Starts the sensor; it is killed at the end of the test if it still runs. */
export function startSensor(context: TestContext, args: readonly string[], options: StartOptions = {}): RunningSensor {
  const [program, ...words] = [
    ...(options.wrapper ?? []),
    process.execPath,
    ...(options.nodeArgs ?? []),
    options.launched ? launcher : main,
    ...args,
  ] as [string, ...string[]];
  const child = spawn(program, words, {
    stdio: 'pipe',
    cwd: options.cwd,
    uid: options.uid,
  });
  context.after(() => child.kill('SIGKILL'));
  let stdout = '';
  let stderr = '';
  const waiting: { pattern: RegExp; resolve: (line: string) => void }[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    stdout += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    stderr += text;
    for (const wait of waiting.splice(0)) {
      const match = wait.pattern.exec(stderr);
      if (match === null) waiting.push(wait);
      else wait.resolve(match[0]);
    }
  });
  child.stdin.on('error', () => {});
  if (options.input !== undefined) child.stdin.write(options.input);
  if (!options.openStdin) child.stdin.end();
  const result = new Promise<SensorResult>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => {
      resolve({
        code,
        signal,
        stdout,
        stderr,
        get records() {
          return recordsOf(stdout);
        },
      });
    });
  });
  return {
    pid: child.pid as number,
    kill: (signal) => child.kill(signal),
    stdin: child.stdin,
    closeStdout: () => child.stdout.destroy(),
    stderrLine: (pattern) =>
      new Promise((resolve, reject) => {
        const match = pattern.exec(stderr);
        if (match !== null) resolve(match[0]);
        else waiting.push({ pattern, resolve });
        void result.then(() => reject(new Error(`the sensor ended without ${pattern}:\n${stderr}`)));
      }),
    result,
  };
}

export async function runSensor(context: TestContext, ...args: readonly string[]): Promise<SensorResult> {
  return await startSensor(context, args).result;
}

/** A folder that is removed at the end of the test. */
export function temporaryFolder(context: TestContext): string {
  const folder = mkdtempSync(join(tmpdir(), 'ringtap-test-'));
  context.after(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
}

/** `datasets(records)` → { session: 3, http: 2 } */
export function datasets(records: readonly SensorRecord[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const record of records) counts[record.event.dataset] = (counts[record.event.dataset] ?? 0) + 1;
  return counts;
}
