// SIGHUP: the config is read again; files are opened again; what can change while running does, and the log says what
// waits for a restart. A config that does not load changes nothing.

import { type Config, changedKeys } from '../config/index.ts';

/** Keys, or tables of them, that are taken over at once. */
const liveKeys = ['log', 'admin', 'rules'];

export interface Reload {
  /** What is now in force: the running config with the live keys of the new one. */
  readonly config: Config;
  readonly applied: readonly string[];
  readonly waiting: readonly string[];
}

export function planReload(running: Config, loaded: Config): Reload {
  const changed = changedKeys(running, loaded);
  const isLive = (path: string): boolean => liveKeys.some((key) => path === key || path.startsWith(`${key}.`));
  return {
    config: { ...running, log: loaded.log, admin: loaded.admin, rules: loaded.rules },
    applied: changed.filter(isLive),
    waiting: changed.filter((path) => !isLive(path)),
  };
}

/** Lines for the log. `file`: the config file, when there is one. */
export function reloadLines(file: string | undefined, { applied, waiting }: Pick<Reload, 'applied' | 'waiting'>): string[] {
  if (file === undefined) return ['SIGHUP: files are opened again; there is no config file to read'];
  const lines: string[] = [];
  if (applied.length > 0) lines.push(`SIGHUP: now in force: ${applied.join(', ')}`);
  if (waiting.length > 0) lines.push(`SIGHUP: changes of ${waiting.join(', ')} take effect with a restart`);
  return lines.length > 0 ? lines : [`SIGHUP: files are opened again; ${file} says what it said before`];
}
