// What a record says, in one go: members of its JSON in their order, with the objects around them. Record types say which facts of
// their session they have, and which values; the compiler makes plans of that, and a scribe has them written.

import type { SessionField } from './contract.ts';

/** Facts of a session, by the names of their numbers in the addon. */
export type FactName =
  | 'id'
  | 'address'
  | 'port'
  | 'mac'
  | 'networkType'
  | 'transport'
  | 'ianaNumber'
  | 'communityId'
  | 'start'
  | 'end'
  | 'duration'
  | 'firstProtocol'
  | 'protocols'
  | 'allPackets'
  | 'allBytes'
  | 'vlan'
  | 'reason'
  | 'part'
  | 'midstream'
  | 'tcpState'
  | 'handshakeUs'
  | 'packets'
  | 'bytes'
  | 'payloadBytes'
  | 'ttl'
  | 'duplicates'
  | 'tcpFlags'
  | 'gapBytes'
  | 'retransmitted'
  | 'outOfOrder';

/** How a document has what is noted for a field. */
export interface NotedPath {
  /** Names with dots between them. */
  readonly path: string;
  /** All values, as a list; false: the first one. */
  readonly many: boolean;
  /** Ending of the sibling that has the number of values. */
  readonly count?: string | undefined;
  /** Bytes from 0x80 on are characters of Latin-1. */
  readonly latin?: boolean;
}

/**
 * How a document has a field; undefined: not at all. Asked when a session has it for the first time, as most fields never come. Fields of
 * one path have one form.
 */
export type PathOf = (field: SessionField) => NotedPath | undefined;

export type FactStep =
  | { readonly step: 'text'; readonly text: string }
  /** An object: `,"name":`. */
  | { readonly step: 'open'; readonly text: string }
  | { readonly step: 'close' }
  /** The time of the record. */
  | { readonly step: 'time' }
  /** A member, `,"name":` and its value, or nothing where there is no value. */
  | { readonly step: 'fact'; readonly text: string; readonly fact: FactName; readonly which: number }
  /** Likewise, of a value that the record has been given. */
  | { readonly step: 'value'; readonly text: string; readonly index: number }
  /** All that is noted of the session, as members sorted by path. One of a plan at most. */
  | { readonly step: 'notes'; readonly pathOf: PathOf };

/** Most bytes of a value, but for those of any length, and of what is overwritten behind the last. */
const valueMost = 80;
const behindMost = 32;
/** Values of a plan: an index is a byte. */
const valuesMost = 256;
/** Plans of a thread. */
let plans = 0;

export class FactPlan {
  /** Of this thread's plans. */
  readonly number: number;
  readonly steps: readonly FactStep[];
  /** Most bytes of all but values of any length. */
  readonly most: number;
  /** There are facts that streams have and their slot does not know at once. */
  readonly ofStreams: boolean;
  /** Of a plan that says what is noted of a session. */
  readonly pathOf: PathOf | undefined;

  /** Indexes of values are in the order of the steps. */
  constructor(steps: readonly FactStep[]) {
    if (steps.filter(({ step }) => step === 'value').length > valuesMost) throw new RangeError('a record has too many values');
    this.number = plans++;
    this.steps = steps;
    this.most = steps.reduce((sum, step) => sum + mostOf(step), behindMost);
    this.ofStreams = steps.some((step) => step.step === 'fact' && step.fact === 'gapBytes');
    this.pathOf = steps.find((step) => step.step === 'notes')?.pathOf;
  }
}

function mostOf(step: FactStep): number {
  if (step.step === 'close') return 1;
  if (step.step === 'time') return valueMost;
  if (step.step === 'notes') return 0;
  return step.text.length + (step.step === 'fact' || step.step === 'value' ? valueMost : 0);
}
