export { dcerpcFields } from './fields.ts';
export { isPdu, notePdu, pduLength } from './pdu.ts';
