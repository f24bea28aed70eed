// A capture under construction: conversations between hosts, each frame a millisecond after the one before.

import { pcapBytes, type TimedFrame } from '../../tools/traces/index.ts';
import { ethernet, etherTypeOf, type Host, ip, Protocol, tcp, udp } from './layers.ts';

export const startUs = 1_760_000_000_000_000;
const frameUs = 1000;
const Flag = { fin: 1, syn: 2, rst: 4, psh: 8, ack: 16 } as const;

/** Puts what is around an IP packet: the Ethernet header, or tags and tunnels. */
export type Wrap = (from: Host, to: Host, packet: Buffer) => Buffer;

const plain: Wrap = (from, to, packet) => ethernet(from, to, etherTypeOf(from), packet);

export class Tap {
  readonly #frames: TimedFrame[] = [];
  #timeUs = startUs;

  frame(frame: Buffer): void {
    this.#frames.push({ timeUs: this.#timeUs, frame });
    this.#timeUs += frameUs;
  }

  /** Lets time pass. */
  wait(ms: number): void {
    this.#timeUs += ms * 1000;
  }

  datagram(from: Host, fromPort: number, to: Host, toPort: number, payload: Uint8Array, wrap: Wrap = plain): void {
    this.frame(wrap(from, to, ip(from, to, Protocol.udp, udp(from, fromPort, to, toPort, payload))));
  }

  pcap(): Buffer {
    return pcapBytes(this.#frames);
  }
}

export const client: Host = { mac: '02:00:5e:00:53:01', ip: '192.0.2.10' };
export const server: Host = { mac: '02:00:5e:00:53:fe', ip: '198.51.100.80' };
export const client6: Host = { mac: '02:00:5e:00:53:01', ip: '2001:db8::10' };
export const server6: Host = { mac: '02:00:5e:00:53:fe', ip: '2001:db8:0:1::80' };

/** One TCP connection. Each side acknowledges what the other has sent so far. */
export class Connection {
  readonly #tap: Tap;
  readonly #ends: readonly [readonly [Host, number], readonly [Host, number]];
  readonly #next: [number, number];
  readonly #wrap: Wrap;
  /** Payload of the last segment of each side. */
  readonly #last: [Uint8Array, Uint8Array] = [Buffer.alloc(0), Buffer.alloc(0)];

  constructor(
    tap: Tap,
    from: readonly [Host, number],
    to: readonly [Host, number],
    options: { readonly wrap?: Wrap; readonly sequences?: readonly [number, number] } = {},
  ) {
    this.#tap = tap;
    this.#ends = [from, to];
    this.#next = [...(options.sequences ?? [1000, 5000])];
    this.#wrap = options.wrap ?? plain;
  }

  #segment(side: 0 | 1, flags: number, payload: Uint8Array = Buffer.alloc(0), seen = true): void {
    const [from, fromPort] = this.#ends[side];
    const [to, toPort] = this.#ends[side === 0 ? 1 : 0];
    const acknowledgement = (flags & Flag.ack) === 0 ? 0 : this.#next[side === 0 ? 1 : 0];
    const words = { fromPort, toPort, sequence: this.#next[side], acknowledgement, flags, payload };
    if (payload.length > 0) this.#last[side] = payload;
    if (seen) this.#tap.frame(this.#wrap(from, to, ip(from, to, Protocol.tcp, tcp(from, to, words))));
    this.#next[side] += payload.length + ((flags & (Flag.syn | Flag.fin)) === 0 ? 0 : 1);
  }

  open(): this {
    this.#segment(0, Flag.syn);
    this.#segment(1, Flag.syn | Flag.ack);
    this.#segment(0, Flag.ack);
    return this;
  }

  /** Sends bytes in segments of at most `size`. */
  say(side: 0 | 1, bytes: string | Uint8Array, size = 1400): this {
    const all = typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes;
    for (let at = 0; at < all.length; at += size) this.#segment(side, Flag.psh | Flag.ack, all.subarray(at, at + size));
    return this;
  }

  /** The capture misses a segment that the other side got. */
  lose(side: 0 | 1, bytes: string | Uint8Array): this {
    this.#segment(side, Flag.psh | Flag.ack, typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes, false);
    return this;
  }

  synOnly(): this {
    this.#segment(0, Flag.syn);
    return this;
  }

  /** Sends the last segment of a side once more. */
  again(side: 0 | 1): this {
    this.#next[side] -= this.#last[side].length;
    return this.say(side, this.#last[side]);
  }

  /** Two segments, the second of which overtakes the first. */
  swap(side: 0 | 1, first: string, second: string): this {
    this.#next[side] += first.length;
    this.say(side, second);
    this.#next[side] -= first.length + second.length;
    this.say(side, first);
    this.#next[side] += second.length;
    return this;
  }

  acknowledge(side: 0 | 1): this {
    this.#segment(side, Flag.ack);
    return this;
  }

  wait(ms: number): this {
    this.#tap.wait(ms);
    return this;
  }

  finish(side: 0 | 1): this {
    this.#segment(side, Flag.fin | Flag.ack);
    return this;
  }

  close(): void {
    this.finish(0).finish(1).acknowledge(0);
  }

  reset(side: 0 | 1): void {
    this.#segment(side, Flag.rst | Flag.ack);
  }
}
