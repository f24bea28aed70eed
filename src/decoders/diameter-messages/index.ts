export { diameterAnomalies, diameterFields } from './fields.ts';
export { headerLength, isHeader, messageLength, readMessage } from './message.ts';
