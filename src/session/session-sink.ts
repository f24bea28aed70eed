// Where what the session engine makes goes. The pipeline implements it.

import type { Anomaly, FactPlan, RecordType, SessionEnd, SessionFacts, SessionField } from '../record/index.ts';

/** `facts` is a view that is valid during the call only. A sink must not call the engine. */
export interface SessionSink {
  /** Where many may be ended at once; not there: each comes by itself. */
  readonly run?: SessionRun | undefined;
  /** Outputs have enough to take: whoever has much more to say says it later. Not there: never. */
  readonly isCrowded?: boolean;
  /**
   * A session has ended, or a part of it.
   * @param timeUs logical time of the end, the same in every run over the same capture: the end of the idle time, or the
   *   last packet
   */
  session(facts: SessionFacts, reason: SessionEnd, timeUs: number): void;
  /** A decoder yields a transaction. */
  record<R>(type: RecordType<R>, record: R, facts: SessionFacts, timeUs: number): void;
  /** The first anomaly of its name in a session. */
  anomaly(anomaly: Anomaly, facts: SessionFacts, timeUs: number): void;
}

/**
 * Records of sessions that end with nothing but what their slots know, written one behind the other where the only output that
 * wants them takes them. As a call of `session` for each.
 */
export interface SessionRun {
  readonly plan: FactPlan;
  /** Sessions of which one of these is noted have a value that is not in the plan. */
  readonly notedValues: readonly SessionField[];
  /** Memory with room for records in `[at, end)`, after `begin`. */
  readonly target: Buffer;
  readonly at: number;
  readonly end: number;
  /** What stands in the head of each. */
  readonly recordType: number;
  /** No record has a smaller logical time. */
  readonly floorUs: number;
  /** As of the sink. */
  readonly isCrowded: boolean;
  /** False: there is no room now. */
  begin(): boolean;
  /** `records` stand in `[at, to)`, of `bytes` without their heads; none: not to be called. */
  finish(to: number, records: number, bytes: number): void;
  /** So many of the sessions had these protocols. */
  ended(protocols: readonly string[], sessions: number): void;
}
