// Cuts one direction of a DNS-over-TCP stream into messages: each has a two-byte length before it (RFC 1035 §4.2.2,
// RFC 7766 §8). Messages that lie whole in the bytes given are handed over in place; others are collected. After a hole
// the framer goes on by the length when it can, else it looks for the next place that is certainly a message. Packet
// workers; one for each direction of a session.
//
//   length ──► body ──► length …          hole within a body ──► rest ──► length
//      any other hole, or a message that was none ──► search ──► length, or lost after searchBytesMax

import { type Direction, Verdict } from '../contract.ts';
import { headerBytes } from './domain-name.ts';
import { probeStream } from './probe.ts';

export interface MessageSink {
  /** `whole` is false when the message's end was lost. @returns false when this was no DNS message. */
  message(
    direction: Direction,
    bytes: Buffer,
    from: number,
    to: number,
    firstUs: number,
    lastUs: number,
    whole: boolean,
  ): boolean;
  /** A length too short for any message. */
  badLength(timeUs: number): void;
  /** No message was found in `searchBytesMax`. */
  lostFraming(timeUs: number): void;
}

const State = { length: 0, lengthLow: 1, body: 2, rest: 3, search: 4, lost: 5 } as const;
type State = (typeof State)[keyof typeof State];

/** Bytes looked through for the next message before this direction is given up. */
const searchBytesMax = 128 * 1024;
/** More than `probeStream` needs to decide: length, header, name, type, class, and a record's head. */
const searchWindowBytes = 512;
/** First size of the buffer for a message in pieces; it doubles as bytes come, up to the message's length. */
const heldBytesFirst = 512;
/** A larger buffer is let go once its message is delivered. */
const heldBytesKept = 4096;

const none = Buffer.alloc(0);

export class StreamFramer {
  readonly #direction: Direction;
  readonly #sink: MessageSink;
  #state: State;
  /** Length of the message that is coming. */
  #length: number;
  /** Bytes of it (or, searching, of the window) in `#buffer`. */
  #held: number;
  #buffer: Buffer;
  /** Bytes of a damaged message still to pass. */
  #rest: number;
  /** Bytes looked through since the hole. */
  #searched: number;
  /** Time of the first byte of the message that is coming. */
  #firstUs: number;

  constructor(direction: Direction, sink: MessageSink) {
    this.#direction = direction;
    this.#sink = sink;
    this.#state = State.length;
    this.#length = 0;
    this.#held = 0;
    this.#buffer = none;
    this.#rest = 0;
    this.#searched = 0;
    this.#firstUs = 0;
  }

  /** Starts at the beginning of another stream. */
  begin(): void {
    this.#state = State.length;
    this.#held = 0;
  }

  /** Before the length of a message, with nothing known that a new one would not know. */
  get isAtStart(): boolean {
    return this.#state === State.length;
  }

  feed(bytes: Buffer, from: number, to: number, timeUs: number): void {
    let at = from;
    while (at < to) {
      switch (this.#state) {
        case State.length:
          this.#length = (bytes[at++] as number) << 8;
          this.#firstUs = timeUs;
          this.#state = State.lengthLow;
          break;
        case State.lengthLow:
          this.#length |= bytes[at++] as number;
          this.#held = 0;
          if (this.#length >= headerBytes) {
            this.#state = State.body;
          } else {
            this.#sink.badLength(timeUs);
            this.#startSearch();
          }
          break;
        case State.body:
          at = this.#takeBody(bytes, at, to, timeUs);
          break;
        case State.rest: {
          const passed = Math.min(this.#rest, to - at);
          this.#rest -= passed;
          at += passed;
          if (this.#rest === 0) this.#state = State.length;
          break;
        }
        case State.search:
          at = this.#search(bytes, at, to, timeUs);
          break;
        default:
          return;
      }
    }
  }

  /** `length` bytes are missing here; 0: nobody knows how many. */
  gap(length: number, timeUs: number): void {
    if (this.#state === State.lost) return;
    if (this.#state === State.body && length > 0 && length <= this.#length - this.#held) {
      const rest = this.#length - this.#held - length;
      this.#deliverHeld(timeUs);
      this.#rest = rest;
      this.#state = rest > 0 ? State.rest : State.length;
      return;
    }
    if (this.#state === State.rest && length > 0 && length <= this.#rest) {
      this.#rest -= length;
      if (this.#rest === 0) this.#state = State.length;
      return;
    }
    if (this.#state === State.body) this.#deliverHeld(timeUs);
    this.#startSearch();
  }

  /** No more bytes will come. @returns true when the stream ends within a message. */
  finish(timeUs: number): boolean {
    const open = this.#state === State.body || this.#state === State.lengthLow;
    if (this.#state === State.body) this.#deliverHeld(timeUs);
    this.#state = State.lost;
    this.#buffer = none;
    return open;
  }

  #takeBody(bytes: Buffer, at: number, to: number, timeUs: number): number {
    const end = at + this.#length - this.#held;
    if (this.#held === 0 && end <= to) {
      this.#state = State.length;
      if (!this.#sink.message(this.#direction, bytes, at, end, this.#firstUs, timeUs, true)) this.#startSearch();
      return end;
    }
    const upTo = Math.min(end, to);
    this.#hold(bytes, at, upTo);
    if (upTo === end) {
      this.#state = State.length;
      const length = this.#held;
      this.#held = 0;
      const understood = this.#sink.message(this.#direction, this.#buffer, 0, length, this.#firstUs, timeUs, true);
      if (this.#buffer.length > heldBytesKept) this.#buffer = none;
      if (!understood) this.#startSearch();
    }
    return upTo;
  }

  #hold(bytes: Buffer, from: number, to: number): void {
    const needed = this.#held + to - from;
    if (this.#buffer.length < needed) {
      const size = Math.min(this.#length, Math.max(needed, this.#buffer.length * 2, heldBytesFirst));
      const larger = Buffer.allocUnsafe(size);
      this.#buffer.copy(larger, 0, 0, this.#held);
      this.#buffer = larger;
    }
    bytes.copy(this.#buffer, this.#held, from, to);
    this.#held = needed;
  }

  #deliverHeld(timeUs: number): void {
    const length = this.#held;
    this.#held = 0;
    if (length >= headerBytes) this.#sink.message(this.#direction, this.#buffer, 0, length, this.#firstUs, timeUs, false);
  }

  #startSearch(): void {
    this.#state = State.search;
    this.#held = 0;
    this.#searched = 0;
    if (this.#buffer.length < searchWindowBytes) this.#buffer = Buffer.allocUnsafe(searchWindowBytes);
  }

  /** Moves a window over the bytes; what it decides depends on the bytes alone, not on how they were cut. */
  #search(bytes: Buffer, from: number, to: number, timeUs: number): number {
    const taken = Math.min(searchWindowBytes - this.#held, to - from);
    bytes.copy(this.#buffer, this.#held, from, from + taken);
    const end = this.#held + taken;
    let at = 0;
    for (; at < end; at++) {
      const verdict = probeStream(this.#buffer, at, end);
      if (verdict === Verdict.needMore) break;
      if (verdict === Verdict.certain) {
        // The window is used again should these bytes turn out to be none after all, so they move out of it.
        const found = Buffer.from(this.#buffer.subarray(at, end));
        this.#state = State.length;
        this.#held = 0;
        this.feed(found, 0, found.length, timeUs);
        return from + taken;
      }
    }
    this.#buffer.copy(this.#buffer, 0, at, end);
    this.#held = end - at;
    this.#searched += at;
    if (this.#searched > searchBytesMax || this.#held === searchWindowBytes) {
      this.#state = State.lost;
      this.#buffer = none;
      this.#sink.lostFraming(timeUs);
    }
    return from + taken;
  }
}
