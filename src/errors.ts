// The one list of error codes and the one error class of Ringtap. Every room throws `SensorError` for what an
// operator can act on; a programmer's error throws a plain `Error` and takes its worker down.

/** Codes are part of the product: scripts match on them, so they never change meaning. */
export const errorCodes = {
  usage: 'RT_USAGE',
  config: 'RT_CONFIG',
  configUnknownKey: 'RT_CONFIG_UNKNOWN_KEY',
  permission: 'RT_PERMISSION',
  sourceOpen: 'RT_SOURCE_OPEN',
  sourceFormat: 'RT_SOURCE_FORMAT',
  sourceInterface: 'RT_SOURCE_INTERFACE',
  filter: 'RT_FILTER',
  filterLibrary: 'RT_FILTER_LIBRARY',
  addon: 'RT_ADDON',
  ring: 'RT_RING',
  plugin: 'RT_PLUGIN',
  output: 'RT_OUTPUT',
  /** The reader of an output has gone (a closed pipe): the run ends, quietly. */
  outputClosed: 'RT_OUTPUT_CLOSED',
  spill: 'RT_SPILL',
  worker: 'RT_WORKER',
  admin: 'RT_ADMIN',
} as const;

export type ErrorCode = (typeof errorCodes)[keyof typeof errorCodes];

export interface SensorErrorOptions {
  /** What the operator can do: a command line, a config key, a file and line. */
  readonly hint?: string;
  readonly cause?: unknown;
}

export class SensorError extends Error {
  readonly code: ErrorCode;
  readonly hint: string | undefined;

  constructor(code: ErrorCode, message: string, options: SensorErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'SensorError';
    this.code = code;
    this.hint = options.hint;
  }

  /** Likewise of another copy of this class: bundled, the program has one and the plugins have one. */
  static override [Symbol.hasInstance](value: unknown): boolean {
    return value instanceof Error && value.name === 'SensorError' && 'code' in value;
  }
}

/** Process exit codes: 0 fine, 1 run error, 2 usage or config, 3 permission. */
export function exitCodeOf(error: unknown): 1 | 2 | 3 {
  if (!(error instanceof SensorError)) return 1;
  switch (error.code) {
    case errorCodes.usage:
    case errorCodes.config:
    case errorCodes.configUnknownKey:
    case errorCodes.filter:
      return 2;
    case errorCodes.permission:
      return 3;
    default:
      return 1;
  }
}
