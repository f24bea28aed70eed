// The chunked transfer coding (RFC 9112 section 7.1): sizes, extensions, line ends and trailers, byte by byte; the data
// of a chunk is only counted. One for each direction of a session, driven by the decoder on a packet worker.

import type { HttpDetails } from './details.ts';
import type { Message } from './transaction.ts';

export const ChunkState = { reading: 0, done: 1, bad: 2, trailersTooLong: 3 } as const;
export type ChunkState = (typeof ChunkState)[keyof typeof ChunkState];

const Phase = { size: 0, extension: 1, sizeEnd: 2, data: 3, dataEnd: 4, dataLineFeed: 5, trailers: 6 } as const;
type Phase = (typeof Phase)[keyof typeof Phase];

/** Longest chunk size line with its extensions. */
const maxSizeLineBytes = 4096;
const maxSizeDigits = 16;

const LF = 0x0a;
const CR = 0x0d;

export class ChunkReader {
  state: ChunkState = ChunkState.reading;
  /** Bytes of the current chunk's data that are still to come. */
  left = 0;
  private phase: Phase = Phase.size;
  private size = 0;
  private digits = 0;
  private lineBytes = 0;
  private trailerBytes = 0;
  private readonly maxTrailerBytes: number;

  constructor(maxTrailerBytes: number) {
    this.maxTrailerBytes = maxTrailerBytes;
  }

  start(): void {
    this.state = ChunkState.reading;
    this.left = 0;
    this.trailerBytes = 0;
    this.startSize();
  }

  private startSize(): void {
    this.phase = Phase.size;
    this.size = 0;
    this.digits = 0;
    this.lineBytes = 0;
  }

  /**
   * Reads `bytes[pos, to)`, adding to the message's body and framing bytes; `details` gets the data.
   * @returns where it stopped: `to`, or earlier when `state` is no longer `reading`. When it returns `to` with `left` > 0,
   * that many bytes may be skipped and told with `passed`.
   */
  read(bytes: Buffer, pos: number, to: number, message: Message, details: HttpDetails | undefined): number {
    let at = pos;
    while (at < to) {
      if (this.phase === Phase.data) {
        const taken = this.left < to - at ? this.left : to - at;
        message.bodyBytes += taken;
        details?.body(bytes, at, at + taken);
        at += taken;
        this.left -= taken;
        if (this.left === 0) this.phase = Phase.dataEnd;
        continue;
      }
      this.step(bytes[at] as number);
      if (this.state === ChunkState.bad) return at;
      message.framingBytes++;
      at++;
      if (this.state !== ChunkState.reading) return at;
    }
    return at;
  }

  /** `length` bytes of the current chunk's data went by unread; at most `left`. */
  passed(length: number, message: Message): void {
    message.bodyBytes += length;
    this.left -= length;
    if (this.left === 0) this.phase = Phase.dataEnd;
  }

  private step(byte: number): void {
    switch (this.phase) {
      case Phase.size:
        this.stepSize(byte);
        return;
      case Phase.extension:
        if (byte === LF) this.endSize();
        else if (++this.lineBytes > maxSizeLineBytes) this.state = ChunkState.bad;
        return;
      case Phase.sizeEnd:
        if (byte === LF) this.endSize();
        else this.state = ChunkState.bad;
        return;
      case Phase.dataEnd:
        if (byte === LF) this.startSize();
        else if (byte === CR) this.phase = Phase.dataLineFeed;
        else this.state = ChunkState.bad;
        return;
      case Phase.dataLineFeed:
        if (byte === LF) this.startSize();
        else this.state = ChunkState.bad;
        return;
      default:
        this.stepTrailer(byte);
    }
  }

  private stepSize(byte: number): void {
    const value = hexValue(byte);
    if (value >= 0) {
      this.size = this.size * 16 + value;
      if (++this.digits > maxSizeDigits || this.size > Number.MAX_SAFE_INTEGER) this.state = ChunkState.bad;
      return;
    }
    if (this.digits === 0) this.state = ChunkState.bad;
    else if (byte === LF) this.endSize();
    else if (byte === CR) this.phase = Phase.sizeEnd;
    // Old servers pad the size with spaces.
    else if (byte === 0x3b || byte === 0x20 || byte === 0x09) this.phase = Phase.extension;
    else this.state = ChunkState.bad;
  }

  private endSize(): void {
    this.lineBytes = 0;
    if (this.size === 0) {
      this.phase = Phase.trailers;
      return;
    }
    // As a small integer, where it is one: positions behind the chunk are counted with it.
    this.left = this.size <= 0x7fffffff ? this.size | 0 : this.size;
    this.phase = Phase.data;
  }

  /** Trailer lines are passed over up to the empty one. */
  private stepTrailer(byte: number): void {
    if (++this.trailerBytes > this.maxTrailerBytes) this.state = ChunkState.trailersTooLong;
    else if (byte === LF) {
      if (this.lineBytes === 0) this.state = ChunkState.done;
      this.lineBytes = 0;
    } else if (byte !== CR) this.lineBytes++;
  }
}

function hexValue(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const lower = byte | 0x20;
  return lower >= 0x61 && lower <= 0x66 ? lower - 0x57 : -1;
}
