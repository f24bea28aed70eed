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
} as const;
export type Phase = (typeof Phase)[keyof typeof Phase];

export class Side {
  role: Role = Role.unknown;
  phase: Phase = Phase.idle;
  readonly carry = new LineCarry();
  readonly chunks: ChunkReader;
  /** Of the message at hand; undefined in phases idle and lost. */
  transaction: HttpTransaction | undefined = undefined;
  message: Message | undefined = undefined;
  /** Time of the first byte of the line at hand. */
  lineUs = 0;
  /** Phase counted: bytes of the body still to come. */
  left = 0;
  /** Bytes to skip that were asked for and not yet reported; 0 none. */
  asked = 0;
  /** Phase lost: the next byte begins a line. */
  atLineStart = false;
  /** Phase lost: bytes searched. */
  searchedBytes = 0;
  /** Messages may have been lost since the last one read. */
  afterLoss = false;
  /** The response to come is the final one of the transaction at hand, after a 1xx. */
  interim: HttpTransaction | undefined = undefined;
  /** Phase tunnel: bytes came before the answer. */
  tunnelled = false;

  constructor(maxTrailerBytes: number) {
    this.chunks = new ChunkReader(maxTrailerBytes);
  }

  /** Between messages again. */
  rest(): void {
    this.phase = Phase.idle;
    this.transaction = undefined;
    this.message = undefined;
  }

  /** Lost: the next first line is to be searched, from this byte or (`atLineStart` false) from the next line on. */
  lose(atLineStart: boolean): void {
    this.rest();
    this.carry.clear();
    this.phase = Phase.lost;
    this.atLineStart = atLineStart;
    this.searchedBytes = 0;
    this.afterLoss = true;
  }
}
