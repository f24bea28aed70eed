export { diameterAnomalies } from './anomalies.ts';
export { diameterFields } from './fields.ts';
export { headerLength, isHeader, messageLength, readMessage } from './message.ts';
