// The loop of a capture worker whose packets come from libpcap: pushes what the capturing process sends into the source, lets
// it be handled at once, and starts the process again when the interface has gone. The only capture worker with an event
// loop.

import { type OpenPushOptions, openPush, type PushedSource, type SourceWiring } from '../capture/index.ts';
import type { CapSourceConfig } from '../config/index.ts';
import { errorCodes, SensorError } from '../errors.ts';
import type { CaptureMessage } from '../plugin/index.ts';
import { PollStatus } from '../ring/index.ts';
import { CapProcess } from './cap-process.ts';
import { type LogLevel, Signal } from './protocol.ts';

/** Builds the npm package, from the project's root. */
export const capBuildCommand = 'npm run install-cap';

const pollBudget = 4096;
/** Signals are looked at, and the clock is told, this often. */
const tickMs = 50;
const restartMs = 1000;

export interface CapLoopOptions {
  readonly source: CapSourceConfig;
  /** URL of the program that captures. */
  readonly program: string;
  readonly path: NonNullable<OpenPushOptions['path']>;
  readonly wiring: SourceWiring;
  log(level: LogLevel, message: string): void;
  /** It captures. */
  onReady(): void;
  /** After every tick. */
  onTick(): void;
}

export class CapLoop {
  readonly #options: CapLoopOptions;
  #process: CapProcess | undefined;
  #source: PushedSource | undefined;
  #linkType = 0;
  #stopping = false;
  #isDown = false;
  #timer: NodeJS.Timeout | undefined;
  #settle!: { resolve: () => void; reject: (error: unknown) => void };

  constructor(options: CapLoopOptions) {
    this.#options = options;
  }

  /** Captures until it is told to stop. Rejects with a SensorError when it cannot begin. */
  async run(): Promise<void> {
    const finished = new Promise<void>((resolve, reject) => {
      this.#settle = { resolve, reject };
    });
    this.#timer = setInterval(() => this.#inLoop(() => this.#tick()), tickMs);
    this.#start();
    try {
      await finished;
    } finally {
      clearInterval(this.#timer);
      this.#process?.kill();
    }
  }

  #start(): void {
    const { source, program } = this.#options;
    const { interface: name, filter, snap_length: snapLength, buffer_bytes: bufferBytes } = source;
    this.#process = new CapProcess(
      program,
      { interface: name, filter, snapLength, bufferBytes },
      {
        packets: (batch, length) => this.#inLoop(() => this.#packets(batch, length)),
        message: (message) => this.#inLoop(() => this.#message(message)),
        ended: (text) => this.#inLoop(() => this.#ended(text)),
      },
    );
  }

  /** What goes wrong in an event ends the loop. */
  #inLoop(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#settle.reject(error);
    }
  }

  #packets(batch: Buffer, length: number): void {
    this.#source?.push(batch, length);
    this.#poll();
  }

  /** Handles all that was pushed; live, it never waits for a ring. */
  #poll(): void {
    const source = this.#source;
    if (source === undefined) return;
    let status: number;
    do status = source.poll(pollBudget);
    while (status === PollStatus.progress);
    source.passNotices((notice) => this.#options.log('warn', notice));
    if (status === PollStatus.end) this.#settle.resolve();
  }

  #tick(): void {
    const { wiring, onTick } = this.#options;
    if (!this.#stopping && (wiring.lot.takeSignals(wiring.parkWord) & (Signal.stop | Signal.abort)) !== 0) this.#stop();
    this.#poll();
    onTick();
  }

  #stop(): void {
    this.#stopping = true;
    if (this.#process === undefined) this.#end();
    else this.#process.stop();
  }

  /** The last packet was pushed. */
  #end(): void {
    if (this.#source === undefined) this.#settle.resolve();
    this.#source?.stop();
    this.#poll();
  }

  #message(message: CaptureMessage): void {
    const { source, path, wiring, log, onReady } = this.#options;
    if (message.type === 'dropped') this.#source?.addDropped(message.packets);
    else if (message.type === 'failed') this.#failed(message);
    else if (message.type === 'ready' && this.#source === undefined) {
      this.#linkType = message.linkType;
      this.#source = openPush({ linkType: message.linkType, path }, wiring);
      onReady();
    } else if (message.type === 'ready' && message.linkType === this.#linkType) {
      this.#isDown = false;
      log('warn', `${source.interface}: is up again`);
    } else if (message.type === 'ready') {
      // Another interface under the same name: its frames would be taken for others.
      this.#process?.stop();
    }
  }

  #failed(message: CaptureMessage & { type: 'failed' }): void {
    // Captured once, it may come back; what is wrong then is not told every second.
    if (this.#source === undefined) this.#settle.reject(capError(this.#options.source.interface, message));
  }

  #ended(text: string): void {
    this.#process = undefined;
    if (this.#stopping) {
      this.#end();
      return;
    }
    const { source, log } = this.#options;
    if (this.#source === undefined) {
      const reason = `the process that captures with libpcap has ended (${text})`;
      throw new SensorError(errorCodes.sourceInterface, `${source.interface}: ${reason}`);
    }
    if (!this.#isDown) {
      this.#isDown = true;
      this.#source.addInterfaceDown();
      log('warn', `${source.interface}: went away (${text}); looking for it every second`);
    }
    setTimeout(() => {
      if (!this.#stopping) this.#start();
    }, restartMs);
  }
}

/** What the capturing process says, as an error that can be acted on. */
export function capError(name: string, { reason, message }: CaptureMessage & { type: 'failed' }): SensorError {
  switch (reason) {
    case 'missing':
      return new SensorError(errorCodes.addon, `${name}: the npm package cap, by which libpcap is used, is not built`, {
        hint: `build it with: ${capBuildCommand}`,
      });
    case 'load':
      return new SensorError(errorCodes.addon, `${name}: the npm package cap cannot be loaded: ${message}`, {
        hint: `build it again with: ${capBuildCommand}`,
      });
    case 'permission':
      return new SensorError(errorCodes.permission, `${name}: libpcap may not capture: ${message}`, {
        hint:
          process.platform === 'linux'
            ? `sudo setcap cap_net_raw,cap_net_admin+eip ${process.execPath}`
            : 'run it as a user that may capture, such as root',
      });
    default:
      return new SensorError(errorCodes.sourceInterface, `${name}: ${message}`, {
        hint: 'ringtap interfaces shows what there is',
      });
  }
}
