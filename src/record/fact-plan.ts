// What is written of a session's facts in one go: members of a record's JSON in their order, with the objects around them. Record
// types say which facts they have, the compiler makes plans of that, and the session that the facts are of writes them
// (`SessionFacts.writeFacts`).

import type { FactField } from './contract.ts';

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
  | 'outOfOrder'
  | 'given';

export type FactStep =
  | { readonly step: 'text'; readonly text: string }
  /** An object: `,"name":`. */
  | { readonly step: 'open'; readonly text: string }
  | { readonly step: 'close' }
  /** The time of the record. */
  | { readonly step: 'time' }
  /** A member, `,"name":` and its value, or nothing where there is no value. */
  | { readonly step: 'fact'; readonly text: string; readonly fact: FactName; readonly which: number };

/** Most bytes of a fact's value, but for those of any length, and of what is overwritten behind the last. */
export const factMost = 80;
const behindMost = 32;
/** So many JSON texts a plan may be given. */
const givenMost = 3;
/** Plans of a thread. */
let plans = 0;

export class FactPlan {
  /** Of this thread's plans. */
  readonly number: number;
  readonly steps: readonly FactStep[];
  /** Most bytes of all but values of any length. */
  readonly most: number;
  /** Fields of which the session is given the JSON, in the order of `which`. */
  readonly given: readonly FactField[];
  /** There are facts that streams have and their slot does not know at once. */
  readonly ofStreams: boolean;

  /** `given`: of the `given` facts among the steps, the field of each. */
  constructor(steps: readonly FactStep[], given: readonly FactField[]) {
    const numbers = new Set(given.map(({ which }) => which ?? 0));
    if (numbers.size < given.length || [...numbers].some((number) => number >= givenMost))
      throw new RangeError('facts that are given have a number each');
    this.number = plans++;
    this.steps = steps;
    this.given = given.toSorted((a, b) => (a.which ?? 0) - (b.which ?? 0));
    this.most = steps.reduce((sum, step) => sum + mostOf(step), behindMost);
    this.ofStreams = steps.some((step) => step.step === 'fact' && step.fact === 'gapBytes');
  }
}

function mostOf(step: FactStep): number {
  if (step.step === 'close') return 1;
  const text = step.step === 'time' ? 0 : step.text.length;
  return text + (step.step === 'fact' || step.step === 'time' ? factMost : 0);
}
