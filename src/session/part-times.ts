// When a long session is saved in parts. The session engine asks with each packet, on its packet worker.

import type { Recognizer } from '../decoders/index.ts';
import { Protocol } from './protocols.ts';
import type { SessionConfig } from './session-config.ts';
import { Probing, Slot } from './slot-layout.ts';

/** Whole milliseconds modulo 2^32: differences up to 24 days are right. */
export function milliseconds(us: number): number {
  return (us * 0.001) | 0;
}

export interface PartOptions {
  /** Milliseconds of a part; infinity: as long as the session. */
  readonly saveMs: number;
  readonly savePackets: number;
  /** By decoder: its own time where sessions are Arkime's, or infinity. */
  readonly ownMs: number[];
}

export function partOptions(config: SessionConfig, recognizer: Recognizer): PartOptions {
  return {
    saveMs: config.save_secs === 0 ? Number.POSITIVE_INFINITY : config.save_secs * 1000,
    savePackets: config.save_packets === 0 ? Number.POSITIVE_INFINITY : config.save_packets,
    ownMs: recognizer.decoders.map(({ definition }) => (definition.saveSecs ?? Number.POSITIVE_INFINITY) * 1000),
  };
}

export class PartTimes {
  readonly #words: Int32Array;
  readonly #options: PartOptions;

  constructor(options: PartOptions, words: Int32Array) {
    this.#words = words;
    this.#options = options;
  }

  /** Before a packet is counted: does it begin the next part? */
  isDue(base: number, clockUs: number): boolean {
    return this.#lasted(base, clockUs) >= this.#options.saveMs || this.#packets(base) >= this.#options.savePackets;
  }

  /** Where sessions are Arkime's, with the packet counted, but for what its TCP header and payload say: is the part full? */
  isFull(base: number, clockUs: number): boolean {
    if (this.#packets(base) >= this.#options.savePackets) return true;
    const decoder = (((this.#words[base + Slot.probing] as number) >>> Probing.decoderShift) & 0xff) - 1;
    return decoder >= 0 && this.#lasted(base, clockUs) > (this.#options.ownMs[decoder] as number);
  }

  /** The same, with the packet handled: TCP only, and whole seconds are over when the next one has begun. */
  isLong(base: number, clockUs: number): boolean {
    const protocol = ((this.#words[base + Slot.protocol] as number) >>> 16) & 0xff;
    return protocol === Protocol.tcp && this.#lasted(base, clockUs) > this.#options.saveMs;
  }

  #lasted(base: number, clockUs: number): number {
    return (milliseconds(clockUs) - (this.#words[base + Slot.partMs] as number)) | 0;
  }

  #packets(base: number): number {
    return (this.#words[base + Slot.side0] as number) + (this.#words[base + Slot.side1] as number);
  }
}
