export { RecordScribe } from './record-scribe.ts';
