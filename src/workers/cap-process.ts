// The process that captures with libpcap, as its capture worker sees it: started, listened to, ended. What it sends is drawn in
// src/plugin/capture-program.ts.

import { type ChildProcess, spawn } from 'node:child_process';
import type { Readable } from 'node:stream';
import { fileURLToPath } from 'node:url';
import {
  type CaptureMessage,
  type CaptureRequest,
  FrameKind,
  frameHeadBytes as headBytes,
  maxFrameBytes,
} from '../plugin/index.ts';

/** So long it may take to end once it was asked to. */
const endMs = 3000;
const maxErrorText = 4096;

export interface CapEvents {
  /** The first `length` bytes are a batch; valid until this returns. */
  packets(batch: Buffer, length: number): void;
  message(message: CaptureMessage): void;
  /** It has ended; `text`: how, and what it has printed as errors. Nothing follows. */
  ended(text: string): void;
}

export class CapProcess {
  readonly #child: ChildProcess;
  readonly #events: CapEvents;
  #frame = Buffer.alloc(headBytes + maxFrameBytes);
  #length = 0;
  #timer: NodeJS.Timeout | undefined;

  /** Starts the program at `url`. */
  constructor(url: string, request: CaptureRequest, events: CapEvents) {
    this.#events = events;
    const args = [fileURLToPath(url), JSON.stringify(request)];
    this.#child = spawn(process.execPath, args, { stdio: ['pipe', 'ignore', 'pipe', 'pipe'] });
    let printed = '';
    this.#child.stdin?.on('error', () => {});
    this.#child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      printed = `${printed}${text}`.slice(-maxErrorText);
    });
    (this.#child.stdio[3] as Readable).on('data', (bytes: Buffer) => this.#take(bytes)).on('error', () => {});
    this.#child.on('error', (error) => {
      printed = error.message;
    });
    this.#child.on('close', (code, signal) => {
      clearTimeout(this.#timer);
      events.ended(`${signal ?? `exit code ${code}`}${printed === '' ? '' : `: ${printed.trim()}`}`);
    });
  }

  /** Asks it to send what it has and end. */
  stop(): void {
    this.#child.stdin?.end();
    this.#timer ??= setTimeout(() => this.#child.kill('SIGKILL'), endMs);
  }

  kill(): void {
    this.#child.kill('SIGKILL');
  }

  #take(bytes: Buffer): void {
    let from = 0;
    while (from < bytes.length) {
      const missing = this.#length < headBytes ? headBytes - this.#length : headBytes + this.#bodyBytes() - this.#length;
      const count = Math.min(missing, bytes.length - from);
      bytes.copy(this.#frame, this.#length, from, from + count);
      this.#length += count;
      from += count;
      if (this.#length < headBytes) continue;
      const body = this.#bodyBytes();
      if (body > maxFrameBytes) throw new Error(`the process that captures sent a frame of ${body} bytes`);
      if (this.#length === headBytes + body) this.#whole(body);
    }
  }

  #bodyBytes(): number {
    return this.#frame.readUInt32LE(4);
  }

  #whole(length: number): void {
    this.#length = 0;
    const body = this.#frame.subarray(headBytes, headBytes + length);
    if (this.#frame.readUInt32LE(0) === FrameKind.packets) this.#events.packets(body, length);
    else this.#events.message(JSON.parse(body.toString()) as CaptureMessage);
  }
}
