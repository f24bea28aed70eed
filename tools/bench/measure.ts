// Runs a program and says what it cost, from the kernel's own books and without any tool that has to be installed.
//
// CPU time: the kernel adds user and system time of a child and of everything that the child waited for to its parent
// once it is waited for (`cutime`, `cstime` in /proc/self/stat, exact to 10 ms). So only one program runs at a time.
// Peak memory: GNU time's figure (`ru_maxrss`) where /usr/bin/time exists; else the last `VmHWM` seen, looked at every
// 10 ms, which misses only what a program takes in its last moments.

import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, existsSync, openSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { atEnd } from './end-of-run.ts';

export interface Usage {
  readonly wallSeconds: number;
  readonly userSeconds: number;
  readonly systemSeconds: number;
  /** User and system. */
  readonly cpuSeconds: number;
  readonly peakBytes: number;
}

export interface MeasureOptions {
  /** Folder that the program runs in; its standard error and the figures of GNU time are put there. */
  readonly folder: string;
  /** File for standard output; without it, it is thrown away. */
  readonly stdout?: string;
  /** Where GNU time would be; for tests. */
  readonly timeProgram?: string;
}

/** Clock ticks of /proc a second; the same on every Linux that Node runs on. */
const ticksPerSecond = 100;
const lookEveryMs = 10;
const gnuTime = '/usr/bin/time';

/** How memory is measured here, for the page. */
export const memoryMethod = existsSync(gnuTime) ? 'GNU time (maximum resident set)' : 'VmHWM, looked at every 10 ms';

/** User and system seconds of the children that a process has waited for, from the text of /proc/PID/stat. */
export function childSeconds(stat: string): { readonly user: number; readonly system: number } {
  // The name in parentheses may hold spaces and parentheses; the fields behind it are counted from the last one.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return { user: Number(fields[13]) / ticksPerSecond, system: Number(fields[14]) / ticksPerSecond };
}

/** User and system seconds of a running process with all its threads; 0 when it is over. */
export function ownSeconds(pid: number): number {
  const stat = readProc(`/proc/${pid}/stat`);
  if (stat === '') return 0;
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  return (Number(fields[11]) + Number(fields[12])) / ticksPerSecond;
}

/** Peak resident bytes from the text of /proc/PID/status; 0 when it has none (a process that is over). */
export function peakOf(status: string): number {
  return Number(/^VmHWM:\s+(\d+) kB$/m.exec(status)?.[1] ?? 0) * 1024;
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}

async function exitOf(child: ChildProcess): Promise<{ code: number | null; signal: string | null }> {
  return await new Promise((resolve, reject) => {
    child.on('error', reject);
    child.on('exit', (code, signal) => resolve({ code, signal }));
  });
}

/** Runs a command to its end. Throws with the end of its standard error when it fails. */
export async function measure(
  command: readonly string[],
  { folder, stdout, timeProgram = gnuTime }: MeasureOptions,
): Promise<Usage> {
  const errorFile = join(folder, 'stderr.txt');
  const timeFile = join(folder, 'time.txt');
  const timed = existsSync(timeProgram);
  const [program, ...args] = (timed ? [timeProgram, '-f', '%M', '-o', timeFile, ...command] : command) as [string, ...string[]];
  const output = stdout === undefined ? ('ignore' as const) : openSync(stdout, 'w');
  const errors = openSync(errorFile, 'w');
  const before = childSeconds(readProc('/proc/self/stat'));
  const startMs = performance.now();
  // In a process group of its own, so that an early end takes GNU time and its program along.
  const child = spawn(program, args, { cwd: folder, stdio: ['ignore', output, errors], detached: true });
  const forget = atEnd(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
  });
  let peak = 0;
  const timer = timed
    ? undefined
    : setInterval(() => {
        peak = Math.max(peak, peakOf(readProc(`/proc/${child.pid}/status`)));
      }, lookEveryMs);
  const { code, signal } = await exitOf(child);
  const wallSeconds = (performance.now() - startMs) / 1000;
  clearInterval(timer);
  forget();
  const after = childSeconds(readProc('/proc/self/stat'));
  closeSync(errors);
  if (typeof output === 'number') closeSync(output);
  if (code !== 0)
    throw new Error(
      `${command.join(' ')}: ended with ${code ?? signal}: ${readProc(errorFile).trim().slice(-500) || 'no message'}`,
    );
  if (timed) peak = Number(readProc(timeFile).trim().split('\n').at(-1)) * 1024;
  const userSeconds = after.user - before.user;
  const systemSeconds = after.system - before.system;
  return { wallSeconds, userSeconds, systemSeconds, cpuSeconds: userSeconds + systemSeconds, peakBytes: peak };
}
