export {
  type Anomaly,
  defineAnomalies,
  defineRecordType,
  type Field,
  type FieldType,
  type FieldValue,
  type RecordType,
  type SessionField,
} from './contract.ts';
export type { SessionEnd, SessionFacts, TunnelFacts } from './session-facts.ts';
