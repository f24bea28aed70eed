// When a long session is saved in parts. The session engine asks with each packet, on its packet worker.

import type { Recognizer } from '../decoders/index.ts';
import { Protocol } from './protocols.ts';
import type { SessionConfig } from './session-config.ts';
import { Probing, Slot } from './slot-layout.ts';

/** Whole milliseconds modulo 2^32: differences up to 24 days are right. */
export function milliseconds(us: number): number {
  return (us * 0.001) | 0;
}

export class PartTimes {
  readonly #words: Int32Array;
  readonly #saveMs: number;
  readonly #savePackets: number;
  /** By decoder: its own time where sessions are Arkime's, or infinity. */
  readonly #ownMs: readonly number[];

  constructor(config: SessionConfig, recognizer: Recognizer, words: Int32Array) {
    this.#words = words;
    this.#saveMs = config.save_secs === 0 ? Number.POSITIVE_INFINITY : config.save_secs * 1000;
    this.#savePackets = config.save_packets === 0 ? Number.POSITIVE_INFINITY : config.save_packets;
    this.#ownMs = recognizer.decoders.map(({ definition }) => (definition.saveSecs ?? Number.POSITIVE_INFINITY) * 1000);
  }

  /** Before a packet is counted: does it begin the next part? */
  isDue(base: number, clockUs: number): boolean {
    return this.#lasted(base, clockUs) >= this.#saveMs || this.#packets(base) >= this.#savePackets;
  }

  /**
   * Where sessions are Arkime's, with the packet counted, but for what its TCP header and payload say: is the part full?
   * @param uncounted packets that are not yet counted
   */
  isFull(base: number, clockUs: number, uncounted = 0): boolean {
    if (this.#packets(base) + uncounted >= this.#savePackets) return true;
    const decoder = (((this.#words[base + Slot.probing] as number) >>> Probing.decoderShift) & 0xff) - 1;
    return decoder >= 0 && this.#lasted(base, clockUs) > (this.#ownMs[decoder] as number);
  }

  /** The same, with the packet handled: TCP only, and whole seconds are over when the next one has begun. */
  isLong(base: number, clockUs: number): boolean {
    const protocol = ((this.#words[base + Slot.protocol] as number) >>> 16) & 0xff;
    return protocol === Protocol.tcp && this.#lasted(base, clockUs) > this.#saveMs;
  }

  #lasted(base: number, clockUs: number): number {
    return (milliseconds(clockUs) - (this.#words[base + Slot.partMs] as number)) | 0;
  }

  #packets(base: number): number {
    return (this.#words[base + Slot.side0] as number) + (this.#words[base + Slot.side1] as number);
  }
}
