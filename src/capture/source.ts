// A source of packets: opened and attached to its rings at start, then polled in a loop, on the thread that opened it or from there in
// Node's thread pool. Each poll wakes the consumers that slept; nothing here waits.

import { type ParkingLot, PollStatus } from '../ring/index.ts';
import {
  type CaptureSource,
  captureError,
  type FinishedFile,
  loadAddon,
  type OpenFeedOptions,
  type OpenFilesOptions,
  type OpenInterfaceOptions,
  type OpenPushOptions,
} from './addon.ts';

export interface SourceWiring {
  /** One ring for each packet worker, as `createRing` made it; `producerPark` is `parkWord` in all of them. */
  readonly rings: readonly SharedArrayBuffer[];
  readonly lot: ParkingLot;
  /** The parking word on which this source sleeps when a ring is full. */
  readonly parkWord: number;
  /** This source's block of counters, in the order of `captureCounters`. */
  readonly counters: Float64Array;
}

export class Source {
  /** Names of the files by file id; empty for an interface. */
  readonly fileNames: readonly string[];
  protected readonly native: CaptureSource;
  readonly #lot: ParkingLot;
  readonly #woken: Uint32Array;

  /** Attaches an opened source to its rings. Throws `RT_RING` when they are not what the source can write to. */
  constructor(native: CaptureSource, wiring: SourceWiring) {
    this.native = native;
    this.#lot = wiring.lot;
    this.#woken = new Uint32Array(wiring.rings.length);
    this.fileNames = native.fileNames;
    const { buffer, byteOffset, byteLength } = wiring.counters;
    try {
      native.attach(
        wiring.rings.map((ring) => new Uint8Array(ring)),
        new Uint8Array(wiring.lot.buffer),
        wiring.parkWord,
        new Uint8Array(buffer, byteOffset, byteLength),
        this.#woken,
      );
    } catch (cause) {
      throw captureError(cause);
    }
  }

  /**
   * Handles at most `budget` packets, wakes the consumers that slept, and gives a `PollStatus`. After `ringFull`
   * sleep on the source's parking word (`lot.sleep`), whose flag is raised already; after `end` no more comes. Throws
   * a `SensorError` when the source fails; polling on then delivers what is held back and ends.
   */
  poll(budget: number): number {
    let result: number;
    try {
      result = this.native.poll(budget);
    } catch (cause) {
      throw captureError(cause);
    }
    return this.#wake(result);
  }

  /** As `poll`, in the thread pool; one at a time. Rejects with what `poll` throws. */
  async pollInPool(budget: number): Promise<number> {
    const result = await this.native.pollInPool(budget);
    return result === PollStatus.failed ? this.poll(0) : this.#wake(result);
  }

  #wake(result: number): number {
    for (let index = (result >>> 8) - 1; index >= 0; index -= 1) this.#lot.notify(this.#woken[index] as number);
    return result & 0xff;
  }

  /** A message for the operator since the last call, or null. */
  takeNotice(): string | null {
    return this.native.takeNotice();
  }

  /** Tells the messages for the operator since the last call. */
  passNotices(tell: (notice: string) => void): void {
    for (let notice = this.takeNotice(); notice !== null; notice = this.takeNotice()) tell(notice);
  }

  /** Ends the source: polls deliver what it still has, close the rings and give `end`. */
  stop(): void {
    this.native.stop();
  }
}

/** Opens capture files, plain or packed, as one source in time order. Throws a `SensorError`. */
export function openFiles(options: OpenFilesOptions, wiring: SourceWiring): Source {
  return new Source(loadAddon().openFiles(options), wiring);
}

/**
 * Opens an interface: a poll then waits up to `pollTimeoutMs` for packets, and a full ring drops once half of the kernel's memory is filled. Throws a `SensorError`,
 * `RT_PERMISSION` with the `setcap` line as hint when the process lacks the capabilities.
 */
export function openInterface(options: OpenInterfaceOptions, wiring: SourceWiring): Source {
  return new Source(loadAddon().openInterface(options), wiring);
}

/** A source of files that come while it runs. */
export class FileFeed extends Source {
  /** Adds a file, which the next poll looks at. */
  addFile(path: string): void {
    this.native.addFile(path);
  }

  /** No more files come: the source ends with the last one. */
  complete(): void {
    this.native.complete();
  }

  /** The files whose packets have all been delivered, since the last call. */
  takeFinished(): FinishedFile[] {
    return this.native.takeFinished();
  }
}

/** Opens a source of capture files, plain or packed, that `addFile` names. A bad file is a notice and a counted error. */
export function openFeed(options: OpenFeedOptions, wiring: SourceWiring): FileFeed {
  return new FileFeed(loadAddon().openFeed(options), wiring);
}

/** A live source of packets that somebody else has captured. */
export class PushedSource extends Source {
  /**
   * Brings the packets of the first `length` bytes of `batch`, laid out as `crates/capture/src/source/push.rs` draws it, to
   * be handled by the next polls. Throws `RT_SOURCE_FORMAT` when its lengths do not add up.
   */
  push(batch: Uint8Array, length: number): void {
    try {
      this.native.push(batch, length);
    } catch (cause) {
      throw captureError(cause);
    }
  }

  /** So many packets more were dropped on their way here. */
  addDropped(packets: number): void {
    this.native.addDropped(packets);
  }

  /** The interface went away once more. */
  addInterfaceDown(): void {
    this.native.addInterfaceDown();
  }
}

/** Opens a source into which packets are pushed. */
export function openPush(options: OpenPushOptions, wiring: SourceWiring): PushedSource {
  return new PushedSource(loadAddon().openPush(options), wiring);
}
