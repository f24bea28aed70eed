// The sensor's log: pino on the main thread, loaded with the first line; lines of worker threads reach it as messages. Text
// for people, JSON for machines. A log that cannot be written never stops the sensor.

import { closeSync, openSync, writeSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, resolve } from 'node:path';
import type { DestinationStream, Logger as PinoLogger } from 'pino';
import type { Config } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { makeFolder } from '../make-folder.ts';

const standardError = 2;

/** Where lines go; a progress line on the same terminal is taken away before. */
class LogFile implements DestinationStream {
  #fd: number;
  #text: boolean;
  /** Called before a line is written to standard error. */
  beforeLine: () => void = () => {};

  constructor(fd: number, text: boolean) {
    this.#fd = fd;
    this.#text = text;
  }

  write(line: string): void {
    if (this.#fd === standardError) this.beforeLine();
    try {
      writeSync(this.#fd, this.#text ? textLine(line) : line);
    } catch {
      // A closed pipe or a full disk: there is nowhere left to say so.
    }
  }

  /** Goes on in another file, which may be the same one opened again. */
  turnTo(fd: number, text: boolean): void {
    if (this.#fd !== standardError) closeSync(this.#fd);
    this.#fd = fd;
    this.#text = text;
  }
}

function openLogFile(config: Config['log'], directory: string): number {
  if (config.file === '') return standardError;
  const path = resolve(directory, config.file);
  try {
    makeFolder(dirname(path));
    return openSync(path, 'a', 0o640);
  } catch (cause) {
    throw new SensorError(errorCodes.config, `log file: ${(cause as Error).message}`, {
      cause,
      hint: 'log.file in the config names it',
    });
  }
}

const isText = (config: Config['log']): boolean => config.format === 'text' || (config.format === 'auto' && config.file === '');

function textLine(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: string; level: string; msg: string };
  return `${time} ${level.padEnd(5)} ${msg}\n`;
}

/** Levels from the gravest down, with what logs at each. */
const levels = ['error', 'warn', 'info', 'debug'] as const;
type Level = (typeof levels)[number];
export type Logger = { readonly [level in Level]: (message: string) => void };

/** Most runs log nothing, and pino takes longer to load than the rest of a start: the first line that counts loads it. */
class LazyLogger implements Logger {
  readonly #file: LogFile;
  #level: Level;
  #pino: PinoLogger | undefined;

  constructor(file: LogFile, level: Level) {
    this.#file = file;
    this.#level = level;
  }

  set level(level: Level) {
    this.#level = level;
    if (this.#pino !== undefined) this.#pino.level = level;
  }

  error(message: string): void {
    this.#log('error', message);
  }

  warn(message: string): void {
    this.#log('warn', message);
  }

  info(message: string): void {
    this.#log('info', message);
  }

  debug(message: string): void {
    this.#log('debug', message);
  }

  #log(level: Level, message: string): void {
    if (levels.indexOf(level) > levels.indexOf(this.#level)) return;
    this.#pino ??= this.#load();
    this.#pino[level](message);
  }

  #load(): PinoLogger {
    const { pino } = createRequire(import.meta.url)('pino') as typeof import('pino');
    const options = {
      level: this.#level,
      base: null,
      timestamp: () => `,"time":"${new Date().toISOString()}"`,
      formatters: { level: (level: string) => ({ level }) },
    };
    return pino(options, this.#file);
  }
}

export interface Log {
  readonly logger: Logger;
  /** Closes and opens the file again, as the config now says. Throws when it cannot be opened, and goes on in the old one. */
  reopen(config: Config['log']): void;
  /** What takes a progress line away before a log line comes on the same terminal. */
  setBeforeLine(hook: () => void): void;
}

/** Relative log files are in `directory`. Throws `RT_CONFIG` when the file cannot be opened. */
export function openLog(config: Config['log'], directory: string): Log {
  const file = new LogFile(openLogFile(config, directory), isText(config));
  const logger = new LazyLogger(file, config.level);
  return {
    logger,
    reopen: (changed) => {
      file.turnTo(openLogFile(changed, directory), isText(changed));
      logger.level = changed.level;
    },
    setBeforeLine: (hook) => {
      file.beforeLine = hook;
    },
  };
}
