export { ArkimeEncoder, type ArkimeOptions, ArkimeSession } from './arkime-encoder.ts';
export { ByteViews } from './byte-views.ts';
export {
  type Anomaly,
  type ArkimeField,
  defineAnomalies,
  defineRecordType,
  type FactField,
  type Field,
  type FieldHead,
  type FieldType,
  type FieldValue,
  fieldsOf,
  type RecordType,
  type SessionField,
} from './contract.ts';
export { EcsEncoder, type EcsRecord, ecsOwnFields, ecsVersion } from './ecs-encoder.ts';
export { ByteText, JsonText } from './encoded-values.ts';
export { type FactName, FactPlan, type FactStep, type NotedPath, type PathOf } from './fact-plan.ts';
export { FieldNames, fieldValueOf, inCaseOf } from './field-names.ts';
export { type FieldDocument, type RecordProvider, RecordRegistry } from './field-registry.ts';
export { type CaptureFile, fileRecordType } from './file-record.ts';
export { type IndexRotation, indexRotations, indexSuffix } from './index-suffix.ts';
export { JsonWriter } from './json-writer.ts';
export { positionGaps } from './position-gaps.ts';
export type { Scribe, ValueSink } from './scribe.ts';
export { anomalyRecordType, type StatsSnapshot, statsRecordType } from './sensor-records.ts';
export { type Distinct, type SessionDetails, TcpFlagCount, tcpFlagNames } from './session-details.ts';
export { type SessionEnd, type SessionFacts, sessionEnds, type TunnelFacts } from './session-facts.ts';
export { flowFields, sessionRecordType } from './session-record.ts';
export { assetField, commonFields, hostField, tagsField, userField } from './shared-fields.ts';
