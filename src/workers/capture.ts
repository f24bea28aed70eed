// Entry point of a capture worker thread: opens one source and polls it until it ends. The capture crate does the work;
// this loop wakes consumers (inside `poll`) and sleeps while a ring is full.

import { parentPort, workerData } from 'node:worker_threads';
import { resolve } from 'node:path';
import {
  type CapturePathOptions,
  openFeed,
  openFiles,
  openInterface,
  type Source,
  type SourceWiring,
  setAffinity,
} from '../capture/index.ts';
import type { FolderSourceConfig } from '../config/index.ts';
import { captureCounterSet, openCounterBlock } from '../counters/index.ts';
import { SensorError } from '../errors.ts';
import { ParkingLot, PollStatus } from '../ring/index.ts';
import { type LedgerEntry, readLedger } from './folder-ledger.ts';
import { FolderWatch } from './folder-watch.ts';
import { GcPauses } from './gc-pauses.ts';
import { type CaptureWorkerData, reportError, Signal, type WorkerMessage } from './protocol.ts';

const data = workerData as CaptureWorkerData;
const lot = new ParkingLot(data.lot);
const send = (message: WorkerMessage): void => parentPort?.postMessage(message);

/** Packets a poll: some milliseconds of work, so that signals are heard. */
const pollBudget = 4096;
const fullRingCheckMs = 200;
const pauses = GcPauses.of(data.pauses);

/** What else is to be done between polls. */
interface Between {
  /** After every poll. */
  polled(): void;
  /** There is nothing to read at the moment. */
  idle(): void;
}

/** Opens the source, and gives what there is to do with it besides. */
function open(): [Source, Between?] {
  const { source, fragments, session } = data;
  const wiring: SourceWiring = { rings: data.rings, lot, parkWord: data.park, counters: openCounterBlock(data.counters) };
  const marks = [...session.keep_packets.map(({ filter }) => filter), ...data.ruleFilters];
  const path: CapturePathOptions = {
    ...(source.filter === '' ? {} : { filter: source.filter }),
    checksums: source.checksums,
    hashVlan: data.hashVlan,
    hashVni: data.hashVni,
    ...(session.identity === 'arkime'
      ? {
          identity: {
            vlan: session.track_vlan,
            vni: session.track_vni,
            collapse: session.same_network.flatMap(({ id, ids }) => ids.map((each) => [each, id])),
            keepCorrupt: session.odd_packets !== 'none',
          },
        }
      : {}),
    ...(marks.length > 0 ? { marks } : {}),
    maxClockJumpMs: source.max_clock_jump_secs * 1000,
    fragmentBytes: fragments.max_bytes,
    fragmentDatagrams: fragments.max_datagrams,
    fragmentTimeoutMs: fragments.timeout_secs * 1000,
  };
  if (source.kind === 'folder') return openFolder(source, path, wiring);
  if (source.kind === 'cap') throw new Error('libpcap has a loop of its own');
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

function openFolder(source: FolderSourceConfig, path: CapturePathOptions, wiring: SourceWiring): [Source, Between] {
  const feed = openFeed({ path }, wiring);
  const done = source.skip ? readLedger(resolve(data.directory, source.state_file)) : new Map<string, LedgerEntry>();
  const watch = new FolderWatch(source, feed, done, (message) => send({ type: 'log', level: 'warn', message }));
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

function passNotices(source: Source): void {
  for (let notice = source.takeNotice(); notice !== null; notice = source.takeNotice())
    send({ type: 'log', level: 'warn', message: notice });
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
    passNotices(source);
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

try {
  if (data.cpus.length > 0) setAffinity(data.cpus);
  const [source, between] = open();
  send({ type: 'ready' });
  if (data.source.kind === 'af_packet') send({ type: 'log', level: 'info', message: `capturing on ${data.source.interface}` });
  run(source, between);
  passNotices(source);
  pauses?.read();
  send({ type: 'done' });
} catch (error) {
  if (!(error instanceof SensorError)) throw error;
  send({ type: 'failed', error: reportError(error) });
}
