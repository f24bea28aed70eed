// The pipe to the capture worker, from the process that captures: packets in batches, messages between them. What waits in it
// is bounded; packets beyond that are dropped and counted.

import type { Writable } from 'node:stream';
import { type CaptureMessage, FrameKind, frameHeadBytes } from '../../src/plugin/index.ts';

const batchBytes = 256 << 10;
const packetHeadBytes = 16;

export class Channel {
  readonly #stream: Writable;
  readonly #maxWaitingBytes: number;
  #batch = Buffer.allocUnsafe(batchBytes);
  #length = frameHeadBytes;
  #scheduled = false;
  #dropped = 0;

  constructor(stream: Writable, maxWaitingBytes: number) {
    this.#stream = stream;
    this.#maxWaitingBytes = maxWaitingBytes;
    // The sensor is gone: so is the reason to be here.
    stream.on('error', () => process.exit(1));
  }

  /** Adds a packet: the first `captured` of `bytes`, at `timeUs` (µs since 1970), `wireLength` bytes on the wire. */
  packet(bytes: Buffer, captured: number, wireLength: number, timeUs: number): void {
    const size = packetHeadBytes + captured;
    if (this.#length + size > batchBytes) this.#flush();
    if (this.#stream.writableLength > this.#maxWaitingBytes) {
      this.#dropped++;
      return;
    }
    const at = this.#length;
    this.#batch.writeDoubleLE(timeUs, at);
    this.#batch.writeUInt32LE(captured, at + 8);
    this.#batch.writeUInt32LE(wireLength, at + 12);
    bytes.copy(this.#batch, at + packetHeadBytes, 0, captured);
    this.#length = at + size;
    if (this.#scheduled) return;
    this.#scheduled = true;
    // After all packets that libpcap has at hand.
    setImmediate(() => this.#flush());
  }

  message(message: CaptureMessage): void {
    this.#flush();
    const text = Buffer.from(JSON.stringify(message));
    this.#stream.write(Buffer.concat([headOf(FrameKind.message, text.length), text]));
  }

  /** Tells how many packets were dropped since the last time. */
  tellDropped(): void {
    const packets = this.#dropped;
    this.#dropped = 0;
    if (packets > 0) this.message({ type: 'dropped', packets });
  }

  end(done: () => void): void {
    this.tellDropped();
    this.#flush();
    this.#stream.end(done);
  }

  #flush(): void {
    this.#scheduled = false;
    if (this.#length === frameHeadBytes) return;
    headOf(FrameKind.packets, this.#length - frameHeadBytes).copy(this.#batch);
    // The stream keeps what it is given until it is written.
    this.#stream.write(Buffer.from(this.#batch.subarray(0, this.#length)));
    this.#length = frameHeadBytes;
  }
}

function headOf(kind: number, length: number): Buffer {
  const head = Buffer.allocUnsafe(frameHeadBytes);
  head.writeUInt32LE(kind, 0);
  head.writeUInt32LE(length, 4);
  return head;
}
