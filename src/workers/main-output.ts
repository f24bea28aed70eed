// An output without a thread of its own: its plugin says that its work is done elsewhere, and the main thread gathers batches for
// it. A JavaScript thread costs more to start than a small capture to read. To the supervisor it is a thread like others. Main
// thread; never waits without leaving the event loop running.

import type { OutputConfig } from '../config/index.ts';
import type { OutputPlugin } from '../plugin/index.ts';
import { ParkingLot } from '../ring/index.ts';
import { createRecordRunner, logOf } from './output-making.ts';
import type { OutputRunner } from './output-runner.ts';
import type { OutputWorkerData } from './protocol.ts';
import { type ReplaceableThread, Standing, type ThreadEvents } from './thread.ts';

/**
 * Packet workers whose records the main thread gathers beside all else. Where records are most of the traffic (DNS), it has an eighth of
 * a second to do for each second of one of them (docs/performance.md); for many of them one more thread does not matter either.
 */
const mostPacketWorkers = 4;
/** How long an output that is given up has to answer, and then again to close what it has open. */
const leaveMs = 1000;

/**
 * Whether an output is run so in a run over regular files. Records that are put in order are handled one by one, and those that go
 * through a disk queue wait for it: that is too much beside the poll of files.
 */
export function needsNoThread(plugin: OutputPlugin, { common }: OutputConfig, packetWorkers: number): boolean {
  if (plugin.light !== true || plugin.packets !== undefined || packetWorkers > mostPacketWorkers) return false;
  return !common.ordered && common.policy !== 'spill';
}

/** One life of it. */
interface Life {
  runner: OutputRunner | undefined;
  /** Settles when its loop has ended and its output is closed. */
  readonly over: Promise<void>;
}

export class MainOutput extends Standing implements ReplaceableThread<OutputWorkerData> {
  readonly #plugin: OutputPlugin;
  #life: Life | undefined;

  constructor(name: string, plugin: OutputPlugin, events: ThreadEvents) {
    super(name, events);
    this.#plugin = plugin;
  }

  start(data: OutputWorkerData): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const life: Life = { runner: undefined, over: promise };
    this.#life = life;
    // Later, as threads start: who starts all of them has none yet that could fail.
    queueMicrotask(() => void this.#live(life, data).then(resolve));
  }

  /** Its successor gets the batch in hand again; of the plugin's answer to it nothing is heard any more. */
  async terminate(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    life.runner?.kill();
    if (!(await within(leaveMs, life.over))) this.#end(life, () => this.gone(new Error('it did not come back, and was ended')));
  }

  /** Never rejects. */
  async #live(life: Life, data: OutputWorkerData): Promise<void> {
    try {
      const log = logOf((level, message) => this.events.log(level, message));
      const onReady = (): void => {
        if (this.#life === life) this.began();
      };
      life.runner = createRecordRunner(this.#plugin, data, new ParkingLot(data.lot), log, onReady);
      await life.runner.run();
      this.#end(life, () => this.finished());
    } catch (error) {
      if (life.runner !== undefined) await within(leaveMs, life.runner.leave(leaveMs));
      this.#end(life, () => this.gone(error));
    }
  }

  /** Tells of its end once; one that was given up may end long after. */
  #end(life: Life, tell: () => void): void {
    if (this.#life !== life) return;
    this.#life = undefined;
    tell();
  }
}

/** Whether `promise`, which never rejects, settles in that time. */
async function within(ms: number, promise: Promise<void>): Promise<boolean> {
  let timer: NodeJS.Timeout | undefined;
  const tooLate = new Promise<boolean>((resolve) => {
    timer = setTimeout(() => resolve(false), ms);
  });
  try {
    return await Promise.race([promise.then(() => true), tooLate]);
  } finally {
    clearTimeout(timer);
  }
}
