// The sensor's log: pino on the main thread; lines of worker threads reach it as messages. Text for people, JSON for
// machines.

import { closeSync, openSync, writeSync } from 'node:fs';
import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';

const standardError = 2;
const levelNames: Readonly<Record<number, string>> = { 20: 'debug', 30: 'info', 40: 'warn', 50: 'error', 60: 'fatal' };

/** Where lines go; a progress line on the same terminal is taken away before. */
class LogFile implements DestinationStream {
  readonly #path: string;
  readonly #text: boolean;
  #fd: number;
  /** Called before a line is written to standard error. */
  beforeLine: () => void = () => {};

  constructor(path: string, text: boolean) {
    this.#path = path;
    this.#text = text;
    this.#fd = this.#open();
  }

  #open(): number {
    if (this.#path === '') return standardError;
    try {
      return openSync(this.#path, 'a', 0o640);
    } catch (cause) {
      throw new SensorError(errorCodes.config, `log file: ${(cause as Error).message}`, {
        cause,
        hint: 'log.file in the config',
      });
    }
  }

  write(line: string): void {
    if (this.#fd === standardError) this.beforeLine();
    try {
      writeSync(this.#fd, this.#text ? textLine(line) : line);
    } catch {
      // A log that cannot be written (closed pipe, full disk) must not stop the sensor.
    }
  }

  reopen(): void {
    if (this.#fd === standardError) return;
    closeSync(this.#fd);
    this.#fd = this.#open();
  }
}

function textLine(line: string): string {
  const { time, level, msg } = JSON.parse(line) as { time: number; level: number; msg: string };
  return `${new Date(time).toISOString()} ${(levelNames[level] ?? '').padEnd(5)} ${msg}\n`;
}

export interface Log {
  readonly logger: Logger;
  reopen(): void;
  /** What takes a progress line away before a log line comes on the same terminal. */
  setBeforeLine(hook: () => void): void;
}

export function openLog(config: Config['log']): Log {
  const text = config.format === 'text' || (config.format === 'auto' && config.file === '' && process.stderr.isTTY === true);
  const file = new LogFile(config.file, text);
  return {
    logger: pino({ level: config.level, base: null }, file),
    reopen: () => file.reopen(),
    setBeforeLine: (hook) => {
      file.beforeLine = hook;
    },
  };
}
