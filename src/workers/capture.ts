// Entry point of a capture worker thread: opens one source and polls it until it ends. The capture crate does the work;
// this loop wakes consumers (inside `poll`) and sleeps while a ring is full, or while a watched folder has nothing to read.

import { resolve } from 'node:path';
import { parentPort, workerData } from 'node:worker_threads';
import {
  type CapturePathOptions,
  openFeed,
  openFiles,
  openInterface,
  type Source,
  type SourceWiring,
  setAffinity,
} from '../capture/index.ts';
import type { CapSourceConfig, FolderSourceConfig, SourceConfig } from '../config/index.ts';
import { captureCounterSet, openCounterBlock } from '../counters/index.ts';
import { SensorError } from '../errors.ts';
import { ParkingLot, PollStatus } from '../ring/index.ts';
import { CapLoop } from './cap-loop.ts';
import { capturePath, filteredPath } from './capture-path.ts';
import { type LedgerEntry, readLedger } from './folder-ledger.ts';
import { FolderWatch } from './folder-watch.ts';
import { GcPauses } from './gc-pauses.ts';
import { type CaptureWorkerData, reportError, Signal, type WorkerMessage } from './protocol.ts';

const data = workerData as CaptureWorkerData;
const lot = new ParkingLot(data.lot);
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);
const warn = (message: string): void => send({ type: 'log', level: 'warn', message });

/** Packets a poll: some milliseconds of work, so that signals are heard. */
const pollBudget = 4096;
/** How often a full ring is looked at again: a file waits for ever, and what an interface has room for is soon at its end. */
const fullRingCheckMs = data.source.kind === 'af_packet' ? 5 : 200;
const pauses = GcPauses.of(data.pauses);

/** What else is to be done between polls. */
interface Between {
  /** After every poll. */
  polled(): void;
  /** There is nothing to read at the moment. */
  idle(): void;
}

const wiring: SourceWiring = { rings: data.rings, lot, parkWord: data.park, counters: openCounterBlock(data.counters) };

/** Opens a source that is polled, and gives what there is to do with it besides. */
function open(source: Exclude<SourceConfig, CapSourceConfig>): [Source, Between?] {
  const path = filteredPath(data);
  if (source.kind === 'folder') return openFolder(source, path);
  if (source.kind === 'file') return [openFiles({ inputs: [...source.paths], recursive: source.recursive, path }, wiring)];
  return [
    openInterface(
      {
        interface: source.interface,
        blockBytes: source.block_bytes,
        blockCount: source.block_count,
        blockTimeoutMs: source.block_timeout_ms,
        promiscuous: source.promiscuous,
        ...(source.workers > 1 ? { fanoutGroup: source.fanout_group === 0 ? data.fanoutGroup : source.fanout_group } : {}),
        path,
      },
      wiring,
    ),
  ];
}

/** How often a folder is looked at for the watch to decide whether it is time. */
const folderIdleMs = 200;

function openFolder(source: FolderSourceConfig, path: CapturePathOptions): [Source, Between] {
  const feed = openFeed({ path }, wiring);
  const done = source.skip ? readLedger(resolve(data.directory, source.state_file)) : new Map<string, LedgerEntry>();
  const watch = new FolderWatch(source, feed, done, warn);
  watch.start();
  const between: Between = {
    polled: () => {
      const clockUs = wiring.counters[captureCounterSet.index.clock_us] as number;
      for (const file of watch.takeFinished()) send({ type: 'read', file: { ...file, clockUs } });
      watch.look();
    },
    idle: () => {
      lot.raise(data.park);
      if (lot.signals(data.park) === 0) lot.sleep(data.park, folderIdleMs);
      else lot.lower(data.park);
    },
  };
  return [feed, between];
}

/** Polls until the end. A source that fails is polled on: it delivers what it holds back and closes its rings. */
function run(source: Source, between: Between | undefined): void {
  let failure: unknown;
  for (;;) {
    const status = poll(source, (error) => {
      // The same failure a second time means that there is no end to wait for.
      if (failure !== undefined) throw failure;
      failure = error;
    });
    source.passNotices(warn);
    between?.polled();
    pauses?.tick();
    if (status === PollStatus.end) break;
    if ((lot.takeSignals(data.park) & (Signal.stop | Signal.abort)) !== 0) source.stop();
    else if (status === PollStatus.ringFull) lot.sleep(data.park, fullRingCheckMs);
    else if (status === PollStatus.idle) between?.idle();
  }
  if (failure !== undefined) throw failure;
}

function poll(source: Source, onFailure: (error: unknown) => void): number {
  try {
    return source.poll(pollBudget);
  } catch (error) {
    onFailure(error);
    return PollStatus.progress;
  }
}

function runPolled(config: Exclude<SourceConfig, CapSourceConfig>): void {
  const [source, between] = open(config);
  send({ type: 'ready' });
  if (config.kind === 'af_packet') send({ type: 'log', level: 'info', message: `capturing on ${config.interface}` });
  run(source, between);
  source.passNotices(warn);
}

/** The filter runs in the kernel, where libpcap puts it. */
async function runCap(config: CapSourceConfig): Promise<void> {
  if (data.capProgram === undefined) throw new Error('nobody said which program captures with libpcap');
  const loop = new CapLoop({
    source: config,
    program: data.capProgram,
    path: capturePath(data),
    wiring,
    log: (level, message) => send({ type: 'log', level, message }),
    onReady: () => {
      send({ type: 'ready' });
      send({ type: 'log', level: 'info', message: `capturing on ${config.interface} with libpcap` });
    },
    onTick: () => pauses?.tick(),
  });
  await loop.run();
}

async function main(): Promise<void> {
  try {
    if (data.cpus.length > 0) setAffinity(data.cpus);
    if (data.source.kind === 'cap') await runCap(data.source);
    else runPolled(data.source);
    pauses?.read();
    send({ type: 'done' });
  } catch (error) {
    if (!(error instanceof SensorError)) throw error;
    send({ type: 'failed', error: reportError(error) });
  }
}

// What it throws is a bug: unhandled it ends the thread.
void main();
