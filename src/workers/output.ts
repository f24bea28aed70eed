// Entry point of an output worker thread: loads the plugin, opens the disk queue, runs the loop. One thread an output.

import { join, resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { loadAddon } from '../capture/index.ts';
import { openCounterBlock } from '../counters/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import { FileDesk } from '../pcap/index.ts';
import type { NumberSource, Output, OutputContext, OutputPlugin, PacketOutput } from '../plugin/index.ts';
import { ParkingLot, RingReader } from '../ring/index.ts';
import { SpillQueue } from '../spill/index.ts';
import { GcPauses } from './gc-pauses.ts';
import { OutputRunner } from './output-runner.ts';
import { PacketOutputRunner } from './packet-output-runner.ts';
import { type LogLevel, type OutputWorkerData, type PacketsWiring, reportError, type WorkerMessage } from './protocol.ts';
import { Progress } from './survey.ts';

/** Bytes of a file of the disk queue. */
const segmentBytesMax = 16 << 20;

const data = workerData as OutputWorkerData;

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

const logAt =
  (level: LogLevel) =>
  (message: string): void =>
    send({ type: 'log', level, message });

const log: OutputContext['log'] = { debug: logAt('debug'), info: logAt('info'), warn: logAt('warn'), error: logAt('error') };

const writeBehind: NonNullable<OutputContext['writeBehind']> = async (descriptor, below, from, to) =>
  loadAddon().writeBehind(descriptor, below, from, to);

function contextOf(plugin: OutputPlugin): OutputContext {
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

/** Makes the plugin's output. What goes wrong in `create` and `start` is the operator's to mend, and the plugin's name leads there. */
function create<Made extends Pick<Output, 'start'>>(plugin: OutputPlugin, make: (context: OutputContext) => Made): Made {
  const blame = (cause: unknown): SensorError =>
    cause instanceof SensorError
      ? cause
      : new SensorError(errorCodes.plugin, `output ${data.name}: ${cause instanceof Error ? cause.message : String(cause)}`, {
          cause,
          hint: `the plugin ${plugin.name} could not start with its options in the config`,
        });
  let output: Made;
  try {
    output = make(contextOf(plugin));
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

async function openSpill(): Promise<SpillQueue | undefined> {
  const { common } = data.config;
  if (common.policy !== 'spill') return undefined;
  const directory = common.spill_directory === '' ? join('spill', data.name) : common.spill_directory;
  return await SpillQueue.open({
    directory: resolve(data.directory, directory),
    maxBytes: common.spill_max_bytes,
    segmentBytes: Math.min(segmentBytesMax, Math.floor(common.spill_max_bytes / 8)),
    types: data.recordTypes,
  });
}

async function recordRunner(plugin: OutputPlugin, lot: ParkingLot): Promise<OutputRunner> {
  return new OutputRunner({
    output: create(plugin, (context) => plugin.create(context, data.config.own as never)),
    common: data.config.common,
    readers: data.rings.map((ring) => new RingReader(ring, lot)),
    lot,
    word: data.park,
    recordTypes: data.recordTypes,
    counters: openCounterBlock(data.counters),
    log,
    spill: await openSpill(),
    stopTimeoutMs: data.stopTimeoutMs,
    progress: data.progress === undefined ? undefined : new Progress(data.progress),
    onReady: () => send({ type: 'ready' }),
  });
}

/** Where capture files get their numbers from: the first output that counts them. */
async function numbersOf({ numbers, node }: PacketsWiring): Promise<NumberSource | undefined> {
  const { directory } = data;
  for (const { name, plugin: url, config } of numbers) {
    const { default: plugin } = (await import(url)) as { default: OutputPlugin };
    const source = plugin.fileNumbers?.({ name, directory, log, count: () => {}, writeBehind }, config as never, node);
    if (source !== undefined) return source;
  }
  return undefined;
}

function packetRunner(
  plugin: OutputPlugin,
  lot: ParkingLot,
  wiring: PacketsWiring,
  numbers: NumberSource | undefined,
): PacketOutputRunner {
  const output = create(plugin, (context): PacketOutput => {
    const made = plugin.packets?.create(context, data.config.own as never, {
      desks: wiring.desks.map((desk) => new FileDesk(desk)),
      node: wiring.node,
      sources: wiring.sources,
      numbers,
      successor: data.successor,
      tell: (file) => send({ type: 'file', file }),
    });
    if (made === undefined) throw new Error(`plugin ${plugin.name} takes no packets`);
    return made;
  });
  return new PacketOutputRunner({
    output,
    form: wiring.form.kind,
    readers: data.rings.map((ring) => new RingReader(ring, lot)),
    lot,
    word: data.park,
    flushSecs: data.config.common.flush_secs,
    counters: openCounterBlock(wiring.counters),
    log,
    stopTimeoutMs: data.stopTimeoutMs,
    progress: data.progress === undefined ? undefined : new Progress(data.progress),
    onReady: () => send({ type: 'ready' }),
  });
}

async function main(): Promise<void> {
  try {
    const { default: plugin } = (await import(data.plugin)) as { default: OutputPlugin };
    const lot = new ParkingLot(data.lot);
    const { packets } = data;
    const runner =
      packets === undefined ? await recordRunner(plugin, lot) : packetRunner(plugin, lot, packets, await numbersOf(packets));
    const pauses = GcPauses.of(data.pauses);
    if (pauses !== undefined) setInterval(() => pauses.tick(), 1000).unref();
    await runner.run();
    pauses?.read();
    send({ type: 'done' });
  } catch (error) {
    // Errors of the operator's making (a folder that cannot be written) end the run; anything else is a bug and throws.
    if (!(error instanceof SensorError)) throw error;
    send({ type: 'failed', error: reportError(error) });
  }
}

// What it throws is a bug: unhandled it ends the thread, and the supervisor starts another.
void main();
