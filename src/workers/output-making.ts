// Makes what runs an output: the plugin's context, the output itself, and the loop that gives it records. Called on output worker
// threads, and on the main thread for outputs that need no thread.

import { loadAddon } from '../capture/index.ts';
import { openCounterBlock } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import type { Output, OutputContext, OutputPlugin } from '../plugin/index.ts';
import { type ParkingLot, RingReader } from '../ring/index.ts';
import type { SpillQueue } from '../spill/index.ts';
import { OutputRunner } from './output-runner.ts';
import type { LogLevel, OutputWorkerData } from './protocol.ts';
import { Progress } from './survey.ts';

export function logOf(tell: (level: LogLevel, message: string) => void): OutputContext['log'] {
  const at =
    (level: LogLevel) =>
    (message: string): void =>
      tell(level, message);
  return { debug: at('debug'), info: at('info'), warn: at('warn'), error: at('error') };
}

export const writeBehind: NonNullable<OutputContext['writeBehind']> = async (descriptor, below, from, to) =>
  loadAddon().writeBehind(descriptor, below, from, to);

function contextOf(plugin: OutputPlugin, data: OutputWorkerData, log: OutputContext['log']): OutputContext {
  const names = Object.keys(plugin.counters ?? {});
  const values = openCounterBlock(data.pluginCounters);
  return {
    name: data.name,
    directory: data.directory,
    ...(data.sensor === undefined ? {} : { sensor: data.sensor }),
    log,
    count: (name, by = 1) => {
      const index = names.indexOf(name);
      if (index < 0) throw new Error(`plugin ${plugin.name} counts ${name}, which it has not declared`);
      values[index] = (values[index] as number) + by;
    },
    writeBehind,
  };
}

/**
 * The plugin's output, made by `make`. What goes wrong there and in `start` is the operator's to mend, so it is a `SensorError`,
 * and the plugin's name leads there.
 */
export function createOutput<Made extends Pick<Output, 'start'>>(
  plugin: OutputPlugin,
  data: OutputWorkerData,
  log: OutputContext['log'],
  make: (context: OutputContext) => Made,
): Made {
  const blame = (cause: unknown): SensorError =>
    cause instanceof SensorError
      ? cause
      : new SensorError(errorCodes.plugin, `output ${data.name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
          hint: `the plugin ${plugin.name} could not start with its options in the config`,
        });
  let output: Made;
  try {
    output = make(contextOf(plugin, data, log));
  } catch (cause) {
    throw blame(cause);
  }
  const start = output.start?.bind(output);
  if (start === undefined) return output;
  output.start = async () => {
    try {
      await start();
    } catch (cause) {
      throw blame(cause);
    }
  };
  return output;
}

/** The loop of an output that takes records; `spill`: with policy `spill`. Throws `SensorError` where the plugin makes no output. */
export function createRecordRunner(
  plugin: OutputPlugin,
  data: OutputWorkerData,
  lot: ParkingLot,
  log: OutputContext['log'],
  onReady: () => void,
  spill?: SpillQueue,
): OutputRunner {
  return new OutputRunner({
    output: createOutput(plugin, data, log, (context) => plugin.create(context, data.config.own as never)),
    common: data.config.common,
    readers: data.rings.map((ring) => new RingReader(ring, lot)),
    lot,
    word: data.park,
    recordTypes: data.recordTypes,
    counters: openCounterBlock(data.counters),
    log,
    spill,
    stopTimeoutMs: data.stopTimeoutMs,
    progress: data.progress === undefined ? undefined : new Progress(data.progress),
    onReady,
  });
}
