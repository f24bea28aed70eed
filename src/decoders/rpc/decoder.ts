// ONC RPC of one session: which programs are called. Made by the definition; runs on packet workers. Over TCP the first
// call tells: a connection is to one program.

import { type Decoder, type DecoderContext, type Direction, DONE } from '../contract.ts';
import { headBytes, markBytes, programNames, programOf } from './call.ts';

export class RpcDecoder implements Decoder {
  #context: DecoderContext;
  /** What there is of the first message, by direction. */
  readonly #heads: readonly [Buffer, Buffer] = [Buffer.alloc(markBytes + headBytes), Buffer.alloc(markBytes + headBytes)];
  readonly #used: [number, number] = [0, 0];

  constructor(context: DecoderContext) {
    this.#context = context;
  }

  get isIdle(): boolean {
    return this.#context.transport === 'udp';
  }

  recycle(context: DecoderContext): void {
    this.#context = context;
    this.#used.fill(0);
  }

  data(direction: Direction, bytes: Buffer, from: number, to: number): number {
    if (this.#context.transport === 'udp') {
      this.#name(programOf(bytes, from, to));
      return 0;
    }
    const head = this.#heads[direction];
    const used = this.#used[direction];
    const taken = Math.min(to - from, head.length - used);
    bytes.copy(head, used, from, from + taken);
    this.#used[direction] += taken;
    if (this.#used[direction] < head.length) return 0;
    const program = programOf(head, markBytes, head.length);
    this.#name(program);
    // A reply came first: the call may still come from the other side.
    return program >= 0 || this.#used[1 - direction] === head.length ? DONE : 0;
  }

  skipped(): void {}

  gap(): boolean {
    return this.#context.transport === 'udp';
  }

  finished(): void {}

  end(): void {}

  #name(program: number): void {
    const name = programNames.get(program);
    if (name !== undefined) this.#context.protocol(name);
  }
}
