export { type NotedFields, RecordScribe } from './record-scribe.ts';
