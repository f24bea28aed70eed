// Where what the session engine makes goes. The pipeline implements it.

import type { Anomaly, RecordType, SessionEnd, SessionFacts } from '../record/index.ts';

/** `facts` is a view that is valid during the call only. A sink must not call the engine. */
export interface SessionSink {
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
