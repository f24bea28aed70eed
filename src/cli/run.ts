// `ringtap` itself: runs the sensor as config and command line say, with progress, signals, services and summary.

import { resolve } from 'node:path';
import { isatty } from 'node:tty';
import type { Config } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { monotonicMs } from '../monotonic-clock.ts';
import { Supervisor } from '../workers/index.ts';
import { type Log, openLog } from './log.ts';
import { type LoadedConfig, loadRun, type RunOptions } from './options.ts';
import { sourceProgram } from './plugin-loader.ts';
import { Progress } from './progress.ts';
import { planReload, reloadLines } from './reload.ts';
import { Services } from './services.ts';
import { hookSignals } from './signals.ts';
import { namedBySource } from './source-names.ts';
import { summaryText, unwantedDrops } from './summary.ts';

const standardOutput = 1;
const standardError = 2;

export async function runCommand(filter: readonly string[], options: RunOptions): Promise<number> {
  const { config, records, rules, plugins } = await loadRun(filter, options);
  if (config.sources.length === 0) throw noSource(options);
  const directory = resolve(options.logDir ?? '.');
  const log = openLog(config.log, directory);
  const supervisor = new Supervisor({
    config,
    records,
    rules,
    plugins,
    directory,
    capProgram: sourceProgram('cap'),
    log: (level, message) => log.logger[level](level === 'error' ? namedBySource(message) : message),
  });
  const live = config.sources.some(goesOn);
  const services = new Services(supervisor, log.logger, live);
  const progress = new Progress(() => supervisor.counters.snapshot());
  log.setBeforeLine(() => progress.clear());
  const startedMs = monotonicMs();
  const printSummary = (ended: boolean): void => {
    progress.clear();
    process.stderr.write(summaryText(supervisor.counters.snapshot(), (monotonicMs() - startedMs) / 1000, ended));
  };
  const reload = reloader({ config, rules }, filter, options, log, services, supervisor);
  const unhook = hookSignals({
    stop: (signal) => {
      log.logger.info(`${signal}: draining what was received; a second signal quits at once`);
      supervisor.stop();
    },
    reload: () => {
      supervisor.reopen();
      void reload();
    },
    report: () => printSummary(false),
  });
  let started = false;
  try {
    // An address that cannot be had is an error before the first packet.
    await services.apply(config.admin);
    await supervisor.start();
    started = true;
    if (showsProgress(config, options)) progress.start();
    await supervisor.finished;
  } finally {
    progress.stop();
    unhook();
    await services.close();
    if (started && !options.quiet) printSummary(true);
  }
  return options.failOnDrop && unwantedDrops(supervisor.counters.snapshot()).length > 0 ? 1 : 0;
}

/** Whether a source does not end of itself. */
function goesOn(source: Config['sources'][number]): boolean {
  return source.kind === 'folder' ? source.monitor : source.kind !== 'file';
}

function noSource({ config }: RunOptions): SensorError {
  const message = config === undefined ? 'there is nothing to read' : `${config}: there is no [[source]]`;
  return new SensorError(errorCodes.usage, message, {
    hint: `give -r FILE, -R DIR or -i INTERFACE${config === undefined ? ', or -c FILE with a [[source]]' : ', or add one'}; ringtap --help lists everything`,
  });
}

/** On a terminal, unless records go to that terminal too. */
function showsProgress(config: Config, { quiet }: RunOptions): boolean {
  if (quiet || !isatty(standardError)) return false;
  return !(isatty(standardOutput) && config.outputs.some(({ common }) => common.kind === 'stdout'));
}

/** Reads the config again and takes over what it can; one reload at a time, in the order of the signals. */
function reloader(
  started: Pick<LoadedConfig, 'config' | 'rules'>,
  filter: readonly string[],
  options: RunOptions,
  log: Log,
  services: Services,
  supervisor: Supervisor,
): () => Promise<void> {
  let running = started.config;
  let rules = started.rules;
  let turn = Promise.resolve();
  const reloadOnce = async (): Promise<void> => {
    const loaded = await loadRun(filter, options);
    const { config, applied, waiting } = planReload(running, loaded.config);
    log.reopen(config.log);
    running = config;
    for (const line of reloadLines(options.config, { applied, waiting })) log.logger.info(line);
    await services.apply(config.admin);
    if (JSON.stringify(loaded.rules) === JSON.stringify(rules)) return;
    const obstacle = supervisor.setRules(loaded.rules);
    if (obstacle === undefined) {
      rules = loaded.rules;
      log.logger.info(`SIGHUP: ${rules.length} rules are now in force`);
    } else log.logger.warn(`SIGHUP: changes of rules take effect with a restart: ${obstacle}`);
  };
  return () => {
    turn = turn.then(reloadOnce).catch((error: Error) => {
      for (const line of error.message.split('\n')) log.logger.error(`SIGHUP: ${line}`);
    });
    return turn;
  };
}
