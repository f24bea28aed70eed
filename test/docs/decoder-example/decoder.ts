// The memcached text protocol in one session: replies come in the order of the commands. Blocks of data are skipped by
// count. Made for each session by the definition; runs on packet workers.

import {
  type Decoder,
  type DecoderContext,
  type Direction,
  DONE,
  type EndReason,
  type Outcome,
} from '../../../src/decoders/contract.ts';
import { memcachedAnomalies } from './anomalies.ts';
import { memcachedFields } from './fields.ts';
import type { MemcachedOptions } from './options.ts';
import { type Exchange, memcachedRecord } from './record.ts';

const stores = /^(?:set|add|replace|append|prepend|cas)$/;
const replies = /^(?:VALUE|STORED|NOT_STORED|EXISTS|NOT_FOUND|DELETED|TOUCHED|END|ERROR|CLIENT_ERROR|SERVER_ERROR|\d+)\b/;
const failures = /^(?:NOT_STORED|EXISTS|NOT_FOUND|ERROR|CLIENT_ERROR|SERVER_ERROR)$/;
const stop = -1;

export class MemcachedDecoder implements Decoder {
  readonly #context: DecoderContext;
  readonly #options: MemcachedOptions;
  /** What is there of an unfinished line, by direction, and when it began. */
  readonly #lines: [string, string] = ['', ''];
  readonly #beganUs: [number, number] = [0, 0];
  /** The direction that sends commands: after a midstream pick-up it may be either. */
  #client: Direction | undefined = undefined;
  #pending: Exchange[] = [];

  constructor(context: DecoderContext, options: MemcachedOptions) {
    this.#context = context;
    this.#options = options;
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number, timeUs: number): number {
    for (let at = from; at < to; ) {
      if (this.#lines[direction] === '') this.#beganUs[direction] = timeUs;
      const end = lineEnd(bytes, at, to);
      this.#lines[direction] += bytes.toString('latin1', at, end < 0 ? to : end);
      if (this.#lines[direction].length > this.#options.max_line_bytes) {
        this.#context.anomaly(memcachedAnomalies.line_too_long, timeUs);
        return DONE;
      }
      if (end < 0) return 0;
      const line = this.#lines[direction].trimEnd();
      this.#lines[direction] = '';
      const block = this.#line(direction, line, timeUs);
      if (block === stop) {
        this.#context.anomaly(memcachedAnomalies.bad_length, timeUs);
        return DONE;
      }
      at = end + block;
      // The block goes on in later segments: the stream counts it off, and may never show it to us.
      if (at > to) return at - to;
    }
    return 0;
  }

  /** Lost bytes inside a block change nothing here: its length is known. */
  skipped(): void {}

  /** A line or the length of a block may be in the hole, so the order of commands and replies is no longer sure. */
  gap(_direction: Direction, _length: number, timeUs: number): boolean {
    this.#emitAll('truncated', timeUs);
    return false;
  }

  finished(): void {}

  end(reason: EndReason, timeUs: number): void {
    this.#emitAll(reason === 'reset' || reason === 'timeout' ? reason : 'unanswered', timeUs);
  }

  /** @returns bytes of the block that follows the line, or `stop` */
  #line(direction: Direction, line: string, timeUs: number): number {
    this.#client ??= replies.test(line) ? (direction === 0 ? 1 : 0) : direction;
    return direction === this.#client ? this.#command(line, this.#beganUs[direction], timeUs) : this.#reply(line, timeUs);
  }

  #command(line: string, startUs: number, timeUs: number): number {
    const words = line.split(' ');
    const [command = '', key = ''] = words;
    const block = stores.test(command) ? blockBytes(words[4]) : 0;
    if (block === stop) return stop;
    if (this.#pending.length === this.#options.max_pending) {
      this.#context.anomaly(memcachedAnomalies.too_many_pending, timeUs);
      this.#emit(this.#pending.shift() as Exchange, 'unanswered', timeUs);
    }
    const storedBytes = Math.max(0, block - 2);
    const exchange: Exchange = {
      ...{ command, key, storedBytes, startUs },
      ...{ returnedBytes: 0, hits: 0, reply: '', endUs: 0, outcome: 'unanswered' },
    };
    if (words.at(-1) === 'noreply') this.#emit(exchange, 'unanswered', timeUs);
    else this.#pending.push(exchange);
    return block;
  }

  #reply(line: string, timeUs: number): number {
    const words = line.split(' ');
    const reply = words[0] as string;
    const open = this.#pending[0];
    if (reply === 'VALUE') {
      const block = blockBytes(words[3]);
      if (block === stop) return stop;
      if (open !== undefined) {
        open.hits += 1;
        open.returnedBytes += block - 2;
      }
      return block;
    }
    if (reply === 'STAT') return 0;
    if (open === undefined) {
      this.#context.anomaly(memcachedAnomalies.unexpected_reply, timeUs);
      return 0;
    }
    this.#pending.shift();
    open.reply = reply;
    this.#emit(open, failures.test(reply) ? 'failure' : 'success', timeUs);
    return 0;
  }

  #emit(exchange: Exchange, outcome: Outcome, timeUs: number): void {
    exchange.outcome = outcome;
    exchange.endUs = timeUs;
    this.#context.note(memcachedFields.command, exchange.command);
    this.#context.emit(memcachedRecord, exchange, exchange.startUs);
  }

  #emitAll(outcome: Outcome, timeUs: number): void {
    for (const exchange of this.#pending) this.#emit(exchange, outcome, timeUs);
    this.#pending = [];
  }
}

/** Behind the line feed, or -1. Not `indexOf`, which would look beyond `to`, through the whole ring. */
function lineEnd(bytes: Buffer, from: number, to: number): number {
  for (let at = from; at < to; at++) if (bytes[at] === 0x0a) return at + 1;
  return -1;
}

/** Bytes of a block with its CRLF, from the word that says so. */
function blockBytes(word = ''): number {
  return /^\d{1,9}$/.test(word) ? Number(word) + 2 : stop;
}
