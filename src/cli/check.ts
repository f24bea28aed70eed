// `ringtap check`: validates a config and the filters in it, and prints what it comes to, as TOML that loads again.

import { configTables, configText } from '../config/index.ts';
import { loadRun, type RunOptions } from './options.ts';
import { print } from './print.ts';

export interface CheckOptions extends RunOptions {
  readonly json?: true;
}

export async function checkCommand(filter: readonly string[], options: CheckOptions): Promise<number> {
  const { config } = await loadRun(filter, options);
  if (options.json) {
    print(`${JSON.stringify(configTables(config), null, 2)}\n`);
    return 0;
  }
  const name = options.config ?? 'the command line';
  const lack = config.sources.length === 0 ? '; there is no [[source]], so a run will need -r FILE or -i INTERFACE' : '';
  print(`# ${name} is fine${lack}. In full:\n\n${configText(config)}`);
  return 0;
}
