// A source of regular files, read without a thread of its own: the capture crate reads and writes rings in Node's thread pool, a poll at a
// time, and between polls the main thread wakes consumers and waits for room. A JavaScript thread costs more to start than a small capture to
// read. To the supervisor it is a thread like others. What can be waited for (pipes, interfaces, folders to watch), or is
// pinned to a CPU, has a capture worker (capture.ts).

import { statSync } from 'node:fs';
import { openFiles, type Source } from '../capture/index.ts';
import type { FileSourceConfig, SourceConfig } from '../config/index.ts';
import { openCounterBlock } from '../counters/index.ts';
import { ParkingLot, PollStatus } from '../ring/index.ts';
import { filteredPath } from './capture-path.ts';
import { type CaptureWorkerData, Signal } from './protocol.ts';
import { Standing } from './thread.ts';

/** Packets a poll: some ten milliseconds of work, so that signals are heard. Sleepers are woken sooner, for them a poll ends. */
const pollBudget = 65_536;
/** How often a full ring is looked at again. */
const fullRingCheckMs = 200;

/** Whether a source can be read so: all it reads is there and ends. */
export function isRegular(source: SourceConfig): source is FileSourceConfig {
  if (source.kind !== 'file' || source.cpus.length > 0) return false;
  return source.paths.every((path) => path !== '-' && isFileOrFolder(path));
}

function isFileOrFolder(path: string): boolean {
  try {
    const stats = statSync(path);
    return stats.isFile() || stats.isDirectory();
  } catch {
    // Who opens it says why it cannot be read.
    return false;
  }
}

export class FileCapture extends Standing {
  #killed = false;

  /** Opens the files and begins to read them. */
  start(data: CaptureWorkerData, { paths, recursive }: FileSourceConfig): void {
    const lot = new ParkingLot(data.lot);
    const wiring = { rings: data.rings, lot, parkWord: data.park, counters: openCounterBlock(data.counters) };
    let source: Source;
    try {
      source = openFiles({ inputs: [...paths], recursive, path: filteredPath(data) }, wiring);
    } catch (error) {
      this.gone(error);
      return;
    }
    this.began();
    void this.#run(source, lot, data.park).then(
      () => this.finished(),
      (error: unknown) => this.gone(error),
    );
  }

  async terminate(): Promise<void> {
    this.#killed = true;
  }

  /** Polls until the end. A source that fails is polled on: it delivers what it holds back and closes its rings. */
  async #run(source: Source, lot: ParkingLot, park: number): Promise<void> {
    let failure: unknown;
    for (;;) {
      let status: number = PollStatus.progress;
      try {
        status = await source.pollInPool(pollBudget);
      } catch (error) {
        // The same failure a second time means that there is no end to wait for.
        if (failure !== undefined) throw failure;
        failure = error;
      }
      source.passNotices((notice) => this.events.log('warn', notice));
      if (status === PollStatus.end) break;
      if (this.#killed) throw new Error('the source was ended');
      if ((lot.takeSignals(park) & (Signal.stop | Signal.abort)) !== 0) source.stop();
      else if (status === PollStatus.ringFull) await lot.sleepAsync(park, fullRingCheckMs);
    }
    if (failure !== undefined) throw failure;
  }
}
