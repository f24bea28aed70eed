// `ringtap setup`: lets an output plugin prepare the place where its records will go, with the options of the config.

import { resolve } from 'node:path';
import { outputName } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import type { OutputContext } from '../plugin/index.ts';
import { sensorFacts } from '../workers/index.ts';
import { loadRun, type RunOptions } from './options.ts';
import { print } from './print.ts';

export interface SetupOptions extends Pick<RunOptions, 'config' | 'set'> {
  readonly logDir?: string;
  /** Say what would be done. */
  readonly print?: true;
}

/** Throws `RT_USAGE` when the config has no output of that kind, or its plugin has nothing to set up. */
export async function setupCommand(kind: string, options: SetupOptions): Promise<number> {
  const { config, records, plugins } = await loadRun([], options);
  const outputs = config.outputs.filter(({ common }) => common.kind === kind);
  const plugin = plugins.get(kind)?.plugin;
  if (plugin === undefined)
    throw new SensorError(errorCodes.usage, `there is no [[output]] with kind = "${kind}" in the config`, {
      hint: `ringtap setup ${kind} -c FILE, or --set output.0.kind=${kind}`,
    });
  if (plugin.setup === undefined) throw new SensorError(errorCodes.usage, `output ${kind} needs no set-up`);
  const sensor = plugin.needsSensor ? sensorFacts(config, records) : undefined;
  const say = (message: string): void => void process.stderr.write(`ringtap: ${message}\n`);
  for (const { common, own } of outputs) {
    const context: OutputContext = {
      name: outputName(common),
      directory: resolve(options.logDir ?? '.'),
      ...(sensor === undefined ? {} : { sensor }),
      log: { debug: () => {}, info: say, warn: say, error: say },
      count: () => {},
    };
    const done = await plugin.setup(context, own as never, options.print ?? false);
    print(done.map((line) => `${line}\n`).join(''));
  }
  return 0;
}
