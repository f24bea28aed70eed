// One worker thread under the supervisor: starts it, hears its messages, and starts it again with the same place in the
// rings when it dies. And what it has in common with those that need no thread. Main thread only.

import { Worker } from 'node:worker_threads';
import { SensorError } from '../errors.ts';
import type { CaptureFile } from '../record/index.ts';
import { type LogLevel, type PacketWorkerData, type RulesMessage, restoreError, type WorkerMessage } from './protocol.ts';
import type { ReportedFile } from './read-files.ts';

/**
 * Young generation of a worker's heap, in MiB. Little of what a worker allocates lives, so more room would only be more
 * memory that is touched for the first time, which costs more than the collections it saves.
 */
const youngMb = 12;

export type ThreadState = 'starting' | 'running' | 'done' | 'failed';

export interface ThreadEvents {
  log(level: LogLevel, message: string): void;
  /** The thread has ended without having finished its work; `cause` is what it said or how it exited. */
  died(cause: Error): void;
  /** The thread has ended because of an operating error. */
  failed(cause: Error): void;
  done(): void;
  /** An output has finished or deleted a capture file. */
  file(file: CaptureFile): void;
  /** A capture worker has delivered the last packet of a file of its folder. */
  read(file: ReportedFile): void;
}

/** What the supervisor knows of whoever has a part in a run. */
export interface RunningThread {
  readonly name: string;
  state: ThreadState;
  /** Times it was started anew. */
  readonly restarts: number;
  /** Settles when it first says that it is ready; rejects when it fails before. */
  readonly ready: Promise<void>;
  /** Ends it, whatever it does; it counts as a death. */
  terminate(): Promise<void>;
}

/** Whose death need not end the run. */
export interface ReplaceableThread<Data extends object> extends RunningThread {
  restarts: number;
  /** Starts it. After a death call it again, with data that tells the successor of it. */
  start(data: Data): void;
}

/** A packet worker. */
export interface PacketThread extends ReplaceableThread<PacketWorkerData> {
  /** A message, which it looks for when it is signalled. */
  send(message: RulesMessage): void;
}

/** How somebody stands in a run, and who hears of it: the same for threads and for what needs none. */
export abstract class Standing implements RunningThread {
  readonly name: string;
  state: ThreadState = 'starting';
  restarts = 0;
  readonly ready: Promise<void>;
  protected readonly events: ThreadEvents;
  readonly #settleReady: { resolve: () => void; reject: (error: Error) => void };

  constructor(name: string, events: ThreadEvents) {
    this.name = name;
    this.events = events;
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    this.ready = promise;
    this.#settleReady = { resolve, reject };
    // The supervisor waits for `ready` of all threads together; a failure must not count as unhandled meanwhile.
    this.ready.catch(() => {});
  }

  abstract terminate(): Promise<void>;

  protected began(): void {
    this.state = 'running';
    this.#settleReady.resolve();
  }

  protected finished(): void {
    this.state = 'done';
    this.#settleReady.resolve();
    this.events.done();
  }

  /** It has ended without having finished its work: by an operating error, or by a fault that somebody may mend by starting it again. */
  protected gone(error: unknown): void {
    const cause = error instanceof Error ? error : new Error(String(error));
    this.state = 'failed';
    this.#settleReady.reject(cause);
    if (cause instanceof SensorError) this.events.failed(cause);
    else this.events.died(cause);
  }
}

export class Thread extends Standing implements ReplaceableThread<object> {
  readonly #url: URL;
  #worker: Worker | undefined;

  constructor(name: string, url: URL, events: ThreadEvents) {
    super(name, events);
    this.#url = url;
  }

  start(data: object): void {
    const worker = new Worker(this.#url, {
      workerData: data,
      name: this.name,
      resourceLimits: { maxYoungGenerationSizeMb: youngMb },
    });
    this.#worker = worker;
    let thrown: unknown;
    let operating: Error | undefined;
    worker.on('message', (message: WorkerMessage) => {
      if (message.type === 'log') this.events.log(message.level, message.message);
      else if (message.type === 'file') this.events.file(message.file);
      else if (message.type === 'read') this.events.read(message.file);
      else if (message.type === 'failed') operating = restoreError(message.error);
      else if (message.type === 'done') this.state = 'done';
      else this.began();
    });
    worker.on('error', (error: unknown) => {
      thrown = error;
    });
    worker.on('exit', (code) => {
      this.#worker = undefined;
      if (this.state === 'done') this.finished();
      else this.gone(operating ?? thrown ?? new Error(`the thread ended with code ${code}`));
    });
  }

  /** A message for a thread that looks for it when it is signalled. */
  send(message: object): void {
    this.#worker?.postMessage(message);
  }

  /** Kills the thread: for tests and for what does not end by itself. */
  async terminate(): Promise<void> {
    await this.#worker?.terminate();
  }
}
