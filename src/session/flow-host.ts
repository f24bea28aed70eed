// What a flow needs of the engine that owns it.

import type { CounterBlock } from '../counters/index.ts';
import type { Recognizer } from '../decoders/index.ts';
import type { Anomaly, RecordType } from '../record/index.ts';
import type { Flow } from './flow.ts';
import type { SessionConfig } from './session-config.ts';

export interface FlowHost {
  readonly config: SessionConfig;
  readonly counters: CounterBlock;
  readonly recognizer: Recognizer;
  emitRecord<R>(flow: Flow, type: RecordType<R>, record: R, timeUs: number): void;
  emitAnomaly(flow: Flow, anomaly: Anomaly, timeUs: number): void;
  /** Nobody wants the session's payload any more. */
  payloadUnwanted(flow: Flow): void;
  /** Bytes that were never captured have been acknowledged by their receiver. */
  tcpHoleAcked(flow: Flow, timeUs: number): void;
}
