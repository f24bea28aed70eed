// `ringtap` itself: runs the sensor as config and command line say, with progress, signals, admin interface and summary.

import { resolve } from 'node:path';
import { counterTree, startAdmin } from '../admin/index.ts';
import type { Config } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { Supervisor } from '../workers/index.ts';
import { type Log, openLog } from './log.ts';
import { type LoadedConfig, loadRun, type RunOptions } from './options.ts';
import { Progress } from './progress.ts';
import { reloadReport } from './reload.ts';
import { summaryText, unwantedDrops } from './summary.ts';

/** Exit code after a second signal, as a shell gives it for SIGINT. */
const interruptedCode = 130;

export async function runCommand(filter: readonly string[], options: RunOptions, showHelp: () => void): Promise<number> {
  const loaded = await loadRun(filter, options);
  const { config } = loaded;
  if (config.sources.length === 0) {
    if (options.config === undefined) {
      showHelp();
      return 2;
    }
    throw new SensorError(errorCodes.config, `${options.config}: there is no [[source]]`, {
      hint: 'add one, or give -r FILE or -i INTERFACE',
    });
  }
  const log = openLog(config.log);
  const supervisor = new Supervisor({
    config,
    records: loaded.records,
    plugins: loaded.plugins,
    directory: resolve(options.logDir ?? '.'),
    log: (level, message) => log.logger[level](message),
  });
  const started = performance.now();
  const progress = new Progress(() => supervisor.counters.snapshot());
  log.setBeforeLine(() => progress.clear());
  const unhook = hookSignals(supervisor, log, () => reloadReport(config, filter, options));
  const closers: (() => Promise<void> | void)[] = [unhook];
  try {
    await supervisor.start();
    closers.push(await startAdminOf(config, supervisor, log), startStats(config, supervisor));
    if (process.stderr.isTTY && !process.stdout.isTTY && !options.quiet) progress.start();
    await supervisor.finished;
  } finally {
    progress.stop();
    for (const close of closers) await close();
    if (!options.quiet) process.stderr.write(summaryText(supervisor.counters.snapshot(), (performance.now() - started) / 1000));
  }
  return options.failOnDrop && unwantedDrops(supervisor.counters.snapshot()).length > 0 ? 1 : 0;
}

async function startAdminOf(config: LoadedConfig['config'], supervisor: Supervisor, log: Log): Promise<() => Promise<void>> {
  if (!config.admin.enabled) return async () => {};
  const server = await startAdmin({
    address: config.admin.address,
    port: config.admin.port,
    state: () => ({
      uptimeMs: Date.now() - supervisor.startedAt,
      counters: supervisor.counters.snapshot(),
      threads: supervisor.status(),
      rings: supervisor.rings(),
    }),
  });
  log.logger.info(`admin interface at ${server.url}`);
  return () => server.close();
}

/** Stats records while live. A capture file gives the same records in every run, and these never could be the same. */
function startStats(config: Config, supervisor: Supervisor): () => void {
  const live = config.sources.some((source) => source.kind === 'af_packet');
  if (!live || config.admin.stats_secs === 0) return () => {};
  const timer = setInterval(() => {
    supervisor.writeStats({ uptimeMs: Date.now() - supervisor.startedAt, counters: counterTree(supervisor.counters.snapshot()) });
  }, config.admin.stats_secs * 1000);
  timer.unref();
  return () => clearInterval(timer);
}

/** SIGINT and SIGTERM drain and end, the second one quits; SIGHUP reopens files and says what a restart would change. */
function hookSignals(supervisor: Supervisor, log: Log, report: () => Promise<string[]>): () => void {
  let stopping = false;
  const stop = (signal: string): void => {
    if (stopping) process.exit(interruptedCode);
    stopping = true;
    log.logger.info(`${signal}: draining; a second one quits at once`);
    supervisor.stop();
  };
  const onInterrupt = (): void => stop('SIGINT');
  const onTerminate = (): void => stop('SIGTERM');
  const onHangup = (): void => {
    log.reopen();
    supervisor.reopen();
    report().then(
      (lines) => {
        for (const line of lines) log.logger.info(line);
      },
      (error: Error) => log.logger.error(`reload: ${error.message}`),
    );
  };
  process.on('SIGINT', onInterrupt).on('SIGTERM', onTerminate).on('SIGHUP', onHangup);
  return () => {
    process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate).off('SIGHUP', onHangup);
  };
}
