// Where one direction of a session stands in its stream of messages. Plain state; the decoder moves it, on a packet
// worker.

import { ChunkReader } from './chunk-reader.ts';
import { LineCarry } from './line-carry.ts';
import type { HttpTransaction, Message } from './transaction.ts';

export const Role = { unknown: 0, requests: 1, responses: 2 } as const;
export type Role = (typeof Role)[keyof typeof Role];

export const Phase = {
  /** Before a first line. */
  idle: 0,
  head: 1,
  /** Body of known length. */
  counted: 2,
  chunked: 3,
  /** Body that ends with the connection. */
  untilClose: 4,
  /** Searches the next first line. */
  lost: 5,
  /** The server has answered an `Expect: 100-continue` finally: a body or the next request may come. */
  bodyOrRequest: 6,
  /** After CONNECT: what comes before the answer is the other protocol's. */
  tunnel: 7,
  /** Found no first line within `resync_bytes`; the rest of this direction is not read. */
  deaf: 8,
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

/** Longest skip asked for at once, in bytes: a longer body is skipped in several goes. */
const maxSkipBytes = 0x40000000;

export class Side {
  role: Role = Role.unknown;
  phase: Phase = Phase.idle;
  readonly carry = new LineCarry();
  /** Made with the first chunked body. */
  chunks: ChunkReader | undefined = undefined;
  /** Of the message at hand; undefined in phases idle and lost. */
  transaction: HttpTransaction | undefined = undefined;
  message: Message | undefined = undefined;
  /** Time of the first byte of the line at hand. */
  lineUs = 0;
  /** Phase counted: bytes of the body still to come. */
  left = 0;
  /** Bytes to skip that were asked for and not yet reported; 0 none. */
  asked = 0;
  /** Phase lost: the rest of the line at hand is passed over. */
  passLine = false;
  /** Phase lost: the carry, or what comes next when it is empty, begins like a first line. */
  candidate = false;
  /** Phase lost: bytes searched. */
  searchedBytes = 0;
  /** Messages may have been lost since the last one read. */
  afterLoss = false;
  /** The response to come is the final one of the transaction at hand, after a 1xx. */
  interim: HttpTransaction | undefined = undefined;
  /** Phase tunnel: bytes came before the answer. */
  tunnelled = false;

  /** Begins with a session. */
  begin(): void {
    this.role = Role.unknown;
    this.phase = Phase.idle;
    this.carry.clear();
    this.transaction = undefined;
    this.message = undefined;
    this.lineUs = 0;
    this.left = 0;
    this.asked = 0;
    this.passLine = false;
    this.candidate = false;
    this.searchedBytes = 0;
    this.afterLoss = false;
    this.interim = undefined;
    this.tunnelled = false;
  }

  startChunks(maxTrailerBytes: number): void {
    this.phase = Phase.chunked;
    this.chunks ??= new ChunkReader(maxTrailerBytes);
    this.chunks.start();
  }

  /** Between messages again. */
  rest(): void {
    this.phase = Phase.idle;
    this.transaction = undefined;
    this.message = undefined;
  }

  /** Lost: the next first line is to be searched, from here or (`passLine`) after this line. */
  lose(passLine: boolean): void {
    this.rest();
    this.carry.clear();
    this.phase = Phase.lost;
    this.passLine = passLine;
    this.candidate = false;
    this.searchedBytes = 0;
    this.afterLoss = true;
  }

  hasLostResponses(): boolean {
    return this.role === Role.responses && (this.phase === Phase.lost || this.phase === Phase.deaf);
  }

  /** How much of the body still to come may be skipped, as nobody wants to read it. */
  askToSkip(): number {
    let left = 0;
    if (this.phase === Phase.deaf) left = maxSkipBytes;
    else if (this.phase === Phase.chunked) left = this.chunks?.left ?? 0;
    else if (this.phase === Phase.counted && !this.mayHoldBody()) left = this.left;
    if (left > maxSkipBytes) left = maxSkipBytes;
    this.asked = left;
    return left;
  }

  /** The client may wait for the answer to `Expect: 100-continue`, and then leave the body out. */
  mayHoldBody(): boolean {
    return this.role === Role.requests && this.message?.bodyBytes === 0 && this.transaction?.expectsContinue === true;
  }
}
