// Entry point of an output worker thread: loads the plugin, opens the disk queue, runs the loop. One thread an output; light ones
// need none (main-output.ts).

import { join, resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import { openCounterBlock } from '../counters/index.ts';
import { SensorError } from '../errors.ts';
import { FileDesk } from '../pcap/index.ts';
import type { NumberSource, OutputPlugin, PacketOutput } from '../plugin/index.ts';
import { ParkingLot, RingReader } from '../ring/index.ts';
import { SpillQueue } from '../spill/index.ts';
import { GcPauses } from './gc-pauses.ts';
import { createOutput, createRecordRunner, logOf, writeBehind } from './output-making.ts';
import { PacketOutputRunner } from './packet-output-runner.ts';
import { type OutputWorkerData, type PacketsWiring, reportError, type WorkerMessage } from './protocol.ts';
import { Progress } from './survey.ts';

/** Bytes of a file of the disk queue. */
const segmentBytesMax = 16 << 20;

const data = workerData as OutputWorkerData;

function send(message: WorkerMessage): void {
  parentPort?.postMessage(message);
}

const log = logOf((level, message) => send({ type: 'log', level, message }));
const onReady = (): void => send({ type: 'ready' });

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
  const output = createOutput(plugin, data, log, (context): PacketOutput => {
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
    onReady,
  });
}

async function main(): Promise<void> {
  try {
    const { default: plugin } = (await import(data.plugin)) as { default: OutputPlugin };
    const lot = new ParkingLot(data.lot);
    const { packets } = data;
    const runner =
      packets === undefined
        ? createRecordRunner(plugin, data, lot, log, onReady, await openSpill())
        : packetRunner(plugin, lot, packets, await numbersOf(packets));
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
