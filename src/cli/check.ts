// `ringtap check`: validates a config (and the filters in it) and prints what it comes to.

import { checkFilter } from '../capture/index.ts';
import { loadRun, type RunOptions } from './options.ts';

export async function checkCommand(filter: readonly string[], options: RunOptions): Promise<number> {
  const { config } = await loadRun(filter, options);
  for (const source of config.sources) if (source.filter !== '') checkFilter(source.filter);
  process.stdout.write(`${JSON.stringify(config, null, 2)}\n`);
  return 0;
}
