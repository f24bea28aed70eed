// A TCP connection as a tap sees it: handshake, segments acknowledged, FINs. Times move on as packets are sent.

import { type Endpoint, Flag, tcpFrame } from './frames.ts';

export const segmentBytes = 1460;

export interface FrameSink {
  add(timeUs: number, frame: Buffer): void;
}

export class Connection {
  readonly client: Endpoint;
  readonly server: Endpoint;
  timeUs: number;
  readonly #sink: FrameSink;
  readonly #minimumBytes: number;
  /** Next sequence number of client and server. */
  readonly #next: [number, number];

  constructor(
    sink: FrameSink,
    client: Endpoint,
    server: Endpoint,
    timeUs: number,
    firstSequences: readonly [number, number],
    minimumBytes = 0,
  ) {
    this.#sink = sink;
    this.client = client;
    this.server = server;
    this.timeUs = timeUs;
    this.#next = [firstSequences[0], firstSequences[1]];
    this.#minimumBytes = minimumBytes;
  }

  packet(from: 0 | 1, flags: number, payload?: Uint8Array): void {
    const [source, destination] = from === 0 ? [this.client, this.server] : [this.server, this.client];
    const other = from === 0 ? 1 : 0;
    const acknowledgement = (flags & Flag.ack) !== 0 ? this.#next[other] : 0;
    this.#sink.add(
      this.timeUs,
      tcpFrame(source, destination, this.#next[from], acknowledgement, flags, payload, this.#minimumBytes),
    );
    const consumed = (payload?.length ?? 0) + ((flags & (Flag.syn | Flag.fin)) !== 0 ? 1 : 0);
    this.#next[from] = (this.#next[from] + consumed) >>> 0;
    this.timeUs += 10;
  }

  open(): void {
    this.packet(0, Flag.syn);
    this.packet(1, Flag.syn | Flag.ack);
    this.packet(0, Flag.ack);
  }

  /** Sends bytes in segments, each second one acknowledged. */
  send(from: 0 | 1, bytes: Uint8Array, segment = segmentBytes): void {
    let sent = 0;
    for (let at = 0; at < bytes.length; at += segment) {
      const part = bytes.subarray(at, at + segment);
      this.packet(from, Flag.ack | (at + segment >= bytes.length ? Flag.psh : 0), part);
      if (++sent % 2 === 0) this.packet(from === 0 ? 1 : 0, Flag.ack);
    }
  }

  acknowledge(from: 0 | 1): void {
    this.packet(from, Flag.ack);
  }

  close(): void {
    this.packet(0, Flag.fin | Flag.ack);
    this.packet(1, Flag.fin | Flag.ack);
    this.packet(0, Flag.ack);
  }
}
