// HTTP/2 in the clear (RFC 9113), from the preface on: what its messages hold, for Arkime's document. Frames are walked, header blocks
// collected and read, bodies digested, all else skipped by count. Without anybody who wants that document it stops after the preface.
// Runs on packet workers.

import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import * as http from '../http-details/index.ts';
import { http2Anomalies } from './anomalies.ts';
import { HeaderReader } from './hpack.ts';
import { MessageNotes } from './message-notes.ts';
import { preface } from './preface.ts';

const FrameType = { data: 0, headers: 1, reset: 3, pushPromise: 5, continuation: 9 } as const;
const Flag = { endStream: 0x01, endHeaders: 0x04, padded: 0x08, priority: 0x20 } as const;
const frameHeadBytes = 9;
/** Longest skip asked for at once. */
const skipMost = 0x40000000;

export interface Http2Settings {
  readonly maxHeadBytes: number;
  readonly maxStreams: number;
  readonly details: http.DetailSettings;
}

const Phase = { start: 0, preface: 1, head: 2, payload: 3 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

class Side {
  phase: Phase = Phase.start;
  /** Bytes of the preface that were seen. */
  prefaceLength = 0;
  readonly head = Buffer.alloc(frameHeadBytes);
  headLength = 0;
  type = 0;
  flags = 0;
  stream = 0;
  /** Bytes of the frame's payload that are still to come; behind `fixed` and before `padding` lies what it carries. */
  left = 0;
  fixed = 0;
  padding = 0;
  needsPadding = false;
  /** The header block under way, and its stream; 0 none. */
  block: Buffer = Buffer.alloc(0);
  blockLength = 0;
  blockStream = 0;
  blockEnds = false;
  readonly headers = new HeaderReader();
  readonly bodies = new Map<number, http.BodyDigest>();
}

export class Http2Decoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #settings: Http2Settings;
  readonly #sides: readonly [Side, Side] = [new Side(), new Side()];
  readonly #notes: MessageNotes;
  /** Whose frames are requests: who sent the preface. */
  #client: Direction = 0;

  constructor(context: DecoderContext, settings: Http2Settings) {
    this.#context = context;
    this.#settings = settings;
    this.#notes = new MessageNotes(context, settings.details);
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    const side = this.#sides[direction];
    let at = from;
    while (at < to) {
      if (side.phase === Phase.start) side.phase = bytes[at] === preface[0] ? Phase.preface : Phase.head;
      if (side.phase === Phase.preface) {
        if (bytes[at++] !== preface[side.prefaceLength++]) return this.#giveUp(http2Anomalies.bad_frame, timeUs);
        if (side.prefaceLength < preface.length) continue;
        side.phase = Phase.head;
        this.#client = direction;
        this.#context.protocol('http');
        this.#notes.preface();
        if (!this.#context.details) return DONE;
      } else if (side.phase === Phase.head) {
        side.head[side.headLength++] = bytes[at++] as number;
        if (side.headLength < frameHeadBytes) continue;
        side.headLength = 0;
        if (!this.#beginFrame(side)) return this.#giveUp(http2Anomalies.bad_frame, timeUs);
        if (side.left === 0 && !this.#endFrame(direction, side)) return this.#giveUp(http2Anomalies.bad_header_block, timeUs);
      } else {
        const taken = this.#payload(direction, side, bytes, at, to, timeUs);
        if (taken < 0) return DONE;
        at += taken;
        if (side.left === 0 && !this.#endFrame(direction, side)) return this.#giveUp(http2Anomalies.bad_header_block, timeUs);
      }
    }
    return side.phase === Phase.payload && !isRead(side.type) ? Math.min(side.left, skipMost) : 0;
  }

  skipped(direction: Direction, length: number): void {
    const side = this.#sides[direction];
    side.left -= length;
    if (side.left <= 0) this.#endFrame(direction, side);
  }

  /** What a hole in a header block said is missing in all blocks after it, and no mark says where a frame begins. */
  gap(direction: Direction, length: number): boolean {
    const side = this.#sides[direction];
    if (side.phase !== Phase.payload || length === 0 || length >= side.left || isBlock(side.type)) return false;
    side.left -= length;
    side.bodies.get(side.stream)?.addHole();
    return side.type !== FrameType.data || !side.needsPadding;
  }

  finished(): void {}

  end(): void {
    for (const side of this.#sides) {
      for (const body of side.bodies.values()) body.end(false);
      side.bodies.clear();
    }
  }

  #giveUp(anomaly: (typeof http2Anomalies)[keyof typeof http2Anomalies], timeUs: number): number {
    this.#context.anomaly(anomaly, timeUs);
    return DONE;
  }

  /** The head of a frame is whole. False: there is no such frame here. */
  #beginFrame(side: Side): boolean {
    const { head } = side;
    side.left = head.readUIntBE(0, 3);
    side.type = head[3] as number;
    side.flags = head[4] as number;
    side.stream = head.readUInt32BE(5) & 0x7fffffff;
    side.phase = Phase.payload;
    side.fixed = 0;
    side.padding = 0;
    side.needsPadding = false;
    // Nothing may come between the frames of a header block.
    if ((side.blockStream !== 0) !== (side.type === FrameType.continuation)) return false;
    if (side.type === FrameType.continuation) return side.stream === side.blockStream;
    if (!isRead(side.type)) return true;
    if (side.stream === 0) return false;
    side.needsPadding = (side.flags & Flag.padded) !== 0;
    if (side.type === FrameType.headers && (side.flags & Flag.priority) !== 0) side.fixed = 5;
    if (side.type === FrameType.pushPromise) side.fixed = 4;
    if (side.type !== FrameType.data) {
      side.blockStream = side.stream;
      side.blockLength = 0;
      side.blockEnds = side.type === FrameType.headers && (side.flags & Flag.endStream) !== 0;
    }
    return side.left >= side.fixed + (side.needsPadding ? 1 : 0);
  }

  /** Takes payload from `bytes[from, to)`; returns how much, or -1: it gives up. */
  #payload(direction: Direction, side: Side, bytes: Buffer, from: number, to: number, timeUs: number): number {
    let at = from;
    const end = from + Math.min(side.left, to - from);
    if (side.needsPadding && at < end) {
      side.padding = bytes[at++] as number;
      side.left--;
      side.needsPadding = false;
      if (side.padding + side.fixed > side.left) return this.#giveUp(http2Anomalies.bad_frame, timeUs);
    }
    const fixed = Math.min(side.fixed, end - at);
    side.fixed -= fixed;
    side.left -= fixed;
    at += fixed;
    const wanted = Math.min(end - at, side.left - side.padding);
    if (wanted > 0 && side.type === FrameType.data)
      this.#body(direction, side, timeUs)?.add(direction === this.#client, bytes, at, at + wanted);
    if (wanted > 0 && isBlock(side.type)) {
      if (side.blockLength + wanted > this.#settings.maxHeadBytes) return this.#giveUp(http2Anomalies.head_too_large, timeUs);
      hold(side, bytes, at, at + wanted);
    }
    side.left -= end - at;
    return end - from;
  }

  #body(direction: Direction, side: Side, timeUs: number): http.BodyDigest | undefined {
    const known = this.#sides[direction].bodies.get(side.stream);
    if (known !== undefined) return known;
    if (side.bodies.size >= this.#settings.maxStreams) {
      this.#context.anomaly(http2Anomalies.too_many_streams, timeUs);
      return undefined;
    }
    const body = new http.BodyDigest(this.#context, { ...this.#settings.details.body, maxRequestBody: 0 });
    side.bodies.set(side.stream, body);
    return body;
  }

  /** The payload is over. False: the header block that ends with it cannot be read. */
  #endFrame(direction: Direction, side: Side): boolean {
    side.phase = Phase.head;
    const { type, flags, stream } = side;
    if (type === FrameType.data && (flags & Flag.endStream) !== 0) this.#endBody(side, stream, true);
    if (type === FrameType.reset) for (const each of this.#sides) this.#endBody(each, stream, false);
    if (!isBlock(type) || (flags & Flag.endHeaders) === 0) return true;
    const isRequest = direction === this.#client;
    side.blockStream = 0;
    const good = side.headers.read(side.block, 0, side.blockLength, (name, value) => this.#notes.header(isRequest, name, value));
    if (side.blockEnds) this.#endBody(side, stream, true);
    return good;
  }

  #endBody(side: Side, stream: number, whole: boolean): void {
    side.bodies.get(stream)?.end(whole);
    side.bodies.delete(stream);
  }
}

/** A frame with a part of a header block. */
function isBlock(type: number): boolean {
  return type === FrameType.headers || type === FrameType.pushPromise || type === FrameType.continuation;
}

function isRead(type: number): boolean {
  return type === FrameType.data || isBlock(type);
}

/** Adds to the header block of a side. */
function hold(side: Side, bytes: Buffer, from: number, to: number): void {
  const needed = side.blockLength + to - from;
  if (side.block.length < needed) {
    const larger = Buffer.allocUnsafe(Math.max(512, needed * 2));
    side.block.copy(larger, 0, 0, side.blockLength);
    side.block = larger;
  }
  bytes.copy(side.block, side.blockLength, from, to);
  side.blockLength = needed;
}
