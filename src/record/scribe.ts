// What has the addon write a record, as this room sees it: a plan says what is written under which names, the values that a decoder
// has found are put in first. Sessions have one of their own, which knows their facts (`SessionFacts.scribe`).

import type { FieldValue } from './contract.ts';
import type { FactPlan } from './fact-plan.ts';

/** Takes the values of a record, in the order of their indexes in its plan. */
export interface ValueSink {
  /** undefined, null, '' and what is empty are left out of the record. Bytes have to stay as they are until it is written. */
  put(index: number, value: FieldValue | null): void;
  /** As `put`; a number is microseconds since 1970. */
  date(index: number, value: FieldValue | null): void;
}

export interface Scribe {
  /** For the values of the next record. */
  begin(): ValueSink;
  /**
   * Writes a record at `at` of `target`, where there is room for `plan.most` bytes behind `limit`: what is of any length ends there
   * or before.
   * @returns the end, or -1 when it does not fit
   */
  write(plan: FactPlan, target: Uint8Array, at: number, limit: number, timeUs: number): number;
}
