// SIGHUP: what of a changed config is taken over at once, and what waits for a restart.

import type { Config } from '../config/index.ts';
import { loadRun, type RunOptions } from './options.ts';

/** Lines for the log: which tables of the config file have changed since the start. */
export async function reloadReport(running: Config, filter: readonly string[], options: RunOptions): Promise<string[]> {
  if (options.config === undefined) return ['SIGHUP: files were opened again; there is no config file to read'];
  const { config } = await loadRun(filter, options);
  const changed = (Object.keys(config) as (keyof Config)[]).filter(
    (key) => JSON.stringify(config[key]) !== JSON.stringify(running[key]),
  );
  if (changed.length === 0) return [`SIGHUP: files were opened again; ${options.config} has not changed`];
  return [`SIGHUP: files were opened again; changes in ${changed.join(', ')} of ${options.config} take effect with a restart`];
}
