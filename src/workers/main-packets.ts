// A packet worker without a thread of its own: where it is the only one, reads a few regular files and has outputs that need no thread
// either, its loop runs on the main thread, and the run has one JavaScript thread. One more costs as much to start as many a small capture to
// read. To the supervisor it is a thread like others. Main thread; the event loop runs after each batch of packets, some
// milliseconds of work.

import { statSync } from 'node:fs';
import type { Config, SourceConfig } from '../config/index.ts';
import { isRegular } from './file-capture.ts';
import { needsNoThread } from './main-output.ts';
import type { PacketLoop } from './packet-loop.ts';
import type { PacketWorkerData, RulesMessage } from './protocol.ts';
import type { LoadedPlugin } from './supervisor.ts';
import { type PacketThread, Standing } from './thread.ts';

/**
 * Bytes of capture files up to which a thread costs more than it brings: it takes as long to start as a twentieth of their run. Of longer
 * runs it takes a sixth off the time by the clock, because outputs are served beside it.
 */
const mostBytes = 128 << 20;

/** Bytes of a source's files; of folders and what is gone nobody knows. */
function bytesOf(source: SourceConfig): number {
  if (!isRegular(source)) return Number.POSITIVE_INFINITY;
  let bytes = 0;
  for (const path of source.paths) {
    const stats = statSync(path, { throwIfNoEntry: false });
    bytes += stats?.isFile() === true ? stats.size : Number.POSITIVE_INFINITY;
  }
  return bytes;
}

/**
 * Whether the packet worker of a run is run so. Outputs with policy `drop` are to take what they can while packets are handled, which
 * takes a second thread.
 */
export function needsNoPacketThread(
  { sources, outputs, workers }: Config,
  plugins: ReadonlyMap<string, LoadedPlugin>,
  packetWorkers: number,
): boolean {
  if (packetWorkers !== 1 || workers.cpus.length > 0) return false;
  if (sources.reduce((bytes, source) => bytes + bytesOf(source), 0) > mostBytes) return false;
  return outputs.every((output) => {
    const plugin = plugins.get(output.common.kind)?.plugin;
    return plugin !== undefined && output.common.policy !== 'drop' && needsNoThread(plugin, output, packetWorkers);
  });
}

type PacketWorker = typeof import('./packet-worker.ts');

/** The code of packet workers: a bundle of its own, which runs without this never read. */
async function loadPacketWorker(): Promise<PacketWorker> {
  const file = import.meta.url.endsWith('.ts') ? 'packet-worker.ts' : 'packet-worker.cjs';
  return (await import(new URL(file, import.meta.url).href)) as PacketWorker;
}

/** One life of it. */
interface Life {
  loop: PacketLoop | undefined;
  isKilled: boolean;
  /** What the supervisor has sent, and nobody has taken yet. */
  readonly messages: RulesMessage[];
  /** Settles when its loop has ended, and that is told. */
  readonly over: Promise<void>;
}

export class MainPackets extends Standing implements PacketThread {
  #life: Life | undefined;

  start(data: PacketWorkerData): void {
    const { promise, resolve } = Promise.withResolvers<void>();
    const life: Life = { loop: undefined, isKilled: false, messages: [], over: promise };
    this.#life = life;
    // Later, as threads start: who starts all of them has none yet that could fail.
    queueMicrotask(() => void this.#live(life, data).then(resolve));
  }

  send(message: RulesMessage): void {
    this.#life?.messages.push(message);
  }

  /** Its loop ends at its next turn. */
  async terminate(): Promise<void> {
    const life = this.#life;
    if (life === undefined) return;
    life.isKilled = true;
    life.loop?.kill();
    await life.over;
  }

  /** Never rejects. */
  async #live(life: Life, data: PacketWorkerData): Promise<void> {
    try {
      const { createPacketLoop } = await loadPacketWorker();
      const { loop, room } = createPacketLoop(data, {
        log: (level, message) => this.events.log(level, message),
        nextMessage: () => life.messages.shift(),
      });
      life.loop = loop;
      this.began();
      if (life.isKilled) loop.kill();
      if (data.successor) loop.resume();
      await loop.runBetween(room);
      this.#life = undefined;
      this.finished();
    } catch (error) {
      this.#life = undefined;
      this.gone(error);
    }
  }
}
